"""Tables in files with a header: numbers, categories, dates or texts in, classes or a number out."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from kerasapps.data.kinds import kind_names, load_kind
from kerasapps.data.kinds.number import are_numbers, is_narrow, parsed
from kerasapps.data.kinds.text import are_texts
from kerasapps.data.readers import Cells, column_name, columns_of, read_table
from kerasapps.data.spec import TARGET_NAMES, Arrays, Column, Spec, is_argument
from kerasapps.errors import DataError, unknown_name

MOST_INTEGER_CLASSES = 20


def load_table(path: Path, target: str = "", kinds: Collection[str] | None = None) -> Arrays:
    """The source in a table, without a split of its own.

    An input is of the first of `kinds` (None: all), in the order of their names, that takes its cells by their looks,
    else a category. The column `target` (by default the one named target or label, else the last): words, or at most
    20 different integers, are classes; other numbers are reals. Empty cells are found when rows are read. Raises
    DataError naming the file and line, or row and column; ConfigError for an unknown target.
    """
    header, lines = read_table(path)
    names, target = _names(path, header, target)
    found = {
        name: _target(cells, kinds) if name == target else _input(cells, kinds)
        for name, cells in columns_of(path, names, lines).items()
    }
    inputs = tuple(column for name, (column, _) in found.items() if name != target)
    values = {name: values for name, (_, values) in found.items()}
    return Arrays(str(path), Spec(inputs, found[target][0]), {"train": values})


def _names(path: Path, header: Sequence[str], wanted: str) -> tuple[list[str], str]:
    """The names of the columns and of the target, by default the one named target or label, else the last.

    Raises DataError naming what to rename, and ConfigError where no column is called as wanted.
    """
    names = [column_name(cell) for cell in header]
    wrong = [name for name in names if not name.isidentifier() or names.count(name) > 1]
    if len(names) < 2 or wrong:
        found = f"the header {names} has {wrong[0]!r} in it" if wrong else f"{names}"
        raise DataError(
            f"{path}, line 1: {found}. Expected at least two different column names that begin with a letter."
        )
    target = column_name(wanted) or next((name for name in TARGET_NAMES if name in names), names[-1])
    if target not in names:
        raise unknown_name("target", wanted, names)
    _check_inputs(path, {name: cell.strip() for name, cell in zip(names, header, strict=True) if name != target})
    return names, target


def _check_inputs(path: Path, inputs: dict[str, str]) -> None:
    """inputs: name -> cell of the header. An exported model has an argument of each name, as TensorFlow allows it."""
    lower = [name.lower() for name in inputs]
    wrong = [cell for name, cell in inputs.items() if not is_argument(name) or lower.count(name.lower()) > 1]
    if wrong:
        raise DataError(
            f"{path}, line 1: the columns {', '.join(map(repr, wrong))} cannot be inputs of an exported model. "
            "Expected names of the letters a to z, digits and _ that begin with a letter, differ in more than upper "
            "and lower case, and are neither 'self' nor a word of Python such as 'class'. Rename them."
        )


def _input(cells: Cells, kinds: Collection[str] | None) -> tuple[Column, np.ndarray]:
    found = (load_kind(name).of_cells(cells) for name in kind_names() if kinds is None or name in kinds)
    category = Column(cells.name, "category", classes=tuple(sorted(set(cells.texts) - {""})))
    return next(filter(None, found), (category, np.array(cells.texts)))


def _target(cells: Cells, kinds: Collection[str] | None) -> tuple[Column, np.ndarray]:
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
        values = parsed(cells)
        # Numbers that float32 cannot tell apart are refused by what fits them; runs of earlier versions took them.
        kept = kinds is None and not is_narrow(values)
        return Column(cells.name, "number"), values if kept else values.astype(np.float32)
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
