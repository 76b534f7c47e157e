"""What is said of the cells of a table's column that are not taken as they are written."""

import shlex
from collections.abc import Iterator

from kerasapps.data.kinds import kind_of
from kerasapps.data.kinds._filled import is_missing
from kerasapps.data.kinds._written import mixed_units
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column


def has_leading_zeros(cells: Cells) -> bool:
    """Whether digits are rather codes, such as the ZIP code 01234, than numbers."""
    filled = [text for text in cells.texts if not is_missing(text)]
    return any(text[0] == "0" and text != "0" for text in filled) and all(map(str.isdecimal, filled))


def understood_notes(column: Column, cells: Cells) -> Iterator[str]:
    """The first cell that is read as something else, and one of each unit where units are mixed."""
    kind = kind_of(column)
    filled = [text for text in cells.texts if not is_missing(text)] if column.fill else []
    if column.classes and has_leading_zeros(cells):  # which other kinds have not
        kind_given = shlex.quote(f"{column.title}=number")
        yield f"{column.title}: a category, as numbers begin with 0; --kind {kind_given} reads numbers"
        return
    mixed = mixed_units(filled) if kind.dtype != "string" else []
    if mixed:
        read = ", ".join(f'"{text}" is read as {kind.understood(column, text)}' for text in mixed)
        yield f"{column.title}: units are mixed: {read}; write all of them in one"
        return
    found = ((text, kind.understood(column, text)) for text in filled)
    other = next((pair for pair in found if pair[0] != pair[1]), None)
    if other:
        yield f'{column.title}: "{other[0]}" is read as {other[1]}'
