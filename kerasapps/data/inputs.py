"""Raw inputs of a model: in files, as name=value, as values, or as what Python has in memory."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from kerasapps.data import readers
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import ConfigError, missing_columns, unknown_name

Inputs: TypeAlias = Any
"""A data frame, a mapping by name, an array, a path or several, a text or several."""


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


def by_name(signature: str, spec: Spec, given: Inputs, statistics: Mapping[str, list]) -> dict[str, Any]:
    """What Python has as raw inputs, by the names of columns, beside which a mapping may have others.

    statistics: what was fitted of each column, by which files may be read.
    An array [rows, n], or [n] for one row, is the n columns of a table; any other array is the first column. A text or
    a path, or several paths, are read as on the command line. Raises ConfigError for columns of a frame with one name,
    and as `read_inputs` does.
    """
    if isinstance(given, Mapping):
        return dict(given)
    if hasattr(given, "columns") and hasattr(given, "__getitem__"):
        return {name: array_of(given[name]) for name in _different(signature, list(given.columns))}
    first = spec.inputs[0]
    if isinstance(given, (str, os.PathLike)):
        return read_inputs(spec, [os.fspath(given)], statistics)
    if isinstance(given, (list, tuple)) and given and all(map(_is_path, given)) and not spec.inputs_of("text"):
        return read_inputs(spec, [os.fspath(one) for one in given], statistics)
    values = array_of(given)
    if len(spec.inputs) > 1 and values.ndim in (1, 2) and values.shape[-1] == len(spec.inputs):
        return {column.name: np.atleast_2d(values)[:, i] for i, column in enumerate(spec.inputs)}
    return {first.name: values}


def _is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike))


def _different(signature: str, names: Sequence[Any]) -> Sequence[Any]:
    """The names of a frame's columns; raises ConfigError where two are the same."""
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{signature} was given {names.count(name)} columns called {name}. Expected one of each name."
            )
    return names


def array_of(values: Any) -> np.ndarray:
    """An array of what a user gives; NumPy's own of strings would lose zeros at their ends. A mask is kept."""
    array = np.asanyarray(values)
    return array if array.dtype.kind not in "US" or isinstance(values, np.ndarray) else np.array(values, object)


def rows_of(column: Column, values: Any) -> np.ndarray:
    """Raw values [rows, ...] of a column; what has the shape of one row is one, and grey images need no channel."""
    array = array_of(values)
    grey = len(column.shape) == 3 and column.shape[2] == 1
    if grey and array.shape[-2:] == column.shape[:2] and array.ndim in (2, 3):
        array = array[..., None]
    return array[None] if array.shape == column.shape else array
