"""Tables in CSV files with a header: numbers or categories in, classes or a number out."""

import csv
import re
from pathlib import Path

import numpy as np

from kerasapps.data.spec import Arrays, Column, Columns, Spec
from kerasapps.errors import DataError

TARGET_NAMES = ("target", "label")
MOST_INTEGER_CLASSES = 20


def load_csv(path: Path) -> Arrays:
    """The source in a CSV file, without a split of its own.

    A column is a number where every filled cell is one, else a category. The target is the column named target or
    label, else the last: words, or at most 20 different integers, are classes; other numbers are reals. Empty cells
    are found when rows are read. Raises DataError naming the file and line.
    """
    names, cells = _read(path)
    target = next((name for name in TARGET_NAMES if name in names), names[-1])
    columns, values = [], {}
    for i, name in enumerate(names):
        texts = [row[i].strip() for row in cells]
        convert = _target if name == target else _input
        column, values[name] = convert(path, name, texts)
        columns.append(column)
    inputs = tuple(column for column in columns if column.name != target)
    return Arrays(str(path), Spec(inputs, columns[names.index(target)]), {"train": Columns(values)})


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Column names and the cells of each row, all of equal length."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            names = [re.sub(r"\W", "_", name.strip()) for name in next(reader, [])]
            _check_names(path, names)
            cells = []
            for row in reader:
                if row and len(row) != len(names):
                    raise DataError(f"{path}, line {reader.line_num}: {len(row)} cells, expected {len(names)}.")
                cells += [row] if row else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}. Expected a CSV file in UTF-8.") from error
    if not cells:
        raise DataError(f"{path} has no rows. Expected a header and at least one row.")
    return names, cells


def _check_names(path: Path, names: list[str]) -> None:
    wrong = [name for name in names if not name.isidentifier() or names.count(name) > 1]
    if len(names) < 2 or wrong:
        found = f"the header {names} has {wrong[0]!r} in it" if wrong else f"{names}"
        raise DataError(
            f"{path}, line 1: {found}. Expected at least two different column names that begin with a letter."
        )


def _numbers(texts: list[str]) -> np.ndarray | None:
    """float64 [rows], empty cells NaN; None where a cell is a word."""
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return None


def _input(path: Path, name: str, texts: list[str]) -> tuple[Column, np.ndarray]:
    numbers = _numbers(texts)
    if numbers is not None:
        return Column(name, "number"), numbers.astype(np.float32)
    return Column(name, "category", classes=tuple(sorted(set(texts) - {""}))), np.array(texts)


def _target(path: Path, name: str, texts: list[str]) -> tuple[Column, np.ndarray]:
    if "" in texts:
        raise DataError(f"{path}, row {texts.index('')} (from 0), column {name}: empty. Expected a class or number.")
    numbers, different = _numbers(texts), set(texts)
    whole = all(re.fullmatch(r"[+-]?\d+", text) for text in different)
    if numbers is not None and not (whole and len(different) <= MOST_INTEGER_CLASSES):
        return Column(name, "number"), numbers.astype(np.float32)
    classes = tuple(sorted(different, key=int if whole else str))
    order = {text: i for i, text in enumerate(classes)}
    return Column(name, "category", classes=classes), np.array([order[text] for text in texts], np.int32)
