"""Inputs that `predict` takes of a run: those of its first test row, typed, or in a file of the run."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.data.cells import write_csv
from kerasapps.data.inputs import begins_with_name
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column
from kerasapps.distribute.cluster import is_chief
from kerasapps.training.job import Job

NAME = "example"
"""Of the file, before its suffix."""
_TYPED = 60
"""Characters that are typed; longer inputs lie in a file."""


def example(job: Job) -> list[str]:
    """The arguments of `kerasapps predict RUN`; a file, which is written, by its name. [] where there is none."""
    data, asked = job.session.data, job.session.task.signatures()["serving_default"]
    if not asked.columns:
        return [f"{name}={argument.default}" for name, argument in asked.arguments.items() if argument.whole][:1]
    values = data.rows["test"].take(np.array([0])).read()
    row = {column: values[column.name][0] for column in data.preprocess.spec.inputs}
    with suppress(OSError):
        return _written(job.path / NAME, row) if is_chief() else []
    return []


def _written(path: Path, row: Mapping[Column, Any]) -> list[str]:
    (column, value), *others = row.items()
    if not others and column.shape:
        name = kind_of(column).save(column, value, path)
        return [name] if name else []
    texts = {column.title: _text(value) for column, value in row.items()}
    is_text = not others and kind_of(column).read is not None
    typed = list(texts.values()) if is_text else [f"{name}={text}" for name, text in texts.items()]
    taken_for_other = typed[0].startswith("-") or Path(typed[0]).suffix or begins_with_name(column, typed[0])
    size, plain = len(" ".join(typed)), not (is_text and taken_for_other)
    if size <= _TYPED and plain and all(map(str.isprintable, typed)):
        return typed
    return [write_csv(path.with_suffix(".csv"), [list(texts), list(texts.values())]).name]


def _text(value: Any) -> str:
    """A number as short as it is read back, another value as it is."""
    return str(value).removesuffix(".0") if isinstance(value, np.floating) else str(value)
