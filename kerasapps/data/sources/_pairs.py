"""Pairs of sentences in files with a tab between them, without a header, as those of manythings.org/anki."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerasapps.data.readers.txt import read_lines
from kerasapps.data.spec import NUMBER, TARGET_NAMES, Arrays, Column, Spec
from kerasapps.errors import DataError

_WANTED = "Expected two sentences on each line, with a tab between them"
_NOTE = "read as pairs of sentences; --target COLUMN reads a table"
_SAMPLE = 20
"""Lines that are looked at for what tells a table."""


def are_pairs(path: Path) -> bool:
    """Whether a file has pairs, and is no table with a header.

    Tables have more than 3 columns, or one that is called target or label, or one of numbers below a word.
    """
    lines = [line.split("\t") for _, line in itertools.islice(_lines(path), _SAMPLE) if line]
    if not lines or len(lines[0]) > 3:
        return not lines
    columns = [[cell.strip() for cell in column] for column in itertools.zip_longest(*lines, fillvalue="")]
    headed = any(first.lower() in TARGET_NAMES for first, *_ in columns)
    return not headed and not any(_is_headed(column) for column in columns)


def _is_headed(column: list[str]) -> bool:
    """Whether numbers stand below a word."""
    first, *others = column
    return bool(others) and not NUMBER.fullmatch(first) and all(map(NUMBER.fullmatch, others))


def load_file(path: Path) -> Arrays:
    """The pairs in a .tsv file in UTF-8: the columns source and target, without a split of their own.

    Every line is a pair, also the first one. What follows a second tab is not read, and quotes are as other signs. An
    empty line may only be the last. Raises DataError naming the line.
    """
    pairs = list(_pairs(path))
    if not pairs:
        raise DataError(f"{path} is empty. {_WANTED}.")
    sources, targets = (np.array(side, object) for side in zip(*pairs, strict=True))
    spec = Spec((Column("source", "text"),), Column("target", "text"))
    columns = {"source": sources, "target": targets}
    return Arrays(str(path), spec, {"train": columns}, (_NOTE,))


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """The two sentences of each line, without blanks around them; raises DataError."""
    empty = 0
    for number, line in _lines(path):
        if empty:
            raise DataError(f"{path}, line {empty} is empty. {_WANTED}: remove the line, or fill it in.")
        if not line:
            empty = number
            continue
        sides = [side.strip() for side in line.split("\t")[:2]]
        if len(sides) < 2:
            raise DataError(f"{path}, line {number} has no tab in it. {_WANTED}, and no header.")
        if "" in sides:
            side = ("first", "second")[sides.index("")]
            raise DataError(f"{path}, line {number}: the {side} sentence is blank. {_WANTED}: remove the line.")
        yield sides[0], sides[1]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line, without its end; raises DataError."""
    try:
        for number, line in enumerate(read_lines(path), 1):
            yield number, line.rstrip("\r\n")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}. {_WANTED}, in UTF-8.") from error
