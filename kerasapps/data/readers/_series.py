"""Series in tables: one column of numbers, and where there is another, their times, of which none may be missing."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasapps.data.readers import Cells, column_name, columns_of, read_table
from kerasapps.data.spec import LARGEST, NUMBER, TARGET_NAMES, is_argument
from kerasapps.errors import DataError

SERIES_NAMES = (*TARGET_NAMES, "value")
"""Names by which a file with times marks its series."""

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


_CLOCKS = " Where clocks were changed, write hours in UTC or with their offsets, such as 2001-12-31T23:00+01:00."


class Series(NamedTuple):
    """A series float64 [steps], its name, and after how many steps it may repeat itself, 0 = not known."""

    name: str
    values: np.ndarray
    season: int


def _problem(cells: Cells, row: int, wanted: str) -> DataError:
    """An error that names the cell by its line."""
    text = cells.texts[row] or "empty"
    return DataError(f"{cells.line(row)}, column {cells.name}: {text}. Expected {wanted}")


def read_series(path: Path) -> Series:
    """The series in a table with a header, in the order of time.

    The series is the column named target, label or value, else the last; another column holds its times: evenly spaced
    numbers, or ISO dates of a frequency that pandas finds. Raises DataError naming the file and line, for further
    columns, empty cells, what is no number, and times that are missing or out of order.
    """
    columns = _columns(path)
    name = next((name for name in SERIES_NAMES if name in columns), list(columns)[-1])
    if not is_argument(name):
        raise DataError(
            f"{path}, line 1: the series is called {name!r}. Expected a header with a name of the letters a to z, "
            "digits and _ that begins with a letter and is no word of Python."
        )
    values = _values(columns.pop(name))
    return Series(name, values, _season(*columns.values()) if columns else 0)


def _columns(path: Path) -> dict[str, Cells]:
    """The one or two columns of a file by name. A blank line is an empty cell where there is one column."""
    header, lines = read_table(path)
    names = [column_name(cell) for cell in header]
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        raise DataError(
            f"{path}, line 1: the columns {names}. Expected one of numbers, the series, and at most one other, their "
            "times. Leave out the others: a series is forecast from itself alone."
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


def _season(cells: Cells) -> int:
    """Steps of a season as far as the times tell, 0 = not known; raises DataError for times of unequal steps."""
    if "" in cells.texts:
        raise _problem(cells, cells.texts.index(""), "the time of this step. Fill it in.")
    if all(NUMBER.fullmatch(text) and abs(float(text)) <= LARGEST for text in cells.texts):
        _check_spacing(cells)
        return 0
    return _SEASONS.get(_frequency(cells).partition("-")[0], 0)


def _check_spacing(cells: Cells) -> None:
    """Raise DataError for the first number that is not one step after the one before; the usual step is the median."""
    if len(cells.texts) < 2:
        return
    steps = np.diff(np.array(cells.texts, np.float64))
    step = np.median(steps)
    for row in np.flatnonzero(~(np.abs(steps - step) < _SPACING * step))[:1] + 1:
        wanted = f"{step:g} more than in line {cells.lines[row - 1]}" if step > 0 else "times in ascending order"
        raise _problem(cells, row, f"{wanted}: fill in or sort the steps, or write dates as 2001-12-31.")


def _frequency(cells: Cells) -> str:
    """pandas' name of the frequency of dates, "" for fewer than three; raises DataError for one that is not of it."""
    import pandas

    hour = pandas.Timedelta(hours=1)
    times = pandas.to_datetime(list(cells.texts), format="ISO8601", utc=True, errors="coerce").tz_localize(None)
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
