"""Raw inputs of a model: in files, as name=value, as values, or as what Python has in memory."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kerasapps.data import readers
from kerasapps.data.given import are_records, array_of, columns_of_records, flat_frame
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import ConfigError, DataError, missing_columns, shown, unknown_name

if TYPE_CHECKING:
    import pandas

Inputs: TypeAlias = Any
"""A data frame, a mapping by name, an array, a path or several, a text or several."""


def read_inputs(spec: Spec, given: Sequence[str], statistics: Mapping[str, list] = MappingProxyType({})) -> Columns:
    """The columns of `spec.inputs` from tables, from other files, from name=value pairs or from plain values.

    statistics: what was fitted of each column, by which it may be read.
    A single column is read as its kind says. Of several, tables give rows, all of them in order, and values one row.
    Raises ConfigError, or DataError naming the file.
    """
    column = spec.inputs[0]
    read = kind_of(column).read
    if len(spec.inputs) == 1 and read is not None:
        own = [_without_name(column, text) for text in given]
        return {column.name: read(column, own, statistics.get(column.name, []))}
    if all(_is_table(spec, path) for path in given):
        tables = [readers.read_columns(Path(path), spec.inputs) for path in given]
        return {c.name: _joined(c, [table[c.name] for table in tables]) for c in spec.inputs}
    texts = _named(spec, given)
    return {c.name: kind_of(c).of_texts(c, [texts[c.name]], lambda _: "the input") for c in spec.inputs}


def _is_table(spec: Spec, given: str) -> bool:
    """Whether a table is meant: not by name=value of a column, such as file=seen.csv, unless it is a file's name."""
    is_pair = "=" in given and _column(spec, given) is not None
    return readers.is_table(Path(given)) and not (is_pair and not os.path.isfile(given))


def _joined(column: Column, tables: Sequence[readers.Cells]) -> np.ndarray:
    """The rows of a column in all tables, maybe none."""
    found = [_of_cells(column, cells) for cells in tables if cells.texts]
    return np.concatenate(found) if found else np.zeros((0, *column.shape))


def _of_cells(column: Column, cells: readers.Cells) -> np.ndarray:
    """The rows of a column in a table; raises DataError naming the line of a cell that cannot be one."""
    kind = kind_of(column)
    values = kind.of_texts(column, cells.texts, cells.line)
    wrong, wanted = kind.wrong(column, values, False)
    for row in wrong[:1] if wrong is not None else ():
        raise cells.refused(row, f"{wanted}.")
    return values


def _column(spec: Spec, given: str) -> Column | None:
    """The column that a pair such as name=value begins with, by its label, which may hold = itself, or its name."""
    for column in spec.inputs:
        if any(given.strip().startswith(f"{name}=") for name in (column.title, column.name)):
            return column
    return next((c for c in spec.inputs if given.partition("=")[0].strip() in (c.title, c.name)), None)


def _named(spec: Spec, given: Sequence[str]) -> dict[str, str]:
    """The text of each input column, from name=value pairs or from values in the columns' order."""
    names = [column.title for column in spec.inputs]
    found = [_column(spec, text) if "=" in text else None for text in given]
    if any(found) or all("=" in text for text in given):
        for text, column in zip(given, found, strict=True):
            if column is None and "=" in text:
                raise unknown_name("column", text.partition("=")[0].strip(), names)
        texts = {c.name: _value(c, text) for c, text in zip(found, given, strict=True) if c is not None}
    else:
        texts = dict(zip((column.name for column in spec.inputs), map(str.strip, given), strict=False))
    missing = [column.title for column in spec.inputs if column.name not in texts]
    if missing or len(given) != len(names):
        problem = f"; {missing_columns(missing)}" if missing else ""
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}{problem}. Expected a .csv file, name=value pairs, or "
            f"{len(names)} values in the order {', '.join(names)}."
        )
    return texts


def begins_with_name(column: Column, text: str) -> bool:
    """Whether a text is meant as name=value of a column, which is no file of that name."""
    return text.startswith((f"{column.title}=", f"{column.name}=")) and not os.path.isfile(text)


def _without_name(column: Column, text: str) -> str:
    return _value(column, text) if begins_with_name(column, text) else text


def _value(column: Column, text: str) -> str:
    """What stands behind the name of a column and =."""
    named = next((name for name in (column.title, column.name) if text.strip().startswith(f"{name}=")), None)
    return text.strip()[len(named) + 1 :].strip() if named else text.partition("=")[2].strip()


def by_name(
    signature: str, spec: Spec, given: Inputs, statistics: Mapping[str, list] = MappingProxyType({})
) -> dict[str, Any]:
    """What Python has as raw inputs, by the names of columns, beside which a mapping may have others.

    statistics: what was fitted of each column, by which files may be read.
    Of a frame or pandas.Series with the steps of a series, which a model forecasts from, the last are taken. Another
    pandas.Series with names of columns in its index is one row, as a mapping is; a list of mappings is rows. An array
    [rows, n], or [n] for one row, is the n columns of a table; any array is a single column. A text or a path, or
    several paths, are read as on the command line. Raises ConfigError for columns of a frame with one name, for an
    array of another width, and as `read_inputs` and `array_of` do.
    """
    if are_records(given):
        return dict(columns_of_records(given))
    if hasattr(given, "columns") and hasattr(given, "__getitem__"):
        _check_different(signature, list(map(str, given.columns)))
        frame = flat_frame(given) if _is_of_pandas(given) else given
        steps = _last_steps(spec, frame, statistics) if _is_of_pandas(given) else {}
        return steps or {str(name): array_of(frame[name]) for name in frame.columns}
    if (row := _one_row(spec, given)) is not None:
        return row
    first = spec.inputs[0]
    if _is_of_pandas(given) and (steps := _last_steps(spec, flat_frame(given.to_frame(first.name)), statistics)):
        return steps
    if isinstance(given, (str, os.PathLike)):
        return read_inputs(spec, [os.fspath(given)], statistics)
    if isinstance(given, (list, tuple)) and given and _are_read(spec, given):
        return read_inputs(spec, [os.fspath(one) for one in given], statistics)
    values = array_of(given)
    if len(spec.inputs) == 1:
        return {first.name: values}
    if values.ndim in (1, 2) and values.shape[-1] == len(spec.inputs):
        return {column.name: np.atleast_2d(values)[:, i] for i, column in enumerate(spec.inputs)}
    raise ConfigError(
        f"{signature} was given an array of shape {values.shape}. Expected [rows, {len(spec.inputs)}]: "
        f"{', '.join(column.title for column in spec.inputs)}."
    )


def _one_row(spec: Spec, given: Inputs) -> dict[str, Any] | None:
    """A mapping, or a pandas.Series that its index tells to be one: by names of columns, or by other texts than rows of
    several columns can have. None of anything else.

    Raises ConfigError where whole numbers as labels may be names of columns or numbers of rows.
    """
    if isinstance(given, Mapping):
        return {str(name): values for name, values in given.items()}
    if not _is_of_pandas(given):
        return None
    labels = {str(name): value for name, value in given.items()}
    known = {name for column in spec.inputs for name in (column.title, column.name)}
    texts = any(isinstance(name, str) for name in given.index)
    if len(spec.inputs) == 1 and known & labels.keys() and not texts:
        wanted = "Expected a frame, such as frame.iloc[[0]], or a list of values."
        raise ConfigError(f"{shown(given)}: this may be one row, or the rows of {spec.inputs[0].title}. {wanted}")
    return labels if known & labels.keys() or (len(spec.inputs) > 1 and texts) else None


def _is_of_pandas(given: Inputs) -> bool:
    """Whether this is a frame or a series of pandas, which other libraries have otherwise."""
    return hasattr(given, "reset_index") and hasattr(given, "items")


def _last_steps(spec: Spec, frame: "pandas.DataFrame", statistics: Mapping[str, list]) -> Columns:
    """The end of the series that is the only input, where a frame has it; it and its dates are read as a file's."""
    (column, *others), series = spec.inputs, spec.inputs_of("series")
    if not series or others or len(column.shape) > 1 or column.name not in frame:
        return {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "frame.csv"
        frame.to_csv(path, index=False)
        try:
            return read_inputs(spec, [str(path)], statistics)
        except DataError as error:
            raise DataError(str(error).replace(str(path), "the frame")) from error


def _are_read(spec: Spec, given: Sequence[Any]) -> bool:
    """Whether texts or paths are read as on the command line: not those that are the rows of the only column."""
    if not all(isinstance(one, (str, os.PathLike)) for one in given) or spec.inputs_of("text"):
        return False
    of_rows = len(spec.inputs) == 1 and kind_of(spec.inputs[0]).read is None
    return not of_rows or all(_is_table(spec, os.fspath(path)) for path in given)


def _check_different(signature: str, names: Sequence[str]) -> None:
    """Raise ConfigError where two columns of a frame have one name."""
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{signature} was given {names.count(name)} columns called {name}. Expected one of each name."
            )


def rows_of(column: Column, values: Any) -> np.ndarray:
    """Raw values [rows, ...] of a column; what has the shape of one row is one, and grey images need no channel."""
    array = array_of(values)
    grey = len(column.shape) == 3 and column.shape[2] == 1
    if grey and array.shape[-2:] == column.shape[:2] and array.ndim in (2, 3):
        array = array[..., None]
    return array[None] if array.shape == column.shape else array
