"""Series in tables: a column of numbers, and where there is one, that of their times, of which none may be missing."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.readers import Cells, column_name, columns_of, read_table
from kerasapps.data.spec import LARGEST, NUMBER, TARGET_NAMES, is_argument
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import pandas

SERIES_NAMES = (*TARGET_NAMES, "value")
"""Names by which a file with times marks its series."""
TIME_NAMES = ("date", "datetime", "ds", "time", "timestamp")
"""Names by which a table of many columns marks the times, in any case; else they are its first column of dates."""

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
    """A series float64 [steps], its name, after how many steps it may repeat itself, 0 = not known, and its dates."""

    name: str
    values: np.ndarray
    season: int
    calendar: Calendar | None = None


def _problem(cells: Cells, row: int, wanted: str) -> DataError:
    """An error that names the cell by its line."""
    text = cells.texts[row] or "empty"
    return DataError(f"{cells.line(row)}, column {cells.name}: {text}. Expected {wanted}")


def read_series(path: Path, wanted: str = "") -> Series:
    """The series in a table with a header, in the order of time.

    The series is the column `wanted`; of at most two columns without such a one that named target, label or value, else
    the last. Another column holds its times: evenly spaced numbers, or ISO dates of a frequency that pandas finds; of
    several others that of TIME_NAMES, else the first of dates. Raises DataError naming the file and line, for many
    columns of which none is wanted, empty cells, what is no number, and times that are missing or out of order.
    """
    columns = _columns(path, wanted)
    name = next((name for name in (wanted, *SERIES_NAMES) if name in columns), list(columns)[-1])
    if not is_argument(name):
        raise DataError(
            f"{path}, line 1: the series is called {name!r}. Expected a header with a name of the letters a to z, "
            "digits and _ that begins with a letter and is no word of Python."
        )
    values, times = _values(columns.pop(name)), _times(columns)
    return Series(name, values, *_dated(times)) if times else Series(name, values, 0)


def _times(columns: dict[str, Cells]) -> Cells | None:
    """The column of times among those beside the series: the only one, one of TIME_NAMES, or the first of dates."""
    if len(columns) == 1:
        return next(iter(columns.values()))
    named = (cells for name, cells in columns.items() if name.lower() in TIME_NAMES)
    dates = (cells for cells in columns.values() if not NUMBER.fullmatch(cells.texts[0]) and not _parsed(cells).hasnans)
    return next(named, next(dates, None))


def _parsed(cells: Cells) -> "pandas.DatetimeIndex":
    """Cells as times in UTC, NaT where one is no ISO date."""
    import pandas

    return pandas.to_datetime(list(cells.texts), format="ISO8601", utc=True, errors="coerce").tz_localize(None)


def _columns(path: Path, wanted: str) -> dict[str, Cells]:
    """The columns of a file by name. A blank line is an empty cell where there is one column."""
    header, lines = read_table(path)
    names = [column_name(cell) for cell in header]
    if (not 1 <= len(names) <= 2 and wanted not in names) or len(set(names)) < len(names):
        raise DataError(
            f"{path}, line 1: the columns {names}. Expected different names, one of them {wanted or 'the series'}"
            + ("." if wanted else ": name it with --target COLUMN. A series is forecast from itself alone.")
        )
    while lines and not lines[-1][1]:
        lines.pop()
    if len(names) == 1:
        lines = [(line, cells or [""]) for line, cells in lines]
    return columns_of(path, names, lines)


def _values(cells: Cells) -> np.ndarray:
    """float64 [steps]."""
    for row, text in enumerate(cells.texts):
        if not (NUMBER.fullmatch(text) and abs(float(text)) <= LARGEST):
            raise _problem(cells, row, f"a number of at most {LARGEST:.0e} in size: a series has no gaps. Fill it in.")
    return np.array(cells.texts, np.float64)


def _dated(cells: Cells) -> tuple[int, Calendar | None]:
    """Steps of a season as far as the times tell, 0 = not known, and the dates where they are some; raises DataError
    for times of unequal steps."""
    if "" in cells.texts:
        raise _problem(cells, cells.texts.index(""), "the time of this step. Fill it in.")
    if all(NUMBER.fullmatch(text) and abs(float(text)) <= LARGEST for text in cells.texts):
        _check_spacing(cells)
        return 0, None
    times = _parsed(cells)
    if not (frequency := _frequency(cells, times)):
        return 0, None
    calendar = Calendar(times.to_numpy("datetime64[s]"), frequency, bool(_OFFSET.search(cells.texts[-1])))
    return _SEASONS.get(frequency.partition("-")[0], 0), calendar


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
