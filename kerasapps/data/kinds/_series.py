"""Series in tables: a column of numbers, and where there is one, that of their times, of which none may be missing."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.kinds._written import plain, point_of
from kerasapps.data.kinds._written_dates import iso, likely_orders
from kerasapps.data.readers import Cells, columns_of, labels_of, names_of, position, read_table, usual_point
from kerasapps.data.spec import LARGEST, NUMBER, TARGET_NAMES
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import pandas

SERIES_NAMES = (*TARGET_NAMES, "value")
"""Names by which a file with times marks its series."""
TIME_NAMES = ("date", "datetime", "ds", "time", "timestamp")
"""Names by which a table of many columns marks the times, in any case; else they are its first column of dates."""

_SAMPLE = 100
"""First cells of a column, of which more than half are dates where it has the times."""

_SPACING = 0.1
"""Relative difference of a step of time from the usual one that rounding may explain; a missing one makes 1."""

_CHUNK, _CHUNKS = 10, 100
"""Of times with a gap somewhere: how many in a row show their frequency, and how often it is looked for."""

_SEASONS = {
    **dict.fromkeys(("MS", "ME", "BMS", "BME"), 12),
    **dict.fromkeys(("QS", "QE", "BQS", "BQE"), 4),
    "W": 52,
    "D": 7,
    "B": 5,
    "h": 24,
}
"""Steps of a day, week or year, by pandas' name of a frequency."""

_OFFSET = re.compile(r"\d[T ].*(Z|[+-]\d\d(:?\d\d)?)", re.IGNORECASE)
"""A time with its offset from UTC."""

_CLOCKS = " Where clocks were changed, write hours in UTC or with their offsets, such as 2001-12-31T23:00+01:00."


class Series(NamedTuple):
    """A series float64 [steps], its name, after how many steps it may repeat itself, 0 = not known, and its dates.

    label: what the file calls it. written: the order in which its dates are written, "" = as ISO has it. notes: how the
    table was read.
    """

    name: str
    values: np.ndarray
    season: int = 0
    calendar: Calendar | None = None
    label: str = ""
    written: str = ""
    notes: tuple[str, ...] = ()


def _problem(cells: Cells, row: int, wanted: str) -> DataError:
    """An error that names the cell by its line."""
    text = cells.texts[row] or "empty"
    return DataError(f"{cells.line(row)}, column {cells.name}: {text}. Expected {wanted}")


def read_series(path: Path, wanted: Sequence[str] = (), written: str = "") -> Series:
    """The series in a table with a header, in the order of time.

    wanted: what the column of the series may be called; of at most two columns without such a one it is that named
    target, label or value, else the last. Another column holds its times: evenly spaced numbers, or dates of a
    frequency that pandas finds; of several others that of TIME_NAMES, else the first of dates. written: the order of
    dates that are not ISO, "" = as the column shows it. Numbers may be written as in tables. Raises DataError naming
    the file and line, for many columns of which none is wanted, empty cells, what is no number, and times that are
    missing or out of order.
    """
    columns = _columns(path, wanted)
    labels = list(columns)
    places = (position(name, labels, names_of(labels)) for name in (*wanted, *SERIES_NAMES))
    label = labels[next((place for place in places if place is not None), -1)]
    if plain(label) or plain(label, ","):
        raise DataError(
            f"{path}, line 1: the series is called {label!r}. Expected a header with a name that is no number."
        )
    cells = columns.pop(label)
    texts = _plain(cells, usual_point(path))
    series = Series(names_of([label])[0], np.array(texts, np.float64), label=label)
    times = _times(columns)
    if times:
        season, calendar, written = _dated(times, written)
        series = series._replace(season=season, calendar=calendar, written=written)
    return series._replace(notes=tuple(_notes(series, cells.texts, texts, list(columns), times)))


def _notes(
    series: Series, given: Sequence[str], texts: Sequence[str], others: Sequence[str], times: Cells | None
) -> Iterator[str]:
    """What is to be said of how a table was read. given, texts: numbers as they stand there, and as Python has them."""
    said = f"{series.label} is forecast from itself alone: {len(texts):,} steps"
    if series.calendar:
        first, last = series.calendar.names(series.calendar.times[[0, -1]])
        said += f" from {first} to {last}, which are of pandas' frequency {series.calendar.frequency}"
    yield f"{said}."
    if other := next((pair for pair in zip(given, texts, strict=True) if pair[0] != pair[1]), None):
        yield f'{series.label}: "{other[0]}" is read as {other[1]}.'
    if times and series.written:
        yield f'{times.name}: "{times.texts[-1]}" is read as {_iso_texts(times.texts[-1:], series.written)[0]}.'
    if len(others) > 1 and not times:
        yield "No dates were found: rows are taken in the file's order."
    if left := [label for label in others if not times or label != times.name]:
        yield f"Not used: {', '.join(left)}."


def _times(columns: dict[str, Cells]) -> Cells | None:
    """The column of times among those beside the series: the only one, one of TIME_NAMES, or the first of dates."""
    if len(columns) == 1:
        return next(iter(columns.values()))
    named = (cells for name, cells in columns.items() if name.lower() in TIME_NAMES)
    return next(named, next(filter(_are_dates, columns.values()), None))


def _are_dates(cells: Cells) -> bool:
    """Whether most of the first cells are dates."""
    texts = [text for text in cells.texts[:_SAMPLE] if not NUMBER.fullmatch(text)]
    return 2 * int(_parsed(texts)[0].notna().sum()) > len(cells.texts[:_SAMPLE])


def _parsed(texts: Sequence[str], written: str = "") -> tuple["pandas.DatetimeIndex", str]:
    """Texts as times in UTC, NaT where one is no date, and the order in which they are written, "" = that of ISO."""
    import pandas

    def parse(order: str) -> pandas.DatetimeIndex:
        found = pandas.to_datetime(_iso_texts(texts, order), format="ISO8601", utc=True, errors="coerce")
        return found.tz_localize(None)

    times, order = parse(""), ""
    for other in ([written] if written else likely_orders(texts)) if times.hasnans else []:
        if (found := parse(other)).isna().sum() < times.isna().sum():
            times, order = found, other
    return times, order


def _iso_texts(texts: Sequence[str], order: str) -> list[str]:
    return [iso(text, order) for text in texts]


def _columns(path: Path, wanted: Sequence[str]) -> dict[str, Cells]:
    """The columns of a file by label. A blank line is an empty cell where there is one column."""
    header, lines = read_table(path)
    given, labels = [cell.strip() for cell in header], labels_of(header)
    known = any(position(name, labels, names_of(labels)) is not None for name in wanted)
    if (not 1 <= len(labels) <= 2 and not known) or len({*given}) < len(given):
        raise DataError(
            f"{path}, line 1: the columns {given}. Expected different names, one of them "
            f"{wanted[0] if wanted else 'the series'}"
            + ("." if wanted else ": name it with --target COLUMN. A series is forecast from itself alone.")
        )
    while lines and not lines[-1][1]:
        lines.pop()
    if len(labels) == 1:
        lines = [(line, cells or [""]) for line, cells in lines]
    return columns_of(path, labels, lines)


def _plain(cells: Cells, usual: str) -> list[str]:
    """The numbers as Python writes them; usual: what the file usually has before decimals."""
    point, _ = point_of(cells.texts, usual)
    texts = [plain(text, point) or "" for text in cells.texts]
    for row, text in enumerate(texts):
        if not (text and abs(float(text)) <= LARGEST):
            raise _problem(cells, row, f"a number of at most {LARGEST:.0e} in size: a series has no gaps. Fill it in.")
    return texts


def _dated(cells: Cells, written: str) -> tuple[int, Calendar | None, str]:
    """Steps of a season as far as the times tell, 0 = not known, the dates where they are some, and their order.

    Raises DataError for times of unequal steps.
    """
    if "" in cells.texts:
        raise _problem(cells, cells.texts.index(""), "the time of this step. Fill it in.")
    if all(NUMBER.fullmatch(text) and abs(float(text)) <= LARGEST for text in cells.texts):
        _check_spacing(cells)
        return 0, None, ""
    times, written = _parsed(cells.texts, written)
    if not (frequency := _frequency(cells, times)):
        return 0, None, written
    calendar = Calendar(times.to_numpy("datetime64[s]"), frequency, bool(_OFFSET.search(cells.texts[-1])))
    return _SEASONS.get(frequency.partition("-")[0], 0), calendar, written


def _check_spacing(cells: Cells) -> None:
    """Raise DataError for the first number that is not one step after the one before; the usual step is the median."""
    if len(cells.texts) < 2:
        return
    steps = np.diff(np.array(cells.texts, np.float64))
    step = np.median(steps)
    for row in np.flatnonzero(~(np.abs(steps - step) < _SPACING * step))[:1] + 1:
        wanted = f"{step:g} more than in line {cells.lines[row - 1]}" if step > 0 else "times in ascending order"
        raise _problem(cells, row, f"{wanted}: fill in or sort the steps, or write dates as 2001-12-31.")


def _frequency(cells: Cells, times: "pandas.DatetimeIndex") -> str:
    """pandas' name of the frequency of dates, "" for fewer than three; raises DataError for one that is not of it."""
    import pandas

    hour = pandas.Timedelta(hours=1)
    for row in np.flatnonzero(times.isna())[:1]:
        raise _problem(cells, row, "a date such as 2001-12-31, or a number as in every other line.")
    for row in np.flatnonzero(times[1:] <= times[:-1])[:1] + 1:
        clocks = _CLOCKS * (0 * hour <= times[row - 1] - times[row] < hour)
        wanted = f"a later time than in line {cells.lines[row - 1]}: sort them, and keep each once."
        raise _problem(cells, row, wanted + clocks)
    if len(times) < 3:
        return ""
    starts = range(0, min(len(times) - 2, _CHUNK * _CHUNKS), _CHUNK)
    found = (pandas.infer_freq(part) for part in (times, *(times[start : start + _CHUNK] for start in starts)))
    frequency = next(filter(None, found), None)
    if frequency is None:
        raise _problem(cells, 0, "times of even steps, such as hours, days, weeks, or first or last days of months.")
    due = times[:-1] + pandas.tseries.frequencies.to_offset(frequency)
    for row in np.flatnonzero(times[1:] != due)[:1] + 1:
        clocks = _CLOCKS * (times[row] - due[row - 1] == hour)
        wanted = f"{due[row - 1]}, of the frequency {frequency}: fill in the steps that are missing."
        raise _problem(cells, row, wanted + clocks)
    return frequency
