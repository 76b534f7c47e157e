"""The lines of text files, checked one by one, so that no file can fill the memory before it is refused."""

import re
from collections.abc import Iterator
from pathlib import Path

from kerasapps.errors import DataError

LONGEST_LINE = 1_000_000
"""Letters, with the line's end."""

_UNDECODED = re.compile("[\udc80-\udcff]")


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
        return f"the byte 0x{ord(wrong[0]) - 0xDC00:02x} is not UTF-8. Expected text in UTF-8: save the file as such."
    return ""
