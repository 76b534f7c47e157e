"""File formats: one module per format, found by the suffixes of files; modules that begin with _ help them.

Adding a format = one file here. It names SUFFIXES, in lower case, and has one of these, or both:
- read_table(path) -> number and cells of each line, the header first, no cells for a blank line; raises DataError.
- read_rows(path, column) -> raw values [rows, *column.shape] of a column of one of the KINDS that it names; WHAT is
  what messages call such files. Raises DataError.
Where each file is one row, and folders of such files are data, it also has choose_column(paths) -> the column that
suits them, by their headers, and a sentence that says so.
"""

import functools
import importlib
import os
import pkgutil
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

import numpy as np

from kerasapps.data.spec import Column
from kerasapps.errors import ConfigError, DataError, missing_columns

_Result = TypeVar("_Result")
_THREADS = os.cpu_count() or 1

Lines = list[tuple[int, list[str]]]
"""Number and cells of each line of a table."""


class Cells(NamedTuple):
    """A column of a table: its file and name, and the number and text of each line, blanks around texts left out."""

    path: Path
    name: str
    lines: Sequence[int]
    texts: Sequence[str]

    def line(self, row: int) -> str:
        """Where a cell is: file and line."""
        return f"{self.path}, line {self.lines[row]}"

    def refused(self, row: int, wanted: str) -> DataError:
        """An error that names a cell by its row."""
        text = self.texts[row] or "empty"
        return DataError(f"{self.path}, row {row} (from 0), column {self.name}: {text}. Expected {wanted}")


def column_name(cell: str) -> str:
    """What a column is called by its header: what is no letter or digit becomes _."""
    return re.sub(r"\W", "_", cell.strip())


@functools.cache
def _formats() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def _tables() -> dict[str, ModuleType]:
    """Suffix -> the format of such tables."""
    return {suffix: form for form in _formats() if hasattr(form, "read_table") for suffix in form.SUFFIXES}


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its suffix."""
    return path.suffix.lower() in _tables()


def read_table(path: Path) -> tuple[list[str], Lines]:
    """The cells of a table's header, none for an empty file, and the lines that follow; raises DataError."""
    (_, header), *lines = _tables()[path.suffix.lower()].read_table(path) or [(1, [])]
    return header, lines


def columns_of(path: Path, names: Sequence[str], lines: Lines, least: int = 1) -> dict[str, Cells]:
    """The columns of a table, by name; raises DataError for a line of another length, and for fewer than `least`."""
    rows = [(number, cells) for number, cells in lines if cells]
    for number, cells in rows:
        if len(cells) != len(names):
            raise DataError(f"{path}, line {number}: {len(cells)} cells, expected {len(names)}.")
    if len(rows) < least:
        raise DataError(f"{path} has no rows. Expected a header and at least one row.")
    numbers = [number for number, _ in rows]
    return {name: Cells(path, name, numbers, [cells[i].strip() for _, cells in rows]) for i, name in enumerate(names)}


def read_columns(path: Path, names: Sequence[str]) -> dict[str, Cells]:
    """The columns `names` of a table with a header and maybe no rows; others are left out.

    Raises DataError, also for equal names.
    """
    header, lines = read_table(path)
    found = [column_name(cell) for cell in header]
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path}: {missing_columns(missing)}. Expected a header with {', '.join(names)}.")
    for name in names:
        if found.count(name) > 1:
            raise DataError(f"{path}: {found.count(name)} columns are called {name}. Expected one of each name.")
    columns = columns_of(path, found, lines, least=0)
    return {name: columns[name] for name in names}


def rows_formats(*kinds: str) -> dict[str, ModuleType]:
    """Suffix -> the format of files that hold rows of columns of these kinds; of any kind where none is given."""
    formats = [form for form in _formats() if hasattr(form, "read_rows") and (not kinds or {*kinds} & {*form.KINDS})]
    return {suffix: form for form in formats for suffix in form.SUFFIXES}


def read_rows(path: Path, column: Column) -> np.ndarray:
    """The rows of a column in a file; raises ConfigError for a file of another format, DataError for a damaged one."""
    formats = rows_formats(column.kind)
    if path.suffix.lower() not in formats:
        raise ConfigError(f"{path}: expected {' or '.join(dict.fromkeys(form.WHAT for form in formats.values()))}.")
    return formats[path.suffix.lower()].read_rows(path, column)


def row_formats() -> dict[str, ModuleType]:
    """Suffix -> the format of files that are one row each."""
    return {suffix: form for form in _formats() if hasattr(form, "choose_column") for suffix in form.SUFFIXES}


def of_each(function: Callable[[Path], _Result], paths: Sequence[Path]) -> list[_Result]:
    """function(path) of each path, in their order, several at a time; raises what it raises of the first such path."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(function, paths))
