"""File formats: one module per format, found by the suffixes of files; modules that begin with _ help them.

Adding a format = one file here. It names SUFFIXES, in lower case, and has one of these, or both:
- read_table(path) -> number and cells of each line, the header first, no cells for a blank line; raises DataError.
  point(path) -> what such a table usually has before decimals, "." or ","; a format without it has ".".
- read_rows(path, column) -> raw values [rows, *column.shape] of a column of one of the KINDS that it names; WHAT is
  what messages call such files. Raises DataError.
Where each file is one row, and folders of such files are data, it also has choose_column(paths) -> the column that
suits them, by their headers, and a sentence that says so.
"""

import functools
import importlib
import itertools
import os
import pkgutil
import re
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

import numpy as np

from kerasapps.data.spec import Column, is_argument
from kerasapps.errors import ConfigError, DataError, missing_columns

_Result = TypeVar("_Result")
_THREADS = os.cpu_count() or 1

Lines = list[tuple[int, list[str]]]
"""Number and cells of each line of a table."""


class Cells(NamedTuple):
    """A column of a table: its file and name, and the number and text of each line, blanks around texts left out.

    fill: whether cells may be missing, and numbers and dates be written in other ways. point: what the file usually has
    before decimals. forced: whether the kind that is asked was named, so that a cell that does not fit is an error.
    """

    path: Path
    name: str
    lines: Sequence[int]
    texts: Sequence[str]
    fill: bool = False
    point: str = "."
    forced: bool = False

    def line(self, row: int) -> str:
        """Where a cell is: file and line."""
        return f"{self.path}, line {self.lines[row]}"

    def refused(self, row: int, wanted: str) -> DataError:
        """An error that names a cell by its line."""
        text = self.texts[row] or "empty"
        return DataError(f"{self.line(row)}, column {self.name}: {text}. Expected {wanted}")

    def take(self, rows: np.ndarray) -> "Cells":
        """Those in these rows."""
        return self._replace(lines=[self.lines[i] for i in rows], texts=[self.texts[i] for i in rows])


def column_name(cell: str) -> str:
    """What a column is called by its header: what is no letter or digit becomes _."""
    return re.sub(r"\W", "_", cell.strip())


def labels_of(header: Sequence[str]) -> list[str]:
    """The names of a header as pandas.read_csv has them: of equal ones the second is a.1, without one Unnamed: 0."""
    given = [cell.strip() or f"Unnamed: {i}" for i, cell in enumerate(header)]
    labels: list[str] = []
    for label in given:
        others = (f"{label}.{number}" for number in itertools.count(1))
        free = (other for other in others if other not in labels and other not in given)
        labels.append(next(free) if label in labels else label)
    return labels


def names_of(labels: Sequence[str]) -> list[str]:
    """Names of ASCII that an exported model can have inputs of; they differ in more than upper and lower case."""
    names: list[str] = []
    for i, label in enumerate(labels):
        name, number = _argument(label, f"column_{i + 1}"), 0
        while (f"{name}_{number}" if number else name).lower() in map(str.lower, names):
            number += 1
        names.append(f"{name}_{number}" if number else name)
    return names


def _argument(label: str, other: str) -> str:
    """A name for a label: itself where it can be one, else its letters of ASCII, else `other`."""
    name = column_name(label)
    if is_argument(name):
        return name
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).encode("ascii", "ignore").decode()
    name = column_name(plain).strip("_")
    if not any(map(str.isalpha, name)) and not any(map(str.isdigit, name)):
        return other
    named = (name, f"{name}_", f"column_{name}")
    return next(one for one in named if is_argument(one))


def position(wanted: str, labels: Sequence[str], names: Sequence[str]) -> int | None:
    """Which column is meant: by its label, else by its name; None where none is."""
    for known in (labels, names, [column_name(label) for label in labels]):
        if wanted in known:
            return list(known).index(wanted)
    return None


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


def usual_point(path: Path) -> str:
    """What numbers of a table usually have before decimals."""
    form = _tables()[path.suffix.lower()]
    return form.point(path) if hasattr(form, "point") else "."


def read_columns(path: Path, columns: Sequence[Column]) -> dict[str, Cells]:
    """These columns of a table with a header and maybe no rows, by name; others are left out.

    They are found by their labels or by their names. Raises DataError, also for equal names.
    """
    header, lines = read_table(path)
    labels = labels_of(header)
    found = {column.name: _place(path, column, columns, header) for column in columns}
    missing = [column.title for column in columns if found[column.name] is None]
    if missing:
        wanted = ", ".join(column.title for column in columns)
        raise DataError(f"{path}: {missing_columns(missing)}. Expected a header with {wanted}.")
    cells = list(columns_of(path, labels, lines, least=0).values())
    chosen = {column.name: cells[found[column.name] or 0] for column in columns}
    return {column.name: chosen[column.name]._replace(name=column.title) for column in columns}


def _place(path: Path, column: Column, columns: Sequence[Column], header: Sequence[str]) -> int | None:
    """Where one of `columns` stands in a table, None = nowhere; raises DataError where several may be meant."""
    labels = labels_of(header)
    same = [cell.strip() for cell in header].count(column.title)
    if same > 1 and f"{column.title}.1" not in [other.label for other in columns]:
        raise DataError(f"{path}: {same} columns are called {column.title}. Expected one of each name.")
    places = (position(name, labels, names_of(labels)) for name in (column.title, column.name))
    return next((place for place in places if place is not None), None)


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
