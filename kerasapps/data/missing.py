"""Missing and unseen values of inputs that may have them: as Python gives them, and what is said of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.kinds._filled import Mended
from kerasapps.data.spec import Column, Columns, Spec


class MissingValues(UserWarning):
    """What is said of missing and unseen values that a model is asked with."""


_SHOWN = 3
"""Unseen classes that are named."""


def marked(column: Column, values: np.ndarray) -> np.ndarray:
    """An input's values with missing ones as tables have them: NaN among numbers, else an empty text.

    Missing are None, NaN, what pandas has for both, and what a mask hides. Values of other columns stay as they are.
    """
    if not column.fill or np.ndim(values) != 1:
        return values
    hidden = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.zeros(len(values), bool)
    plain = np.ma.getdata(values)
    if kind_of(column).dtype != "string" and plain.dtype.kind in "fiub" and not hidden.any():
        return plain
    found = [None if hides or _is_missing(value) else value for value, hides in zip(plain, hidden, strict=True)]
    if kind_of(column).dtype == "string":
        return np.array(["" if value is None else _word(column, value) for value in found], object)
    numbers = [np.nan if value is None else _number(column, value) for value in found]
    return np.array(numbers, np.float64 if all(isinstance(one, float) for one in numbers) else object)


def _number(column: Column, value: Any) -> Any:
    """A number, also of a text as tables have it; what is none as it is, to be refused for what it is."""
    try:
        return float(kind_of(column).understood(column, value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return value


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(np.all(value != value))


def _word(column: Column, value: Any) -> Any:
    """A whole number that is a class as tables have it, though pandas makes it real beside missing ones."""
    real = bool(kind_of(column).classes(column)) and isinstance(value, (float, np.floating))
    return str(int(value)) if real and float(value).is_integer() else value


def mended(columns: Columns, spec: Spec, statistics: Mapping[str, list]) -> dict[str, Mended]:
    """Of each input that has missing or unseen values what is done with them, by what the file calls it."""
    found = {
        column.title: kind_of(column).mended(column, statistics.get(column.name, []), columns[column.name])
        for column in spec.inputs
        if column.fill
    }
    return {title: one for title, one in found.items() if one.missing or one.unseen}


def filled_note(found: Mapping[str, Mended]) -> str:
    """What is said of data to train on: "filled 3 missing cells: age 1 (the median 34), city 2 (the class missing)"."""
    listed = ", ".join(f"{title} {one.missing:,} ({one.stand_in})" for title, one in found.items() if one.missing)
    number = sum(one.missing for one in found.values())
    return f"filled {number:,} missing cell{'s' * (number > 1)}: {listed}" if number else ""


def unseen_note(found: Mapping[str, Mended]) -> str:
    """What is said of data to train on: "unseen in training: city 1 class (w), read as the most frequent, u"."""
    listed = "; ".join(f"{title} {_unseen(one)}" for title, one in found.items() if one.unseen)
    return f"unseen in training: {listed}" if listed else ""


def asked_note(found: Mapping[str, Mended]) -> str:
    """What is said of inputs that a model is asked for: "age: 2 missing values, read as the median 34"."""
    return "; ".join(f"{title}: {part}" for title, one in found.items() for part in _parts(one))


def _parts(one: Mended) -> list[str]:
    parts = []
    if one.missing:
        parts.append(f"{one.missing:,} missing value{'s' * (one.missing > 1)}, read as {one.stand_in}")
    if one.unseen:
        parts.append(_unseen(one, "unseen "))
    return parts


def _unseen(one: Mended, which: str = "") -> str:
    different = list(dict.fromkeys(one.unseen))
    named = ", ".join(different[:_SHOWN]) + ", ..." * (len(different) > _SHOWN)
    number = len(different)
    return f"{number:,} {which}class{'es' * (number > 1)} ({named}), read as the most frequent, {one.most}"
