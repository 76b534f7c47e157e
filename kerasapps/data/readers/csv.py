"""Tables in CSV files."""

import csv
from pathlib import Path

from kerasapps.data.readers.txt import read_lines
from kerasapps.errors import DataError

SUFFIXES = (".csv",)


def read_table(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line, the header first; no cells for a blank line. Raises DataError."""
    reader = csv.reader(read_lines(path), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except (OSError, csv.Error) as error:
        place = f"{path}, line {reader.line_num}," if isinstance(error, csv.Error) else path
        raise DataError(f"{place} cannot be read: {error}. Expected a CSV file in UTF-8 with a header.") from error
