"""Tables that are written as CSV, whose cells neither a spreadsheet nor a terminal obeys."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from kerasapps.data.spec import NUMBER
from kerasapps.printable import printable

_FORMULAS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also as wide as a Chinese letter


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    """Write rows of cells; raises OSError. A text that a spreadsheet would take for a formula has ' before it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(map(_inert, row) for row in rows)
    return path


def _inert(cell: object) -> str:
    """Its text, of None none; numbers stay as they are."""
    text = "" if cell is None else printable(str(cell))
    is_formula = text.startswith(_FORMULAS) and isinstance(cell, str) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text
