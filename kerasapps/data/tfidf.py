r"""Texts as vectors: how much of a text each of the most frequent words and pairs of words is (TF-IDF).

A term is a word, or two words side by side with a blank between them. Its entry is (1 + ln count) * idf for a text that
has it, else 0, and idf is ln((1 + texts) / (1 + texts that have it)) + 1. Each text is divided by its length, so that
its squares add up to 1; a text without any known term is all zeros. This is what scikit-learn's
TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"[^\W_]+") makes of texts without
symbols, which are words here.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.data.standardize import standardize
from kerasapps.tensors import Tensor

FEWEST = 2
"""Texts that have a term, at least: what a single one has tells nothing of others."""
MOST_COUNTED = 4_000_000
"""Terms that are counted at a time, in about 500 MB."""


def terms_of(texts: Tensor) -> tf.RaggedTensor:
    """Strings [batch] -> the words of each text, then its pairs of words, strings [batch, terms].

    An apostrophe divides words, so that what's counts as what, too, and tags are words: linear models of a few thousand
    real texts were right about one of 100 texts more often with both.
    """
    return tf.strings.ngrams(tf.strings.split(standardize(tf.strings.regex_replace(texts, "['’<>]", " "))), (1, 2))


class TermCounts:
    """The terms that most texts have, of texts that are met piece by piece."""

    def __init__(self, terms: int, most: int = MOST_COUNTED) -> None:
        """terms: how many to keep. most: beyond so many, those that one text alone has had so far are forgotten."""
        self._kept, self._most, self._texts = terms, most, 0
        self._counts: Counter[bytes] = Counter()

    def add(self, texts: np.ndarray) -> None:
        """Count the texts of a piece that have each term."""
        for terms in terms_of(tf.constant(list(texts))).to_list():
            self._counts.update(set(terms))
        self._texts += len(texts)
        if len(self._counts) > self._most:
            self._counts = Counter({term: count for term, count in self._counts.items() if count > 1})

    def result(self) -> list[list]:
        """[term, idf] of each, the terms of most texts first, then by the alphabet."""
        several = (item for item in self._counts.items() if item[1] >= FEWEST)
        ranked = sorted(several, key=lambda item: (-item[1], item[0]))[: self._kept]
        return [[term.decode(), math.log((1 + self._texts) / (1 + count)) + 1] for term, count in ranked]


class Tfidf(keras.layers.Layer):
    """The vectors of texts, packed: of each text its terms of the greatest weights, by number and weight."""

    def __init__(self, terms: Sequence[tuple[str, float]], most: int, **kwargs: object) -> None:
        """terms: with the idf of each. most: how many terms of a text are kept."""
        super().__init__(**kwargs)
        self.terms, self.most = [(term, idf) for term, idf in terms], most
        self.lookup = keras.layers.StringLookup(vocabulary=[term for term, _ in terms])  # 0 is every other term

    def call(self, inputs: Tensor) -> tf.Tensor:
        """Strings [batch] -> float32 [batch, 2, most], as kerasapps.data.spec.Field packs a vector."""
        numbers, batch = self.lookup(terms_of(inputs)), tf.shape(inputs, tf.int64)[0]
        known = tf.ragged.boolean_mask(numbers, numbers > 0)
        places, _, counts = tf.unique_with_counts(known.value_rowids() * len(self.terms) + known.flat_values - 1)
        rows, numbers = places // len(self.terms), places % len(self.terms)
        idf = tf.constant([idf for _, idf in self.terms], tf.float32)
        weights = (1 + tf.math.log(tf.cast(counts, tf.float32))) * tf.gather(idf, numbers)
        length = tf.sqrt(tf.math.unsorted_segment_sum(tf.square(weights), rows, batch))
        return self._packed(numbers, weights / tf.gather(length, rows), rows, batch)

    def _packed(self, numbers: tf.Tensor, weights: tf.Tensor, rows: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        """Entries of all rows, one row behind the other -> the greatest of each row, float32 [batch, 2, most]."""

        def padded(values: tf.Tensor) -> tf.Tensor:
            ragged = tf.RaggedTensor.from_value_rowids(values, rows, batch, validate=False)
            return tf.pad(ragged.to_tensor(), [[0, 0], [0, self.most]])

        greatest, places = tf.math.top_k(padded(weights), self.most)
        kept = tf.gather(padded(tf.cast(numbers, tf.float32)), places, batch_dims=1)
        return tf.ensure_shape(tf.stack([kept, greatest], axis=1), [None, 2, self.most])

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """What call returns."""
        return keras.KerasTensor((inputs.shape[0], 2, self.most), "float32")

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "terms": self.terms, "most": self.most}
