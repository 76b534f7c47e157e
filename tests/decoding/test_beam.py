"""Beam search against all texts there are, over a small vocabulary; finished beams; the length penalty by hand."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.data.tokenizers import END
from kerasapps.decoding.beam import beam_search, normalised

SIZE, LENGTH = 5, 4


@dataclass(frozen=True)
class Table:
    """A decoder whose logits depend on the row, on all tokens so far and on the step: `tables` [rows, 5^4, 5].

    Its state is the row and the number that the tokens so far make in base 5.
    """

    tables: np.ndarray
    beams: int

    def start(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.repeat(tf.range(len(self.tables)), self.beams), tf.zeros([rows], tf.int32)

    def step(self, tokens: tf.Tensor, state: tuple, at: tf.Tensor) -> tuple[tf.Tensor, tuple]:
        row, number = state
        number = tf.where(at > 0, number * SIZE + tokens, 0)
        places = (number + 7 * at) % self.tables.shape[1]
        return tf.gather_nd(tf.constant(self.tables), tf.stack([row, places], axis=-1)), (row, number)


def random_tables(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, SIZE**LENGTH, SIZE), scale=2.0).astype(np.float32)


def every_text() -> list[tuple[int, ...]]:
    """Texts of tokens but padding, up to END or the length."""
    ended = [(*before, END) for size in range(LENGTH) for before in itertools.product((2, 3, 4), repeat=size)]
    return ended + list(itertools.product((2, 3, 4), repeat=LENGTH))


def likelihood(table: np.ndarray, text: tuple[int, ...]) -> float:
    total, number = 0.0, 0
    for at, token in enumerate(text):
        number = number * SIZE + text[at - 1] if at else 0
        logits = table[(number + 7 * at) % len(table)].astype(np.float64)
        total += logits[token] - np.log(np.exp(logits).sum())
    return total


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("penalty", [0.0, 0.6, 2.0])
def test_with_enough_beams_it_finds_the_best_of_all_texts(penalty: float, compiled: bool) -> None:
    rows, beams = 20, SIZE**3
    tables = random_tables(rows, seed=int(penalty * 10))
    find = tf.function(
        lambda: beam_search(Table(tables, beams), tf.constant(rows), LENGTH, beams, penalty), jit_compile=compiled
    )
    tokens, scores = find()
    for row, table in enumerate(tables):
        ranked = {text: likelihood(table, text) / ((5 + len(text)) / 6) ** penalty for text in every_text()}
        best = max(ranked, key=ranked.__getitem__)
        np.testing.assert_array_equal(tokens[row], best + (0,) * (LENGTH - len(best)))
        np.testing.assert_allclose(scores[row], ranked[best], rtol=1e-4, atol=1e-5)


def test_one_beam_takes_the_likeliest_token_each_time() -> None:
    tables = random_tables(30, seed=5)
    tokens, scores = beam_search(Table(tables, 1), tf.constant(30), LENGTH, 1, 0.0)
    for row, table in enumerate(tables):
        text: tuple[int, ...] = ()
        while len(text) < LENGTH and END not in text:
            text += (max((1, 2, 3, 4), key=lambda token: likelihood(table, (*text, token))),)
        np.testing.assert_array_equal(tokens[row], text + (0,) * (LENGTH - len(text)))
        np.testing.assert_allclose(scores[row], likelihood(table, text), rtol=1e-4)


def test_more_beams_find_no_worse_texts_on_the_whole() -> None:
    tables = random_tables(200, seed=8)
    means = [
        float(np.mean(beam_search(Table(tables, beams), tf.constant(200), LENGTH, beams, 0.0)[1]))
        for beams in (1, 2, 8)
    ]
    assert means[0] < means[1] < means[2]


def test_what_has_ended_stays_as_it_is() -> None:
    """END is likely at once, so that the others grow beside it; its score is that of the one token."""
    table = np.zeros((1, SIZE**LENGTH, SIZE), np.float32)
    table[0, 0, END] = 3.0
    tokens, scores = beam_search(Table(table, 3), tf.constant(1), LENGTH, 3, 0.0)
    np.testing.assert_array_equal(tokens, [[END, 0, 0, 0]])
    np.testing.assert_allclose(scores, [3 - np.log(np.exp(3) + 4)], rtol=1e-5)


def test_the_penalty_is_that_by_hand() -> None:
    got = normalised(tf.constant([-7.0, -7.0]), tf.constant([1, 13]), 0.5)
    np.testing.assert_allclose(got, [-7.0, -7.0 / 3**0.5], rtol=1e-6)
