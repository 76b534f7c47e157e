"""A source of few rows, for tests that do not ask how well something is learnt."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kerasapps.data.spec import Columns, Source, Spec

MOST = {"train": 500, "validation": 50, "test": 100}

WORDS = {"train": 400, "validation": 80, "test": 100}
"""Sounds of the source speech_words: a tenth."""


@dataclass(frozen=True)
class Few:
    """A source that has only `rows` of each split of another one."""

    name: str
    spec: Spec
    sizes: Mapping[str, int]
    source: Source
    rows: Mapping[str, np.ndarray]

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """What the source has in the places of these rows."""
        return self.source.read(split, self.rows[split][rows])


def few(source: Source) -> Few:
    """At most MOST rows of each split of a source, chosen at random, always the same."""
    rows = {split: np.sort(in_random_order(size)[: MOST[split]]) for split, size in source.sizes.items()}
    return Few(source.name, source.spec, {split: len(own) for split, own in rows.items()}, source, rows)


def in_random_order(size: int) -> np.ndarray:
    """The numbers below `size`, always in the same order."""
    return np.random.default_rng(0).permutation(size)
