"""Dates: ISO strings [rows] such as 2001-12-31 or 2001-12-31T23:59, which become six numbers, in this order.

year: standardised by the mean and standard deviation of the training rows. month sin, month cos: of the angle
2 pi (month - 1) / 12. weekday sin, weekday cos: of 2 pi weekday / 7, Monday being 0. days: since the first training
date at 0:00, with the time of day as a fraction where it is given; standardised by the mean and standard deviation
of the training rows' whole days. Times have no offset but Z, and fractions of a second do not count.

Cells of a table are dates where all that are filled are; where only most of them are, the others are refused. Where
cells may be missing, the median date takes their place, and a seventh number is 1 for them where training rows had
such. Dates then may be written in other ways, see _written_dates.
"""

import re
import string
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Fitter, Part
from kerasapps.data.kinds._filled import Mended, fits, is_missing, missing_in, missing_in_graph
from kerasapps.data.kinds._moments import Moments
from kerasapps.data.kinds._written_dates import iso, iso_in_graph, likely_orders
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_PATTERN = _DAY + r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z?)?"
_FEATURES = ("year", "month sin", "month cos", "weekday sin", "weekday cos", "days")
_WANTED = "a date such as 2001-12-31, or with its time such as 2001-12-31T23:59"
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_PLACES = ((0, 4), (5, 2), (8, 2))
_SAMPLE = 100
"""Of the first cells of a column with dates some are dates."""
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _day(value: object) -> date | None:
    """The day of a date between blanks of ASCII, as in the graph; None where it is none."""
    text = str(value).strip(string.whitespace)
    try:
        return date.fromisoformat(text[:10]) if re.fullmatch(_PATTERN, text) else None
    except ValueError:  # such as 2001-02-30
        return None


def _days_of(column: Column, values: Sequence[str] | np.ndarray) -> list[date | None]:
    """The day of each date of a column, None where it is none or missing."""
    return [_day(iso(str(value), column.written)) for value in values]


def _circle(steps: int) -> np.ndarray:
    """Sine and cosine of each of so many even steps round a circle, float32 [steps, 2]."""
    angles = 2 * np.pi * np.arange(steps) / steps
    return np.stack([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


class _Days:
    """[first day since 1970, mean and variance of the year, mean and variance of the days since the first]."""

    def __init__(self) -> None:
        self._years, self._days, self._first = Moments(), Moments(), np.inf

    def add(self, values: np.ndarray) -> None:
        days = list(filter(None, map(_day, values)))  # all of them: what is read has been checked
        numbers = np.array([day.toordinal() - _EPOCH for day in days])
        self._years.add(np.array([day.year for day in days]))
        self._days.add(numbers)
        self._first = min(self._first, numbers.min())

    def result(self) -> list:
        mean, variance = self._days.result()
        return [int(self._first), *self._years.result(), mean - int(self._first), variance]


class _FilledDays:
    """As _Days once the median date, the sixth, stands in for missing ones; then 1 where there are some, else 0."""

    def __init__(self, column: Column) -> None:
        self._column, self._days, self._missing = column, list[date](), 0

    def add(self, values: np.ndarray) -> None:
        days = list(filter(None, _days_of(self._column, values)))
        self._days += days
        self._missing += len(values) - len(days)

    def result(self) -> list:
        median = sorted(self._days or [date(1970, 1, 1)])[(len(self._days) - 1) // 2 if self._days else 0].isoformat()
        days = _Days()
        days.add(np.array([*self._days, *[median] * self._missing], str))
        return [*days.result(), median, int(self._missing > 0)]


def _parts(texts: "tf.Tensor", *places: tuple[int, int]) -> "list[tf.Tensor]":
    """The numbers int32 [batch] that stand at these places, (start, length), of each string [batch]."""
    import tensorflow as tf

    return [tf.strings.to_number(tf.strings.substr(texts, *place), tf.int32) for place in places]


def _numbers(texts: "tf.Tensor", fitted: list) -> "tf.Tensor":
    """Strings [batch], all of them dates -> float32 [batch, 6]."""
    import tensorflow as tf

    whole = tf.strings.regex_replace(tf.strings.strip(texts), r"^(.{10})$", r"\1T00:00")
    whole = tf.strings.regex_replace(whole, r"^(.{16})Z?$", r"\1:00")
    year, month, day, hour, minute, second = _parts(whole, *_DAY_PLACES, (11, 2), (14, 2), (17, 2))
    days = _days_since_1970(year, month, day)
    seconds = tf.cast(3600 * hour + 60 * minute + second, tf.float32)
    first, year_mean, year_variance, mean, variance = fitted
    since = tf.cast(days - first, tf.float32) + seconds / 86400
    years = (tf.cast(year, tf.float32) - np.float32(year_mean)) / np.float32(year_variance**0.5)
    passed = (since - np.float32(mean)) / np.float32(variance**0.5)
    cyclic = [tf.gather(_circle(12), month - 1), tf.gather(_circle(7), (days + 3) % 7)]  # 1970-01-01 is a Thursday
    return tf.concat([years[:, None], *cyclic, passed[:, None]], axis=1)


def _days_since_1970(year: "tf.Tensor", month: "tf.Tensor", day: "tf.Tensor") -> "tf.Tensor":
    """Days of the Gregorian calendar, int32 [batch].

    A year that begins with March has its leap day at its end (Hinnant, days_from_civil).
    """
    import tensorflow as tf

    begun = year - tf.cast(month < 3, tf.int32)
    before = 365 * begun + begun // 4 - begun // 100 + begun // 400
    return before + (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719_468


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of what is no date."""
    known = np.array([day is not None for day in _days_of(column, values)], bool)
    return np.flatnonzero(~(known | missing_in(values)) if column.fill else ~known), _wanted(column)


def _wanted(column: Column) -> str:
    """What a date of the column has to look like."""
    other = {"dmy": "31.12.2001 or 31/12/2001", "mdy": "12/31/2001"}.get(column.written)
    return _WANTED if other is None else f"{_WANTED}, or {other}"


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Dates of days that exist: not 2001-02-30."""
    import tensorflow as tf

    texts = tf.strings.strip(iso_in_graph(values, column.written))
    formed = tf.strings.regex_full_match(texts, _PATTERN)
    year, month, day = _parts(tf.where(formed, texts, "0001-01-01"), *_DAY_PLACES)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = tf.gather(_MONTH_DAYS, month - 1) + tf.cast(leap & (month == 2), tf.int32)
    held = formed & (year > 0) & (day <= length)
    return held | missing_in_graph(values) if column.fill else held, _wanted(column)


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Fitter:
    """First day, and moments of years and days."""
    return _FilledDays(column) if column.fill else _Days()


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """Six entries of the vector, in the order of the module's docstring, and maybe the seventh."""
    _, year, year_variance, days, days_variance, *filled = fitted
    marked = bool(filled and filled[1])
    units = ((year, year_variance**0.5), *[(0.0, 1.0)] * 4, (days, days_variance**0.5), *[(0.0, 1.0)] * marked)
    features = tuple(f"{column.title}[{feature}]" for feature in (*_FEATURES, *["missing"] * marked))
    return Field(column.name, form, (len(features),), (column.name,), features, units=units)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """Strings [batch] -> [batch, 6 or 7] of each column."""
    import keras

    converted = []
    for part, texts in zip(parts, inputs, strict=True):
        if part.column.fill:
            given = {"fitted": part.fitted, "written": part.column.written}
            layer = keras.layers.Lambda(_filled, part.field.shape, arguments=given)
        else:
            layer = keras.layers.Lambda(_numbers, part.field.shape, arguments={"fitted": part.fitted})
        converted.append(layer(texts))
    return converted


def _filled(texts: "tf.Tensor", fitted: list, written: str) -> "tf.Tensor":
    """Strings [batch], all of them dates as they are written or missing -> float32 [batch, 6 or 7]."""
    import tensorflow as tf

    *dates, median, marked = fitted
    missing = missing_in_graph(texts)
    numbers = _numbers(tf.where(missing, median, iso_in_graph(texts, written)), dates)
    return tf.concat([numbers, tf.cast(missing, tf.float32)[:, None]], axis=1) if marked else numbers


def understood(column: Column, text: str) -> str:
    """The date as ISO has it."""
    return text if _day(text) else iso(text, column.written)


def mended(column: Column, fitted: list, values: np.ndarray) -> Mended:
    """Missing dates, and the median."""
    return Mended(int(missing_in(values).sum()), f"the median {fitted[5]}")


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A date where all filled cells are dates; raises DataError for one that is none where most are."""
    if cells.fill:
        return _of_filled(cells)
    wrong_rows = [row for row, text in enumerate(cells.texts) if text and not _day(text)]
    filled = sum(map(bool, cells.texts))
    if 2 * len(wrong_rows) >= filled:
        return None
    if wrong_rows:
        raise cells.refused(wrong_rows[0], "a date such as 2001-12-31 in this column. Mend or leave out the row.")
    return Column(cells.name, "date"), np.array(cells.texts)


def _of_filled(cells: Cells) -> tuple[Column, np.ndarray] | None:
    rows = [row for row, text in enumerate(cells.texts) if not is_missing(text)]
    texts = [cells.texts[row] for row in rows]
    columns = [Column(cells.name, "date", fill=True, written=order) for order in likely_orders(texts)]
    if not cells.forced and not any(any(_days_of(column, texts[:_SAMPLE])) for column in columns):
        return None
    wrong = {column: _wrong_rows(column, rows, texts) for column in columns}
    column = min(columns, key=lambda column: len(wrong[column]))
    wanted = f"{_wanted(column)}. Mend the cell, leave the row out, or name another kind with --kind."
    return (column, np.array(cells.texts)) if fits(cells, wrong[column], wanted) else None


def _wrong_rows(column: Column, rows: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Those whose texts are no dates; each of these is looked at once."""
    different = list({*texts})
    bad = {text for text, day in zip(different, _days_of(column, different), strict=True) if day is None}
    return [row for row, text in zip(rows, texts, strict=True) if text in bad]
