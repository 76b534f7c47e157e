"""Tables whose cells commas, semicolons, tabs or bars separate, as their first lines show."""

import csv
import difflib
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from kerasapps.data.readers.txt import LONGEST_LINE, read_lines
from kerasapps.errors import DataError

SUFFIXES = (".csv", ".tsv")
_SEPARATORS = (",", ";", "\t", "|")
_TOLD = re.compile(r"sep=([^\w\s\"]|\t)\r?\n?", re.IGNORECASE)
_SAMPLE = 20
"""Lines that are looked at for the separator."""


def read_table(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line, the header first; no cells for a blank line. Raises DataError."""
    # Of the whole process: no cell that was read before is refused by it.
    csv.field_size_limit(max(LONGEST_LINE, csv.field_size_limit()))
    lines = read_lines(path)
    reader, told = csv.reader((), strict=True), 0
    try:
        first = list(itertools.islice(lines, _SAMPLE))
        sign, told = _separator(first)
        reader = csv.reader(itertools.chain(first[told:], lines), delimiter=sign, strict=True)
        return [(told + reader.line_num, cells) for cells in reader]
    except (OSError, csv.Error) as error:
        place = f"{path}, line {told + reader.line_num}," if isinstance(error, csv.Error) else path
        raise DataError(
            f"{place} cannot be read: {error}.{_near(path)} Expected a CSV file in UTF-8 with a header."
        ) from error


def _near(path: Path) -> str:
    """A question for the file of a missing one's folder that is called nearly so, "" where none is."""
    names = [] if path.exists() or not path.parent.is_dir() else [other.name for other in path.parent.iterdir()]
    nearest = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
    return f" Did you mean {path.with_name(nearest[0])}?" if nearest else ""


def point(path: Path) -> str:
    """A comma where semicolons separate the cells, as spreadsheets write them where decimals have commas."""
    return "," if _separator(itertools.islice(read_lines(path), _SAMPLE))[0] == ";" else "."


def _separator(sample: Iterable[str]) -> tuple[str, int]:
    """The sign that parts the header and most of the next lines into equally many cells, more than one; else a comma.

    Of several the one that makes the most cells. Excel has a first line that tells it, such as sep=; and then 1 is the
    number of lines to skip, else 0.
    """
    lines = list(sample)
    if lines and (told := _TOLD.fullmatch(lines[0])):
        return told[1], 1

    def worth(sign: str) -> tuple[float, int]:
        try:
            counts = [len(cells) for cells in csv.reader(lines, delimiter=sign) if cells]
        except csv.Error:
            return 0, 0
        several = counts and counts[0] > 1
        return (sum(count == counts[0] for count in counts) / len(counts), counts[0]) if several else (0, 0)

    return max(_SEPARATORS, key=worth), 0
