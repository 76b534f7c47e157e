"""Dates as six languages write them, by the formats of CLDR (cldr.unicode.org) in the package Babel."""

import datetime
import functools
from collections.abc import Iterator
from random import Random

import babel
import numpy as np

from kerasapps.data.spec import Column, Columns, Generated, Spec

LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
STYLES = ("full", "long", "medium", "yMMMd", "yMMMEd", "yMMMMd", "yMMMMEd")
"""Formats by their length, and by what they have: a weekday E, a month MMM in short or MMMM in full."""
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
SIZES = {"train": 20_000, "validation": 1_000, "test": 2_000}
SEED = 0


@functools.cache
def split_days() -> dict[str, list[datetime.date]]:
    """The days of each split, all different and always the same."""
    # Of Python's random numbers only those of random() are promised to stay the same in other versions.
    random, days = Random(SEED), (LAST - FIRST).days + 1
    drawn: dict[int, None] = {}
    while len(drawn) < sum(SIZES.values()):
        drawn[int(days * random.random())] = None
    numbers: Iterator[int] = iter(drawn)
    return {split: [FIRST + datetime.timedelta(next(numbers)) for _ in range(size)] for split, size in SIZES.items()}


@functools.cache
def patterns(language: str) -> tuple[str, ...]:
    """The different formats of a language that say which day is meant.

    Those with signs / are left out, because English has the month first, and those of two digits for the year.
    """
    locale = babel.Locale.parse(language)
    found = [str(locale.date_formats.get(style) or locale.datetime_skeletons[style]) for style in STYLES]
    return tuple(dict.fromkeys(each for each in found if "/" not in each and "yy" not in each))


def written(day: datetime.date, language: str, pattern: str) -> str:
    """A day in a format: a name of CLDR, such as long, or a pattern."""
    from babel.dates import format_date

    return format_date(day, pattern, locale=language)


def dates_to_iso(name: str) -> Generated:
    """Dates in one of the languages and one of its formats, each drawn alike -> the same day as in 2009-03-07."""

    def make(split: str) -> Columns:
        days, random = split_days()[split], Random(f"{SEED} {split}")
        languages = [_chosen(LANGUAGES, random) for _ in days]
        chosen = [_chosen(patterns(language), random) for language in languages]
        return {
            "date": np.array(list(map(written, days, languages, chosen)), object),
            "iso": np.array([day.isoformat() for day in days], object),
        }

    return Generated(name, Spec((Column("date", "text"),), Column("iso", "text")), SIZES, make)


def long_dates(name: str, languages: dict[str, str]) -> Generated:
    """Dates in the long format of two languages; languages: column -> language, the input first."""
    first, second = (Column(column, "text") for column in languages)

    def make(split: str) -> Columns:
        return {
            column: np.array([written(day, language, "long") for day in split_days()[split]], object)
            for column, language in languages.items()
        }

    return Generated(name, Spec((first,), second), SIZES, make)


def _chosen(things: tuple[str, ...], random: Random) -> str:
    return things[int(random.random() * len(things))]
