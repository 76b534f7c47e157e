"""What may be trained on: finite numbers, known classes, images of one shape."""

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import DataError

_LONGEST_SHOWN = 100


def check_columns(
    columns: Columns, spec: Spec, where: str, rows: np.ndarray | None = None, place: str = "row {} (from 0)"
) -> None:
    """Raise DataError for the first value of `columns` that is not what `spec` says.

    where: file or source, for the message. rows: the number of each row there; else they count from 0. place: what a
    message calls a row with its number.
    """

    def at(row: int) -> str:
        return f"{where}, {place.format(row if rows is None else rows[row])}"

    for column in spec.columns:
        if column.name not in columns:
            raise DataError(f"{where}: column {column.title} is missing. Given: {', '.join(columns) or 'none'}.")
        if np.ma.is_masked(columns[column.name]):
            raise DataError(
                f"{where}: column {column.title} has masked values. Expected a value in every row: correct or remove "
                "the others."
            )
        values = np.asarray(columns[column.name])
        _check_shape(values, column, where)
        bad, wanted = kind_of(column).wrong(column, values, column is spec.target)
        if bad is None:
            raise _of_another_type(values, column, where, wanted, at)
        first = len(np.asarray(next(iter(columns.values()))))
        if len(values) != first:
            counts = f"{len(values)} rows, others {first}"
            raise DataError(f"{where}: column {column.title} has {counts}. Expected equal counts.")
        if len(bad):
            raise DataError(
                f"{at(bad[0])}, column {column.title}: {_shown(values[bad[0]])}. Expected {wanted}. Correct or remove "
                "the row."
            )


def _of_another_type(
    values: np.ndarray, column: Column, where: str, wanted: str, at: Callable[[int], str]
) -> DataError:
    """An error that names the first value that is no number among those of objects; at: row -> where it is."""
    odd = [row for row, value in enumerate(values) if not isinstance(value, Real)] if values.dtype.kind in "OUS" else []
    if wanted != "numbers" or not odd:
        return DataError(f"{where}: column {column.title} holds {values.dtype}. Expected {wanted}.")
    return DataError(f"{at(odd[0])}, column {column.title}: {_shown(values[odd[0]])}. Expected a number.")


def _shown(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and np.isnan(value):
        return "nan, or an empty cell"
    shown = repr(value.item() if hasattr(value, "item") and np.ndim(value) == 0 else value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _check_shape(values: np.ndarray, column: Column, where: str) -> None:
    if values.ndim == 0 or values.shape[1:] != column.shape:
        wanted = ", ".join(["rows", *map(str, column.shape)])
        raise DataError(f"{where}: column {column.title} has the shape {values.shape}. Expected ({wanted}).")
