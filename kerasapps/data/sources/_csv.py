"""Tables in CSV files with a header: numbers, categories or a text in, classes or a number out."""

import csv
import re
from pathlib import Path

import numpy as np

from kerasapps.data.lines import read_lines
from kerasapps.data.sources._header import read_header
from kerasapps.data.spec import LARGEST, NUMBER, Arrays, Column, Columns, Spec
from kerasapps.errors import DataError

MOST_INTEGER_CLASSES = 20


def load_csv(path: Path, target: str = "") -> Arrays:
    """The source in a CSV file, without a split of its own.

    A column is a number where every filled cell is one. It is a text where most cells have several words and more than
    half of all cells differ, else a category. The column `target` (by default the one named target or label, else the
    last): words, or at most 20 different integers, are classes; other numbers are reals. Empty cells are found when
    rows are read. Raises DataError naming the file and line, or row and column; ConfigError for an unknown target.
    """
    names, target, cells = _read(path, target)
    columns, values = [], {}
    for i, name in enumerate(names):
        texts = [row[i].strip() for row in cells]
        convert = _target if name == target else _input
        column, values[name] = convert(path, name, texts)
        columns.append(column)
    inputs = tuple(column for column in columns if column.name != target)
    return Arrays(str(path), Spec(inputs, columns[names.index(target)]), {"train": Columns(values)})


def read_cells(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line of a CSV file, the header first; no cells for a blank line. Raises DataError."""
    reader = csv.reader(read_lines(path), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except (OSError, csv.Error) as error:
        place = f"{path}, line {reader.line_num}," if isinstance(error, csv.Error) else path
        raise DataError(f"{place} cannot be read: {error}. Expected a CSV file in UTF-8.") from error


def _read(path: Path, wanted: str) -> tuple[list[str], str, list[list[str]]]:
    """Column names, the target's name and the cells of each row, all of equal length."""
    header, *lines = read_cells(path) or [(1, [])]
    names, target = read_header(path, header[1], wanted)
    rows = [(number, cells) for number, cells in lines if cells]
    for number, cells in rows:
        if len(cells) != len(names):
            raise DataError(f"{path}, line {number}: {len(cells)} cells, expected {len(names)}.")
    if not rows:
        raise DataError(f"{path} has no rows. Expected a header and at least one row.")
    return names, target, [cells for _, cells in rows]


def _place(path: Path, row: int, name: str, text: str) -> str:
    return f"{path}, row {row} (from 0), column {name}: {text or 'empty'}"


def _are_numbers(path: Path, name: str, texts: list[str]) -> bool:
    """Whether every filled cell is a number; raises DataError for a cell that is none where most are.

    Such as NA or ?, or 1_000, which only Python takes for a number.
    """
    filled = [text for text in texts if text]
    try:
        [float(text) for text in filled]
    except ValueError:
        if 2 * sum(NUMBER.fullmatch(text) is not None for text in filled) <= len(filled):
            return False
    for row, text in enumerate(texts):
        if text and not NUMBER.fullmatch(text):
            raise DataError(
                f"{_place(path, row, name, text)}. Expected a number such as -1.5e3 in this column. "
                "Mend or leave out the row; if these are names, begin each with a letter."
            )
    return True


def _numbers(path: Path, name: str, texts: list[str]) -> np.ndarray:
    """float32 [rows], empty cells NaN; raises DataError for a number that is too large (infinity is met later)."""
    values = np.array([float(text) if text else np.nan for text in texts])
    for row in np.flatnonzero(np.isfinite(values) & (np.abs(values) > LARGEST))[:1]:
        raise DataError(f"{_place(path, row, name, texts[row])}. Expected a number of at most {LARGEST:.0e} in size.")
    return values.astype(np.float32)


def _input(path: Path, name: str, texts: list[str]) -> tuple[Column, np.ndarray]:
    if _are_numbers(path, name, texts):
        return Column(name, "number"), _numbers(path, name, texts)
    if _are_texts(texts):
        return Column(name, "text"), np.array(texts, object)
    return Column(name, "category", classes=tuple(sorted(set(texts) - {""}))), np.array(texts)


def _are_texts(texts: list[str]) -> bool:
    """Whether most cells have several words, and more than half of all cells differ."""
    several = sum(len(text.split()) > 1 for text in texts)
    return 2 * several > len(texts) and 2 * len(set(texts)) > len(texts)


def _target(path: Path, name: str, texts: list[str]) -> tuple[Column, np.ndarray]:
    if "" in texts:
        raise DataError(f"{_place(path, texts.index(''), name, '')}. Expected a class or number.")
    numbers, different = _are_numbers(path, name, texts), set(texts)
    _check_no_texts(path, name, texts)
    whole = numbers and all(re.fullmatch(r"[+-]?\d+", text) for text in different)
    if numbers and not (whole and len(set(map(int, different))) <= MOST_INTEGER_CLASSES):
        return Column(name, "number"), _numbers(path, name, texts)
    if whole:
        _check_written_alike(path, name, texts)
    classes = tuple(sorted(different, key=int if whole else str))
    order = {text: i for i, text in enumerate(classes)}
    return Column(name, "category", classes=classes), np.array([order[text] for text in texts], np.int32)


def _check_no_texts(path: Path, name: str, texts: list[str]) -> None:
    """Raise DataError where the cells are texts, which nothing here predicts."""
    if _are_texts(texts):
        raise DataError(
            f"{path}: the target, column {name}, holds texts, {len(set(texts))} different ones in {len(texts)} rows. "
            "Expected classes or a number: name the column to predict: --target COLUMN."
        )


def _check_written_alike(path: Path, name: str, texts: list[str]) -> None:
    """Raise DataError where one whole number is written in two ways, such as 1 and 01: one class or two?"""
    first: dict[int, str] = {}
    for row, text in enumerate(texts):
        if first.setdefault(int(text), text) != text:
            raise DataError(
                f"{_place(path, row, name, text)}. Expected the class {first[int(text)]} as it is written above: "
                "write it in one way, or give the classes names."
            )
