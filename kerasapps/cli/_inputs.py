"""Raw inputs on the command line: files of images, texts or tables, or the values themselves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasapps.data import readers
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Columns, Spec
from kerasapps.errors import ConfigError, unknown_name


def read_inputs(spec: Spec, given: Sequence[str]) -> Columns:
    """The columns of `spec.inputs` from tables, from other files, from name=value pairs or from plain values.

    A single column is read as its kind says. Of several, tables give rows, all of them in order, and values one row.
    Raises ConfigError, or DataError naming the file.
    """
    read = kind_of(spec.inputs[0]).read
    if len(spec.inputs) == 1 and read is not None:
        return {spec.inputs[0].name: read(spec.inputs[0], given)}
    if all(readers.is_table(Path(path)) for path in given):
        tables = [_read_table(Path(path), spec) for path in given]
        return {column.name: np.concatenate([table[column.name] for table in tables]) for column in spec.inputs}
    texts = _named(spec, given)
    return {c.name: kind_of(c).of_texts(c, [texts[c.name]], lambda _: "the input") for c in spec.inputs}


def _read_table(path: Path, spec: Spec) -> Columns:
    """The input columns of a table with a header; other columns are left out."""
    cells = readers.read_columns(path, [column.name for column in spec.inputs])
    return {c.name: kind_of(c).of_texts(c, cells[c.name].texts, cells[c.name].line) for c in spec.inputs}


def _named(spec: Spec, given: Sequence[str]) -> dict[str, str]:
    """The text of each input column, from name=value pairs or from values in the columns' order."""
    names = [column.name for column in spec.inputs]
    pairs = [(name.strip(), equals, value.strip()) for name, equals, value in (text.partition("=") for text in given)]
    if any(equals and name in names for name, equals, _ in pairs) or all(equals for _, equals, _ in pairs):
        texts = {name: value for name, equals, value in pairs if equals}
        for name in texts:
            if name not in names:
                raise unknown_name("column", name, names)
    else:
        texts = dict(zip(names, given, strict=False))
    if len(given) != len(names) or set(texts) != set(names):
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}. Expected a .csv file, name=value pairs, or "
            f"{len(names)} values in the order {', '.join(names)}."
        )
    return texts
