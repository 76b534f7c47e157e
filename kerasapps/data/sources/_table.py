"""Tables in files with a header: numbers, categories, dates or texts in, classes or a number out."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kerasapps.data.kinds import kind_names, kind_of, load_kind
from kerasapps.data.kinds._words import MOST_UNLIKE
from kerasapps.data.kinds._written import has_point
from kerasapps.data.kinds.category import of_words
from kerasapps.data.readers import Cells, columns_of, labels_of, read_table, usual_point
from kerasapps.data.sources._reading import Chosen, Reading, choose
from kerasapps.data.sources._target import read_target
from kerasapps.data.sources._understood import has_leading_zeros, understood_notes
from kerasapps.data.spec import TARGET_NAMES, Column, Columns, Spec
from kerasapps.errors import DataError

_USUAL = Reading()
_ID = re.compile(r"(?:^|[\W_])(?i:id|no|nr)$|[a-z](?:Id|ID|No|Nr)$|(?i:number)$")
"""Names of columns that number what the rows are about, such as id, PassengerId and order_no."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table in memory. lines: that of each row in its file. notes: what was mended, left out or taken for granted."""

    name: str
    spec: Spec
    columns: Columns
    lines: np.ndarray
    notes: tuple[str, ...]

    @property
    def sizes(self) -> Mapping[str, int]:
        """All rows are those of "train"."""
        return {"train": len(self.lines)}

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """Columns of `rows`."""
        return {name: values[rows] for name, values in self.columns.items()}


@dataclass(frozen=True)
class _Input:
    """An input, and why it is rather none."""

    column: Column
    values: np.ndarray
    doubt: str


def load_table(path: Path, reading: Reading = _USUAL) -> Table:
    """The source in a table, without a split of its own; `reading` says how it is read.

    An input is of the kind that is said, or the first of those known, in the order of their names, that takes its cells
    by their looks, else a category. Ids are left out. Columns that are not used are not looked at. The target is the
    column that is said, else the one named target or label, else the last. Raises DataError naming the file and line,
    ConfigError for an unknown column or kind.
    """
    header, lines = read_table(path)
    if len(header) < 2:
        raise DataError(f"{path}, line 1: {header}. Expected at least two columns, with their names in the first line.")
    chosen = choose(header, reading)
    found = columns_of(path, chosen.labels, lines)
    point = _point(path, found.values()) if reading.fill else "."
    cells = [found[label]._replace(fill=reading.fill, point=point) for label in chosen.labels]
    target = read_target(cells[chosen.target], chosen.task, reading)
    inputs = {i: _input(cells[i], target.rows, chosen, i, reading) for i in chosen.inputs}
    used = [i for i in inputs if not inputs[i].doubt] or list(inputs)
    if not used:
        raise DataError(f"{path}: no column is left as input. Expected one beside the target.")
    columns = {i: _renamed(inputs[i].column, chosen, i) for i in used}
    spec = Spec(tuple(columns.values()), _renamed(target.column, chosen, chosen.target))
    values = {columns[i].name: inputs[i].values for i in used} | {spec.required_target.name: target.values}
    notes = [*_default_target(chosen, reading, spec), *target.notes]
    notes += _left_out({chosen.labels[i]: inputs[i].doubt for i in inputs if i not in used})
    notes += [note for i in used for note in understood_notes(columns[i], cells[i])]
    return Table(str(path), spec, values, np.array(cells[0].lines)[target.rows], tuple(notes))


def _point(path: Path, columns: Iterable[Cells]) -> str:
    """What numbers of the file usually have before decimals, unless some cell shows that it is a point."""
    usual = usual_point(path)
    return "." if usual != "." and any(has_point(text) for cells in columns for text in cells.texts) else usual


def _renamed(column: Column, chosen: Chosen, place: int) -> Column:
    label, name = chosen.labels[place], chosen.names[place]
    return replace(column, name=name, label="" if label == name else label)


def _input(whole: Cells, rows: np.ndarray, chosen: Chosen, place: int, reading: Reading) -> _Input:
    """The column at a place, of the rows that have a target."""
    cells = whole.take(rows) if len(rows) < len(whole.texts) else whole
    said = chosen.said.get(place)
    column, values = _said_input(cells, said) if said else _input_by_looks(cells, reading)
    if place in chosen.named:
        return _Input(column, values, "")
    return _Input(column, values, _counts(whole) or (kind_of(column).doubt(column, values) if reading.fill else ""))


def _said_input(cells: Cells, said: str) -> tuple[Column, np.ndarray]:
    """A column of the kind that is said; raises DataError naming the line of a cell that does not fit."""
    if said == "category":
        return of_words(cells)
    names = ("exact", "number") if said == "number" else (said,)
    found = (load_kind(name).of_cells(cells._replace(forced=True)) for name in names)
    fitting = next(filter(None, found), None)
    if fitting is None:
        raise DataError(f"{cells.path}, column {cells.name}: the cells are not of the kind {said}, as was said.")
    return fitting


def _input_by_looks(cells: Cells, reading: Reading) -> tuple[Column, np.ndarray]:
    if reading.fill and has_leading_zeros(cells):
        return of_words(cells)
    known = (name for name in kind_names() if reading.kinds is None or name in reading.kinds)
    return next(filter(None, (load_kind(name).of_cells(cells) for name in known)), None) or of_words(cells)


def _counts(cells: Cells) -> str:
    """That a column only counts many rows, in whatever order, or is an ascending id, or an index without a name."""
    if not all(map(str.isdecimal, cells.texts)) or len({*cells.texts}) < len(cells.texts):
        return ""
    if cells.name == labels_of([""])[0]:  # as pandas writes it
        return "numbers the rows"
    if not cells.fill or len(cells.texts) <= MOST_UNLIKE:
        return ""
    numbers = [int(text) for text in cells.texts]
    if len({*numbers}) == len(numbers) == max(numbers) - min(numbers) + 1:
        return "counts the rows"
    ascending = all(before < after for before, after in itertools.pairwise(numbers))
    return "ascending ids" if ascending and _ID.search(cells.name) else ""


def _default_target(chosen: Chosen, reading: Reading, spec: Spec) -> Iterator[str]:
    """What is said where the last column is the target because none was named."""
    if not reading.target and chosen.names[chosen.target] not in TARGET_NAMES:
        classes = len(spec.required_target.classes)
        what = f"{classes} classes" if classes else "a number"
        yield f"target: the last column, {spec.required_target.title} ({what}); --target names another"


def _left_out(doubts: Mapping[str, str]) -> list[str]:
    listed = "; ".join(f"{label} ({why})" for label, why in doubts.items())
    return [f"left out: {listed}; --kind COLUMN=KIND keeps one"] if doubts else []
