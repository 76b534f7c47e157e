"""What may be trained on: finite numbers, known classes, images of one shape."""

from typing import Any

import numpy as np

from kerasapps.data.spec import LARGEST, Column, Columns, Spec
from kerasapps.errors import DataError

_LONGEST_SHOWN = 100


def check_columns(columns: Columns, spec: Spec, where: str, rows: np.ndarray | None = None) -> None:
    """Raise DataError for the first value of `columns` that is not what `spec` says.

    where: file or source, for the message. rows: the number of each row there; else they count from 0.
    """
    expected = [(column, False) for column in spec.inputs] + ([(spec.target, True)] if spec.target else [])
    for column, is_target in expected:
        if column.name not in columns:
            raise DataError(f"{where}: column {column.name} is missing. Given: {', '.join(columns) or 'none'}.")
        values = np.asarray(columns[column.name])
        _check_shape(values, column, where)
        _check_length(columns, column, values, where)
        bad, wanted = _find_bad(values, column, is_target)
        if len(bad):
            row = bad[0] if rows is None else rows[bad[0]]
            raise DataError(
                f"{where}, row {row} (from 0), column {column.name}: {_shown(values[bad[0]])}. Expected {wanted}. "
                "Correct or remove the row."
            )


def _shown(value: Any) -> str:
    shown = repr(value.item() if hasattr(value, "item") and np.ndim(value) == 0 else value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _check_length(columns: Columns, column: Column, values: np.ndarray, where: str) -> None:
    first = len(np.asarray(next(iter(columns.values()))))
    if len(values) != first:
        raise DataError(f"{where}: column {column.name} has {len(values)} rows, others {first}. Expected equal counts.")


def _check_shape(values: np.ndarray, column: Column, where: str) -> None:
    if values.ndim == 0 or values.shape[1:] != column.shape:
        wanted = ", ".join(["rows", *map(str, column.shape)])
        raise DataError(f"{where}: column {column.name} has the shape {values.shape}. Expected ({wanted}).")
    if column.kind == "image" and values.dtype != np.uint8:
        raise DataError(f"{where}: column {column.name} holds {values.dtype}. Expected uint8, 0 to 255.")
    if column.kind == "audio" and values.dtype != np.int16:
        raise DataError(f"{where}: column {column.name} holds {values.dtype}. Expected int16 samples.")
    if column.kind in ("number", "series") and values.dtype.kind not in "fiub":
        raise DataError(f"{where}: column {column.name} holds {values.dtype}. Expected numbers.")


def _find_bad(values: np.ndarray, column: Column, is_target: bool) -> tuple[np.ndarray, str]:
    """Positions of the bad rows, and what was expected there."""
    if column.kind in ("image", "audio"):
        return np.array([], int), ""
    if column.kind == "text":
        return np.array([i for i, text in enumerate(values) if not is_text(text)], int), "a text that is not empty"
    if column.kind in ("number", "series"):
        good = (np.abs(values.astype(np.float64)) <= LARGEST).reshape(len(values), -1).all(axis=1)
        return np.flatnonzero(~good), f"a finite number, at most {LARGEST:.0e} in size"
    if is_target:
        return _outside(values, len(column.classes)), f"a class number from 0 to {len(column.classes) - 1}"
    known = np.isin(values.astype(str), column.classes)
    return np.flatnonzero(~known), f"one of {', '.join(column.classes)}"


def is_text(value: Any) -> bool:
    """Whether it is a string with more than blanks in it, of whole characters."""
    return isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _outside(values: np.ndarray, classes: int) -> np.ndarray:
    """Positions of what is no whole number from 0 to classes - 1."""
    if values.dtype.kind not in "iu":
        return np.arange(len(values))
    return np.flatnonzero((values < 0) | (values >= classes))
