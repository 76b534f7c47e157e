"""Stacks of layers are, with either builder, what NumPy makes of the same weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.layers import stacks
from kerasapps.layers.scores import Scores
from kerasapps.layers.stacks import Stack

RANDOM = np.random.default_rng(4)
ROWS, CLASSES = RANDOM.normal(size=(6, 3)).astype(np.float32), np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1, 0]]


def stacks_of(hparams: None, layout: None) -> dict[str, Stack]:
    """Three kinds: without heads, with two, and with one that sees a further input."""
    dense = keras.layers.Dense
    return {
        "plain": Stack({"rows": [3]}, [dense(4, "relu", name="first"), dense(2, name="second")]),
        "forked": Stack(
            {"rows": [3]}, [dense(4, "relu", name="first")], [dense(1, name="left"), dense(2, name="right")]
        ),
        "told": Stack({"rows": [3], "classes": [2]}, [dense(4, "relu", name="first")], [Scores(name="scores")]),
    }


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_what_stacks_make_of_their_inputs(builder: str) -> None:
    parts = stacks.builders(stacks_of)[builder](None, None)
    weights = {}
    for name, part in parts.items():
        weights[name] = [RANDOM.normal(size=weight.shape) for weight in part.get_weights()]
        part.set_weights(weights[name])
    hidden = {name: np.maximum(ROWS @ kernel + bias, 0) for name, (kernel, bias, *_) in weights.items()}
    _, _, kernel, bias = weights["plain"]
    np.testing.assert_allclose(parts["plain"](ROWS), hidden["plain"] @ kernel + bias, rtol=1e-4, atol=1e-5)
    left, right = parts["forked"](ROWS)
    _, _, *heads = weights["forked"]
    np.testing.assert_allclose(left, hidden["forked"] @ heads[0] + heads[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(right, hidden["forked"] @ heads[2] + heads[3], rtol=1e-4, atol=1e-5)
    _, _, kernel, bias, embeddings = weights["told"]
    expected = (hidden["told"] @ kernel + bias)[:, 0] + np.sum(CLASSES @ embeddings * hidden["told"], axis=1)
    np.testing.assert_allclose(parts["told"]([ROWS, CLASSES]), expected, rtol=1e-4, atol=1e-5)


def test_both_builders_begin_with_the_same_weights() -> None:
    first = []
    for build in stacks.builders(stacks_of).values():
        keras.utils.set_random_seed(1)
        first.append({name: part.get_weights() for name, part in build(None, None).items()})
    tf.nest.map_structure(np.testing.assert_array_equal, *first)
    assert all(np.ptp(weights[0]) > 0 for weights in first[0].values())
