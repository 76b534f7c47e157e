"""Numbers in words against num2words itself: composed exactly, nothing shared by splits, always the same rows."""

import subprocess
import sys
import time
from random import Random

import numpy as np
import pytest
from num2words import num2words

from kerasapps.data.sources import open_source
from kerasapps.data.sources._numbers import in_words, split_numbers
from kerasapps.data.split import split_rows

LANGUAGES = {"numbers_en_fr": ("fr", "french"), "numbers_en_de": ("de", "german")}
BY_HAND = [
    (0, "zero", "zéro", "null"),
    (21, "twenty-one", "vingt et un", "einundzwanzig"),
    (80_080, "eighty thousand and eighty", "quatre-vingt mille quatre-vingts", "achtzigtausendachtzig"),
    (1_200, "one thousand, two hundred", "mille deux cents", "eintausendzweihundert"),
    (200_000, "two hundred thousand", "deux cent mille", "zweihunderttausend"),
]
DIGEST = """
import hashlib
from kerasapps.data.sources import open_source
splits = open_source("numbers_en_fr").splits
lines = [f"{split}: {' = '.join(pair)}" for split, rows in splits.items() for pair in zip(*rows.values())]
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


@pytest.mark.parametrize(("number", "english", "french", "german"), BY_HAND)
def test_numbers_by_hand(number: int, english: str, french: str, german: str) -> None:
    assert [in_words(number, language) for language in ("en", "fr", "de")] == [english, french, german]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_parts_make_what_num2words_writes(language: str) -> None:
    thousands = [0, 1, 2, 21, 71, 80, 81, 99, 100, 101, 200, 280, 300, 999]
    edges = [1000 * a + b for a in thousands for b in thousands]
    random = Random(1)
    for number in [*edges, *(int(1e6 * random.random()) for _ in range(1000))]:
        assert in_words(number, language) == num2words(number, lang=language), number


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_row_is_a_number_of_its_split(name: str) -> None:
    language, target = LANGUAGES[name]
    source = open_source(name)
    assert [(column.name, column.kind) for column in source.spec.columns] == [("english", "text"), (target, "text")]
    for split, numbers in split_numbers().items():
        rows = np.arange(0, len(numbers), 97)
        columns = source.read(split, rows)
        assert list(columns["english"]) == [num2words(numbers[row], lang="en") for row in rows]
        assert list(columns[target]) == [num2words(numbers[row], lang=language) for row in rows]


def test_no_number_is_in_two_splits_and_small_ones_are_in_each() -> None:
    splits = split_numbers()
    assert {split: len(numbers) for split, numbers in splits.items()} == open_source("numbers_en_fr").sizes
    assert {split: len(numbers) for split, numbers in splits.items()} == {
        "train": 20_000,
        "validation": 1_000,
        "test": 2_000,
    }
    together = np.concatenate(list(splits.values()))
    assert len(set(together.tolist())) == 23_000 and together.min() == 0 and 990_000 < together.max() < 1_000_000
    # Of 23,000 uniform numbers 0.1% and 1% would be.
    for numbers in map(np.array, splits.values()):
        assert 0.03 < (numbers < 1000).mean() < 0.06 and 0.1 < (numbers < 10_000).mean() < 0.2
    parts = split_rows(open_source("numbers_en_fr"), seed=3)
    assert {split: len(rows) for split, rows in parts.items()} == open_source("numbers_en_fr").sizes


def test_the_rows_are_always_the_same_and_made_at_once() -> None:
    runs = [subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True) for _ in "ab"]
    assert runs[0].stdout == runs[1].stdout and len(runs[0].stdout) == 65
    start = time.process_time()
    open_source("numbers_en_de").splits  # noqa: B018
    assert time.process_time() - start < 2
