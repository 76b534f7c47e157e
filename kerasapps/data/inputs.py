"""Raw inputs of a model: in files, as name=value, or as values."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from kerasapps.data import readers
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import ConfigError, missing_columns, unknown_name


def read_inputs(spec: Spec, given: Sequence[str], statistics: Mapping[str, list] = MappingProxyType({})) -> Columns:
    """The columns of `spec.inputs` from tables, from other files, from name=value pairs or from plain values.

    statistics: what was fitted of each column, by which it may be read.
    A single column is read as its kind says. Of several, tables give rows, all of them in order, and values one row.
    Raises ConfigError, or DataError naming the file.
    """
    read = kind_of(spec.inputs[0]).read
    if len(spec.inputs) == 1 and read is not None:
        return {spec.inputs[0].name: read(spec.inputs[0], given, statistics.get(spec.inputs[0].name, []))}
    names = [column.name for column in spec.inputs]
    if all(_is_table(names, path) for path in given):
        tables = [readers.read_columns(Path(path), names) for path in given]
        return {c.name: _joined(c, [table[c.name] for table in tables]) for c in spec.inputs}
    texts = _named(spec, given)
    return {c.name: kind_of(c).of_texts(c, [texts[c.name]], lambda _: "the input") for c in spec.inputs}


def _is_table(names: Sequence[str], given: str) -> bool:
    """Whether a table is meant: not by name=value of a column, such as file=seen.csv, unless it is a file's name."""
    is_pair = given.partition("=")[0].strip() in names and "=" in given
    return readers.is_table(Path(given)) and not (is_pair and not os.path.isfile(given))


def _joined(column: Column, tables: Sequence[readers.Cells]) -> np.ndarray:
    """The rows of a column in all tables, maybe none."""
    found = [kind_of(column).of_texts(column, cells.texts, cells.line) for cells in tables if cells.texts]
    return np.concatenate(found) if found else np.zeros((0, *column.shape))


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
        texts = dict(zip(names, (text.strip() for text in given), strict=False))
    missing = [name for name in names if name not in texts]
    if missing or len(given) != len(names):
        problem = f"; {missing_columns(missing)}" if missing else ""
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}{problem}. Expected a .csv file, name=value pairs, or "
            f"{len(names)} values in the order {', '.join(names)}."
        )
    return texts
