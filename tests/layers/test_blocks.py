"""Blocks, feed-forward layers and pooling against NumPy by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import transformer_by_numpy as by_numpy

from kerasapps.layers.attention import Attention
from kerasapps.layers.blocks import Block, FeedForward, Pool

X = np.random.default_rng(0).normal(size=(3, 5, 8)).astype(np.float32)
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]], bool)


@pytest.mark.parametrize("activation", ["gelu", "swiglu"])
def test_feed_forward_is_that_by_hand(activation: str) -> None:
    layer = FeedForward(6, activation)
    layer.build(X.shape)
    expected = by_numpy.feed_forward(by_numpy.randomised(layer), X, activation)
    np.testing.assert_allclose(layer(X), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_block_is_that_by_hand(norm: str) -> None:
    layer = Block(Attention(2, name="attention"), FeedForward(6, "gelu", name="feed_forward"), norm)
    layer.build(X.shape)
    weights, got = by_numpy.randomised(layer), layer(X, mask=tf.constant(MASK)).numpy()
    for row in (0, 1):
        expected = by_numpy.block(weights, X[row].astype(np.float64), MASK[row] & np.ones((5, 1), bool), norm, 2)
        np.testing.assert_allclose(got[row], expected, rtol=1e-4, atol=1e-4)


def test_the_mean_and_the_first_of_what_is_no_padding() -> None:
    mask = tf.constant(MASK)
    mean, first = (Pool(kind)(X, mask=mask) for kind in ("mean", "first"))
    zero = np.zeros(8)
    np.testing.assert_allclose(mean, [X[0].mean(axis=0), X[1, :2].mean(axis=0), zero], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(first, [X[0, 0], X[1, 0], zero], rtol=1e-6)
    np.testing.assert_allclose(Pool("mean")(X), X.mean(axis=1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(Pool("first")(X), X[:, 0])


def test_they_are_loaded_from_a_file_of_keras(tmp_path) -> None:
    inputs, own = keras.Input([5, 8]), {"kernel_regularizer": keras.regularizers.L1L2(0.0, 0.1)}
    attention, forward = Attention(2, name="attention", **own), FeedForward(6, "swiglu", name="feed_forward", **own)
    block = Block(attention, forward, "post", 0.1, name="block_1")
    model = keras.Model(inputs, Pool("first")(block(inputs)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for inner in ("attention", "feed_forward"):
        assert getattr(loaded.layers[1], inner).get_config() == getattr(block, inner).get_config()
    assert (loaded.layers[1].norm, loaded.layers[1].rate, loaded.layers[2].pooling) == ("post", 0.1, "first")
    np.testing.assert_array_equal(loaded(X), model(X))
