"""Texts in files: one a line, each checked when it is read, so that no file fills the memory unrefused; or whole."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerasapps.data.spec import Column
from kerasapps.errors import DataError

SUFFIXES, KINDS, WHAT = (".txt",), ("text",), ".txt files"
LONGEST_LINE = 1_000_000
"""Letters, with the line's end."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_NO_TEXT = re.compile("[\0\udc80-\udcff]")


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file in UTF-8, with their ends.

    Raises DataError naming the line that is too long, has a NUL byte or is not UTF-8, and OSError for no file.
    """
    # What cannot be decoded becomes half a surrogate pair, so that it is met in its line.
    with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            problem = _problem(line)
            if problem:
                raise DataError(f"{path}, line {number}: {problem}")
            yield line


def _problem(line: str) -> str:
    """What is wrong with a line and what to do; empty where nothing is."""
    if len(line) > LONGEST_LINE:
        return f"more than {LONGEST_LINE:,} letters. Expected shorter lines: is this a text file? Divide the text."
    if "\0" in line:
        return "a NUL byte. Expected text in UTF-8: save the file as such, or remove the byte."
    wrong = _UNDECODED.search(line)
    if wrong:
        return (
            f"the byte 0x{ord(wrong[0]) - 0xDC00:02x} is not UTF-8. Expected text in UTF-8: save the file as such "
            "(Excel: CSV UTF-8)."
        )
    return ""


def read_text(path: Path) -> str:
    """All of a file in UTF-8, its lines, of any length, ending in \\n.

    Raises DataError for no file, and naming the line that has a NUL byte or is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}. Expected a text in UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    wrong = _NO_TEXT.search(text)
    if wrong:
        line = text.count("\n", 0, wrong.start()) + 1
        raise DataError(f"{path}, line {line}: {_problem(wrong[0])}")
    return text


def read_rows(path: Path, column: Column) -> np.ndarray:
    """Strings [lines], without blanks around them; raises DataError for a file without any."""
    try:
        lines = [line.strip() for line in read_lines(path)]
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error}. Expected a file in UTF-8 with a text on each line."
        ) from error
    if not lines:
        raise DataError(f"{path} is empty. Expected a text on each line.")
    return np.array(lines, object)
