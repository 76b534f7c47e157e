"""Positions: sinusoids and learned vectors that are added, angles that turn; against NumPy by hand."""

import numpy as np
import pytest
import tensorflow as tf
import transformer_by_numpy as by_numpy

from kerasapps.layers.positions import Positions, rotate

X = np.random.default_rng(0).normal(size=(2, 7, 6)).astype(np.float32)


def test_sinusoids_are_added_to_scaled_vectors() -> None:
    expected = X * np.sqrt(6) + by_numpy.sinusoids(7, 6)
    np.testing.assert_allclose(Positions("sinusoidal", by_numpy.LONGEST_WAVE)(X), expected, rtol=1e-6, atol=1e-6)


def test_learned_vectors_are_added() -> None:
    layer = Positions("learned", 50.0)
    layer.build(X.shape)
    assert 0.01 < np.std(layer.get_weights()[0]) < 0.03
    own = by_numpy.randomised(layer)["embeddings"]
    np.testing.assert_allclose(layer(X), X + own, rtol=1e-6)
    np.testing.assert_allclose(layer(X[:, :4]), X[:, :4] + own[:4], rtol=1e-6)


def test_vectors_are_turned_as_complex_numbers() -> None:
    vectors = X.reshape(2, 7, 1, 6).repeat(2, axis=2) * np.array([1, -2], np.float32)[:, None]
    got = rotate(tf.constant(vectors), by_numpy.LONGEST_WAVE).numpy()
    for row in range(2):
        for head in range(2):
            expected = by_numpy.turned(vectors[row, :, head])
            np.testing.assert_allclose(got[row, :, head], expected, rtol=1e-5, atol=1e-6)


def test_the_product_of_turned_vectors_tells_how_far_apart_they_are() -> None:
    same = tf.tile(tf.constant(X[:1, :1, None]), [1, 20, 1, 1]) + 0
    other = tf.tile(tf.constant(X[1:, :1, None]), [1, 20, 1, 1]) + 0
    products = np.einsum("td,sd->ts", rotate(same, 50.0)[0, :, 0], rotate(other, 50.0)[0, :, 0])
    for apart in range(-19, 20):
        assert np.ptp(np.diagonal(products, apart)) < 1e-5
    assert np.ptp(products) > 0.5


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_rounds_only_the_result(dtype: str) -> None:
    """Angles of distant steps are not computed in half precision, where 257 is 256."""
    far = np.ones((1, 300, 1, 2), np.float32)
    np.testing.assert_allclose(
        tf.cast(rotate(tf.cast(far, dtype), 1e4), tf.float32), rotate(tf.constant(far), 1e4), atol=0.02
    )
