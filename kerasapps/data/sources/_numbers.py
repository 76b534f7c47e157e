"""Pairs of numbers in words: English, and another language, as the package num2words writes them."""

import functools
from random import Random

import numpy as np
from num2words import num2words

from kerasapps.data.spec import Column, Columns, Generated, Spec

SIZES = {"train": 20_000, "validation": 1_000, "test": 2_000}
DIGITS = 6
SEED = 0


def number_pairs(name: str, language: str, target: str) -> Generated:
    """Numbers in English and in `language` (num2words' name of it), whose column is called `target`."""
    spec = Spec((Column("english", "text"),), Column(target, "text"))
    words = {"english": "en", target: language}

    def make(split: str) -> Columns:
        return {column: _texts(split_numbers()[split], spoken) for column, spoken in words.items()}

    return Generated(name, spec, SIZES, make)


@functools.cache
def split_numbers() -> dict[str, list[int]]:
    """The numbers of each split, all different and always the same.

    Half of what is drawn is uniform below 1,000,000. The other half is uniform below a power of ten that is drawn, so
    that most numbers below 1,000 are there.
    """
    # Of Python's random numbers only those of random() are promised to stay the same in other versions.
    random = Random(SEED)
    drawn: set[int] = set()
    while len(drawn) < sum(SIZES.values()):
        digits = DIGITS if random.random() < 0.5 else 1 + int(DIGITS * random.random())
        drawn.add(int(10**digits * random.random()))
    # Short numbers are all drawn soon: without this they would lie in the first split alone.
    numbers = sorted(sorted(drawn), key=lambda _: random.random())
    ends = np.cumsum(list(SIZES.values()))
    return {split: numbers[end - size : end] for (split, size), end in zip(SIZES.items(), ends.tolist(), strict=True)}


def _texts(numbers: list[int], language: str) -> np.ndarray:
    return np.array([in_words(number, language) for number in numbers], object)


def in_words(number: int, language: str) -> str:
    """A number below 1,000,000 as num2words writes it: its thousands, then what 1,000 has behind them.

    Each of the parts is asked for once; num2words needs four seconds for all numbers.
    """
    thousands, rest = divmod(number, 1000)
    if not (thousands and rest):
        return _part(number, language)
    return _part(1000 * thousands, language) + _behind(rest, language)


def _behind(rest: int, language: str) -> str:
    """What follows the thousands, with the blank, comma or "and" before it."""
    return _part(1000 + rest, language).removeprefix(_part(1000, language))


@functools.cache
def _part(number: int, language: str) -> str:
    return num2words(number, lang=language)
