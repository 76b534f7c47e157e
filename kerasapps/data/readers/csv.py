"""Tables in CSV files."""

import csv
from pathlib import Path

from kerasapps.data.readers.txt import LONGEST_LINE, read_lines
from kerasapps.errors import DataError

SUFFIXES = (".csv",)
_OTHER_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}


def read_table(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line, the header first; no cells for a blank line. Raises DataError."""
    # Of the whole process: no cell that was read before is refused by it.
    csv.field_size_limit(max(LONGEST_LINE, csv.field_size_limit()))
    reader = csv.reader(read_lines(path), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except (OSError, csv.Error) as error:
        place = f"{path}, line {reader.line_num}," if isinstance(error, csv.Error) else path
        raise DataError(f"{place} cannot be read: {error}. Expected a CSV file in UTF-8 with a header.") from error
    _check_separator(path, lines[0][1] if lines else [])
    return lines


def _check_separator(path: Path, header: list[str]) -> None:
    """Raise DataError where the only name of a header has another separator in it."""
    found = [name for sign, name in _OTHER_SEPARATORS.items() if len(header) == 1 and sign in header[0]]
    if found:
        raise DataError(
            f"{path}, line 1: {found[0]} separates the columns. Expected ',' between them and '.' in numbers: save the "
            "file so, such as by pandas.read_csv(..., sep=..., decimal=...).to_csv(..., index=False)."
        )
