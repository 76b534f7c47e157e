"""Generated dates against Babel and days written by hand: every format tells the day, and no split shares one."""

import datetime
import subprocess
import sys
import time

import numpy as np
import pytest
from babel.dates import format_date

from kerasapps.data.sources import open_source
from kerasapps.data.sources._dates import LANGUAGES, patterns, split_days, written

DAY = datetime.date(2009, 3, 7)
BY_HAND = {
    "en": {"Saturday, March 7, 2009", "March 7, 2009", "Mar 7, 2009", "Sat, Mar 7, 2009", "Sat, March 7, 2009"},
    "fr": {"samedi 7 mars 2009", "7 mars 2009", "sam. 7 mars 2009"},
    "de": {"Samstag, 7. März 2009", "7. März 2009", "07.03.2009", "Sa., 7. März 2009"},
    "es": {
        "sábado, 7 de marzo de 2009",
        "7 de marzo de 2009",
        "7 mar 2009",
        "sáb, 7 mar 2009",
        "sáb, 7 de marzo de 2009",
    },
    "it": {"sabato 7 marzo 2009", "7 marzo 2009", "7 mar 2009", "sab 7 mar 2009", "sab 7 marzo 2009"},
    "pt": {
        "sábado, 7 de março de 2009",
        "7 de março de 2009",
        "7 de mar. de 2009",
        "sáb., 7 de mar. de 2009",
        "sáb., 7 de março de 2009",
    },
}
DIGEST = """
import hashlib
from kerasapps.data.sources import open_source
splits = open_source("dates").splits
lines = [f"{split}: {' = '.join(pair)}" for split, rows in splits.items() for pair in zip(*rows.values())]
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_formats_of_a_language_by_hand(language: str) -> None:
    assert {written(DAY, language, pattern) for pattern in patterns(language)} == BY_HAND[language]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_date_is_how_babel_writes_its_day(split: str) -> None:
    source = open_source("dates")
    columns = source.read(split, np.arange(0, source.sizes[split], 23))
    found = set()
    for text, iso in zip(columns["date"], columns["iso"], strict=True):
        day = datetime.date.fromisoformat(iso)
        made = {language: {written(day, language, p) for p in patterns(language)} for language in LANGUAGES}
        found |= {language for language, texts in made.items() if texts >= {text}}
        assert any(text in texts for texts in made.values()), text
        assert "/" not in text and str(day.year) in text
    assert found == set(LANGUAGES)


def test_no_text_means_two_days() -> None:
    days: dict[str, str] = {}
    for columns in open_source("dates").splits.values():
        for text, iso in zip(columns["date"], columns["iso"], strict=True):
            assert days.setdefault(text, iso) == iso


def test_english_dates_and_the_same_in_french() -> None:
    source = open_source("dates_en_fr")
    assert [(column.name, column.kind) for column in source.spec.columns] == [("english", "text"), ("french", "text")]
    for split, days in split_days().items():
        columns = source.read(split, np.arange(0, len(days), 41))
        assert list(columns["english"]) == [format_date(day, "long", locale="en") for day in days[::41]]
        assert list(columns["french"]) == [format_date(day, "long", locale="fr") for day in days[::41]]
        assert list(open_source("dates").splits[split]["iso"][::41]) == [str(day) for day in days[::41]]


def test_no_day_is_in_two_splits_and_two_centuries_are_in_each() -> None:
    splits = split_days()
    sizes = {"train": 20_000, "validation": 1_000, "test": 2_000}
    assert {split: len(days) for split, days in splits.items()} == sizes
    assert open_source("dates").sizes == open_source("dates_en_fr").sizes == sizes
    assert len({day for days in splits.values() for day in days}) == 23_000
    for days in splits.values():
        years = np.array([day.year for day in days])
        assert years.min() >= 1900 and years.max() <= 2099
        # Uniform: the mean of 1,000 has a standard error of 1.8 years.
        assert abs(years.mean() - 1999.5) < 8


def test_the_rows_are_always_the_same_and_made_at_once() -> None:
    runs = [subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True) for _ in "ab"]
    assert runs[0].stdout == runs[1].stdout and len(runs[0].stdout) == 65
    start = time.process_time()
    open_source("dates")
    assert time.process_time() - start < 2
