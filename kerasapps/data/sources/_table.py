"""Tables in files with a header: numbers, categories, dates or texts in, classes or a number out."""

import re
from collections.abc import Collection
from pathlib import Path

import numpy as np

from kerasapps.data.kinds import kind_names, load_kind
from kerasapps.data.kinds.number import are_numbers, numbers_of
from kerasapps.data.kinds.text import are_texts
from kerasapps.data.readers import Cells, Lines, read_table
from kerasapps.data.sources._header import read_header
from kerasapps.data.spec import Arrays, Column, Columns, Spec
from kerasapps.errors import DataError

MOST_INTEGER_CLASSES = 20


def load_table(path: Path, target: str = "", kinds: Collection[str] | None = None) -> Arrays:
    """The source in a table, without a split of its own.

    An input is of the first of `kinds` (None: all), in the order of their names, that takes its cells by their looks,
    else a category.
    The column `target` (by default the one named target or label, else the last): words, or at most 20 different
    integers, are classes; other numbers are reals. Empty cells are found when rows are read. Raises DataError naming
    the file and line, or row and column; ConfigError for an unknown target.
    """
    lines = read_table(path) or [(1, [])]
    names, target = read_header(path, lines[0][1], target)
    rows = _rows(path, lines[1:], len(names))
    columns, values = [], {}
    for i, name in enumerate(names):
        cells = Cells(path, name, [line for line, _ in rows], [texts[i].strip() for _, texts in rows])
        column, values[name] = _target(cells) if name == target else _input(cells, kinds)
        columns.append(column)
    inputs = tuple(column for column in columns if column.name != target)
    return Arrays(str(path), Spec(inputs, columns[names.index(target)]), {"train": Columns(values)})


def _rows(path: Path, lines: Lines, width: int) -> Lines:
    """The lines that are not blank, all of equal length."""
    rows = [(number, cells) for number, cells in lines if cells]
    for number, cells in rows:
        if len(cells) != width:
            raise DataError(f"{path}, line {number}: {len(cells)} cells, expected {width}.")
    if not rows:
        raise DataError(f"{path} has no rows. Expected a header and at least one row.")
    return rows


def _input(cells: Cells, kinds: Collection[str] | None) -> tuple[Column, np.ndarray]:
    found = (load_kind(name).of_cells(cells) for name in kind_names() if kinds is None or name in kinds)
    category = Column(cells.name, "category", classes=tuple(sorted(set(cells.texts) - {""})))
    return next(filter(None, found), (category, np.array(cells.texts)))


def _target(cells: Cells) -> tuple[Column, np.ndarray]:
    if "" in cells.texts:
        raise cells.refused(cells.texts.index(""), "a class or number.")
    numbers, different = are_numbers(cells), set(cells.texts)
    if are_texts(cells.texts):
        raise DataError(
            f"{cells.path}: the target, column {cells.name}, holds texts, {len(different)} different ones in "
            f"{len(cells.texts)} rows. Expected classes or a number: name the column to predict: --target COLUMN."
        )
    whole = numbers and all(re.fullmatch(r"[+-]?\d+", text) for text in different)
    if numbers and not (whole and len(set(map(int, different))) <= MOST_INTEGER_CLASSES):
        return Column(cells.name, "number"), numbers_of(cells)
    if whole:
        _check_written_alike(cells)
    classes = tuple(sorted(different, key=int if whole else str))
    order = {text: i for i, text in enumerate(classes)}
    return Column(cells.name, "category", classes=classes), np.array([order[text] for text in cells.texts], np.int32)


def _check_written_alike(cells: Cells) -> None:
    """Raise DataError where one whole number is written in two ways, such as 1 and 01: one class or two?"""
    first: dict[int, str] = {}
    for row, text in enumerate(cells.texts):
        if first.setdefault(int(text), text) != text:
            raise cells.refused(
                row,
                f"the class {first[int(text)]} as it is written above: write it in one way, or give the classes names.",
            )
