"""Rows of texts in batches of their own length: the lengths, the order of rows, and batches that are cut to a length.

The length of a row is how many tokens it has, padding left out; of several texts, the longest one counts. A bucket is
all rows that fit in one of a few lengths and in no shorter one. Each bucket fills batches of its own, so that little of
them is padding; a batch is cut to the first length that all its rows fit in.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Batch, Layout
from kerasapps.data.split import Rows
from kerasapps.errors import ConfigError


def has_texts(layout: Layout) -> bool:
    """Whether a row has tokens, as an input or to be told."""
    return layout.target.length > 0 or any(field.form == "tokens" for field in layout.inputs)


def row_lengths(layout: Layout, rows: Mapping[str, Any]) -> tf.Tensor:
    """Tokens of each row of a batch or of a split, int32 [rows]."""
    texts = [rows["inputs"][field.name] for field in layout.inputs if field.form == "tokens"]
    texts += [rows["labels"]] if layout.target.length else []
    return tf.reduce_max([tf.math.count_nonzero(text, axis=1, dtype=tf.int32) for text in texts], axis=0)


def read_lengths(rows: Rows, preprocess: Preprocess) -> np.ndarray:
    """Tokens of each row, int32 [rows]; raises DataError for bad rows."""
    pieces = ({"inputs": preprocess.apply(piece), **preprocess.answers(piece)} for piece in rows.pieces())
    return np.concatenate([row_lengths(preprocess.layout, piece) for piece in pieces])


def fit_lengths(preprocess: Preprocess, rows: Rows, number: int) -> Preprocess:
    """The preprocessing with at most so many lengths, fitted to its training rows; 1 = batches are not cut.

    Raises ConfigError where no row has tokens.
    """
    if number > 1 and not has_texts(preprocess.layout):
        raise ConfigError(
            f"length_buckets={number}, but no input or target of {rows.source.name} becomes tokens here. Expected "
            "texts as tokens, or length_buckets=1."
        )
    lengths = least_padding(read_lengths(rows, preprocess), number) if number > 1 else ()
    return preprocess if lengths == preprocess.lengths else dataclasses.replace(preprocess, lengths=lengths)


def least_padding(lengths: np.ndarray, number: int) -> tuple[int, ...]:
    """At most `number` lengths, ascending, that leave the least padding where each row is as long as the next of them.

    lengths: of rows, int [rows]. Of each prefix of their different values the best last but one is found, one bucket
    more at a time: dynamic programming, exact.
    """
    values, counts = np.unique(np.maximum(lengths, 1), return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])  # rows of the first so many values
    tokens = np.concatenate([[0.0], np.full(len(values), np.inf)])  # of these rows, padding with them
    before = np.zeros((number, len(below)), int)  # how many of the values lie before the last bucket
    for own in before:
        tokens_before = tokens.copy()
        for last in range(1, len(below)):
            whole = tokens_before[:last] + values[last - 1] * (below[last] - below[:last])
            own[last] = np.argmin(whole)
            tokens[last] = whole[own[last]]
    last, chosen = len(values), []
    for own in before[::-1]:
        if last:
            chosen.append(int(values[last - 1]))
            last = own[last]
    return tuple(reversed(chosen))


def in_batches(shuffled: np.ndarray, buckets: np.ndarray, batch_size: int) -> np.ndarray:
    """The rows of an epoch so that batches are of one bucket: int32 [rows] again, batch after batch.

    shuffled: the order that they would have without buckets. A bucket's rows fill its batches in this order, and a
    batch lies where its last row would. What is left of the buckets is put together, the short rows first; the last
    rows make the partial batch, where there is one.
    """
    own = buckets[shuffled]
    places = [np.flatnonzero(own == bucket) for bucket in range(own.max() + 1)]
    whole = [each[: len(each) // batch_size * batch_size] for each in places]
    left = np.concatenate([each[len(full) :] for each, full in zip(places, whole, strict=True)])
    partial = len(left) // batch_size * batch_size
    batches = np.concatenate([*whole, left[:partial]]).reshape(-1, batch_size)
    batches = batches[np.argsort(batches.max(axis=1))]
    return shuffled[np.concatenate([batches.ravel(), left[partial:]])]


def bucket_of(layout: Layout, batch: Batch) -> tf.Tensor:
    """The bucket of the longest row of a batch, a scalar int32."""
    longest = tf.reduce_max(row_lengths(layout, batch))
    return tf.reduce_sum(tf.cast(longest > tf.constant(layout.lengths[:-1], tf.int32), tf.int32))


def cut(layout: Layout, batch: Batch, length: int) -> Batch:
    """The batch with the first `length` tokens of each text, and of labels that are one a token."""
    inputs = dict(batch["inputs"])
    for field in layout.inputs:
        if field.form == "tokens":
            inputs[field.name] = inputs[field.name][:, :length]
    answers = {name: batch[name][:, :length] for name in layout.target.arrays} if layout.target.length else {}
    return {**batch, "inputs": inputs, **answers}
