"""The target of a table: classes or a number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from kerasapps.data.kinds.category import key_of, spellings
from kerasapps.data.kinds.number import is_narrow, numbers_of
from kerasapps.data.kinds.text import are_texts
from kerasapps.data.readers import Cells
from kerasapps.data.sources._reading import Reading
from kerasapps.data.sources._understood import understood_notes
from kerasapps.data.spec import Column
from kerasapps.errors import DataError

MOST_INTEGER_CLASSES = 20
"""So many different whole numbers are classes, more are numbers; this is said where more than two are classes."""
_UNSAID_INTEGERS = 100
"""So many whole numbers may well be classes."""


class Found(NamedTuple):
    """The target of the rows [kept] that have one, `rows` of the file, and what was taken for granted of it."""

    column: Column
    values: np.ndarray
    rows: np.ndarray
    notes: tuple[str, ...]


def read_target(cells: Cells, task: str, reading: Reading) -> Found:
    """Words and at most 20 different integers are classes, other numbers regression targets, unless `task` decides.

    Raises DataError naming the line of a cell that cannot be one, and where no row has a target.
    """
    if not reading.fill and "" in cells.texts:
        raise cells.refused(cells.texts.index(""), "a class or number.")
    read = None if task == "classification" else _numbers(cells, task)
    missing = np.isnan(read[1]) & reading.fill if read else np.array([not text for text in cells.texts])
    rows = np.flatnonzero(~missing)
    if not len(rows):
        raise DataError(f"{cells.path}: no row has a target, column {cells.name}. Expected another --target COLUMN.")
    present = cells.take(rows) if len(rows) < len(missing) else cells
    if task != "classification" and read is None and are_texts(present.texts):
        raise DataError(
            f"{cells.path}: the target, column {cells.name}, holds texts, {len(set(present.texts))} different ones in "
            f"{len(rows)} rows. Expected classes or a number: name the column to predict: --target COLUMN."
        )
    integers = _integers(present)
    different, whole = set((integers or present).texts), integers is not None
    notes = tuple(_left_out_rows(len(missing) - len(rows)))
    if read and (task or not (whole and len(set(map(int, different))) <= MOST_INTEGER_CLASSES)):
        values = read[1][rows]
        # Numbers that float32 cannot distinguish are refused by what fits them; runs of earlier versions took them.
        kept = reading.kinds is None and not is_narrow(values[np.isfinite(values)])
        several = whole and not task and len(different) <= _UNSAID_INTEGERS
        notes += (_said(cells.name, len(different), "numbers", "classification"),) * several
        notes += (*understood_notes(read[0], present),)
        return Found(Column(cells.name, "number"), values if kept else values.astype(np.float32), rows, notes)
    several = whole and not task and (len(different) > 2 or different != set(present.texts))
    notes += (_said(cells.name, len(different), "classes", "regression"),) * several
    column, values = _classes(integers or present, whole)
    notes += (*understood_notes(replace(column, fill=cells.fill and not whole), present),)
    return Found(column, values, rows, notes)


def _integers(cells: Cells) -> Cells | None:
    """Whole numbers as integers, also those that pandas writes as 1.0, as beside missing ones; None for others."""
    pattern = re.compile(r"([+-]?\d+)(?:\.0)?" if cells.fill else r"([+-]?\d+)")
    found = [pattern.fullmatch(text) for text in cells.texts]
    return cells._replace(texts=[match[1] for match in found if match]) if all(found) else None


def _numbers(cells: Cells, task: str) -> tuple[Column, np.ndarray] | None:
    """A column float64 [rows] of numbers, missing ones NaN; raises DataError where others cannot be."""
    wanted = task == "regression"
    found = numbers_of(cells._replace(forced=wanted))
    if wanted and found is None:
        raise DataError(f"{cells.path}, column {cells.name}: not all are numbers, as task=regression needs them.")
    return found


def _left_out_rows(number: int) -> Iterable[str]:
    if number:
        yield f"left out: {number:,} row{'s' * (number > 1)} without a target"


def _said(label: str, number: int, taken: str, other: str) -> str:
    return f"target: the {number} whole numbers of {label} are taken as {taken}; --task {other} takes them otherwise"


def _classes(cells: Cells, whole: bool) -> tuple[Column, np.ndarray]:
    """A column of classes, and int32 [rows], their numbers; whole numbers in their order, words in the alphabet's."""
    if whole:
        _check_written_alike(cells)
    merged = cells.fill and not whole
    names: Mapping[str, str] = spellings(cells.texts) if merged else {text: text for text in cells.texts}
    classes: Sequence[str] = sorted(set(names.values()), key=int if whole else str)
    order = {key: classes.index(name) for key, name in names.items()}
    numbers = [order[key_of(text) if merged else text] for text in cells.texts]
    return Column(cells.name, "category", classes=tuple(classes)), np.array(numbers, np.int32)


def _check_written_alike(cells: Cells) -> None:
    """Raise DataError where one whole number is written in two ways, such as 1 and 01: one class or two?"""
    first: dict[int, str] = {}
    for row, text in enumerate(cells.texts):
        if first.setdefault(int(text), text) != text:
            raise cells.refused(
                row,
                f"the class {first[int(text)]} as it is written above: write it in one way, or give the classes names.",
            )
