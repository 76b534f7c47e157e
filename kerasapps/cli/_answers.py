"""What a model answered, as rows with named columns: for the eye, for programs, and as a CSV file."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.cli._show import number
from kerasapps.errors import ConfigError

_WIDEST_ROW = 12
_OF_THE_TARGET = ("predictions", "probabilities", "logits", "scores")
ROWS = "rows"
"""What models that make rows call them, as kerasapps.tasks.generative has it."""


def records(answer: Mapping[str, np.ndarray], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each row's outputs by name; for class numbers also "class", the name."""
    for i in range(len(next(iter(answer.values())))):
        row = {name: values[i] for name, values in answer.items()}
        yield {**row, "class": names[int(row["classes"])]} if "classes" in row else row


def table(
    answer: Mapping[str, np.ndarray], names: Sequence[str], features: Sequence[str] = ()
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the class and the probabilities, where these are few, or else every output.

    names: of the target's classes or reals. features: of the inputs' numbers, which a model may make, too.
    """
    heads, rows = _cells(answer, names, features, _WIDEST_ROW)
    return ["row", *heads], [[str(i), *map(_text, row)] for i, row in enumerate(rows)]


def write_table(
    path: Path, answer: Mapping[str, np.ndarray], names: Sequence[str], features: Sequence[str] = ()
) -> Path:
    """Write all columns with all their digits as CSV under their names; raises ConfigError where that cannot be."""
    heads, rows = _cells(answer, names, features)
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heads, *(map(str, row) for row in rows)])
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}. Give another file with --output.") from error
    return path


def _cells(
    answer: Mapping[str, np.ndarray], names: Sequence[str], features: Sequence[str], widest: int | None = None
) -> tuple[list[str], list[list[Any]]]:
    """Heads, and the values of each row; more than `widest` probabilities are left out."""
    if "classes" in answer and "probabilities" in answer:
        shown = names if widest is None or len(names) <= widest else ()
        best = ((row["class"], row["probabilities"]) for row in records(answer, names))
        rows = [[name, shares.max(), *shares[: len(shown)]] for name, shares in best]
        return ["class", "probability", *shown], rows
    flat = {name: values.reshape(len(values), -1) for name, values in answer.items()}
    heads = [head for name, values in flat.items() for head in _heads(name, values.shape[1], names, features)]
    return heads, [list(chain(*row)) for row in zip(*flat.values(), strict=True)]


def _heads(output: str, width: int, names: Sequence[str], features: Sequence[str]) -> list[str]:
    own = features if output == ROWS else names if output in _OF_THE_TARGET else ()
    if width == len(own):
        return list(own)
    return [output] if width == 1 else [f"{output}[{i}]" for i in range(width)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))
