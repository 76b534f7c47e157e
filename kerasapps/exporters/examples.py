"""Made-up rows on which a model is asked where its data are gone."""

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Column, Columns

_ANY_KIND = (["2001-12-31", "1999-02-01T23:59"], ["true", "no"])
"""Strings of which each kind without classes and words takes some."""


def examples(preprocess: Preprocess, rows: int) -> Columns:
    """Raw inputs [rows, ...] that the model takes, like those of its training as far as these are known."""
    generator, statistics = np.random.default_rng(0), preprocess.statistics
    return {c.name: _values(c, statistics.get(c.name, []), rows, generator) for c in preprocess.spec.inputs}


def _values(column: Column, fitted: list, rows: int, generator: np.random.Generator) -> np.ndarray:
    kind = kind_of(column)
    if kind.dtype == "string":
        words = [each[0] if isinstance(each, list) else each for each in fitted]  # of a vector with their idf
        known = ([*column.classes], [word for word in words if isinstance(word, str)], *_ANY_KIND)
        lists = (np.resize(words, rows) for words in known if words)
        return next(words for words in lists if _fit(column, words))
    shape, dtype = (rows, *column.shape), np.dtype(kind.dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    mean, variance = fitted[:2]
    return generator.normal(mean, variance**0.5, shape).astype(dtype)


def _fit(column: Column, values: np.ndarray) -> bool:
    bad, _ = kind_of(column).wrong(column, values, False)
    return bad is not None and not len(bad)
