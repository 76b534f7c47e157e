"""Batch normalization: Keras's numbers and weights, rows of padding left out, half-precision inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.layers.batch_normalization import BatchNormalization
from kerasapps.noise import Noise, step_noise

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(3, 2, (6, 4, 5, 3)).astype(np.float32)


def pair(x: np.ndarray = X) -> tuple[keras.Layer, keras.Layer]:
    """Ours and Keras's with the same weights."""
    layers = BatchNormalization(0.8, 1e-4), keras.layers.BatchNormalization(momentum=0.8, epsilon=1e-4)
    weights = [RANDOM.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)]
    for layer in layers:
        layer.build(x.shape)
        layer.set_weights(weights)
    return layers


def answers(layer: keras.Layer, x: np.ndarray, training: bool) -> list[np.ndarray]:
    """Outputs, the gradients of their weighted sum, and the weights afterwards."""
    factors, inputs = tf.constant(np.cos(np.arange(x.size, dtype=np.float32)).reshape(x.shape)), tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=training)
        total = tf.reduce_sum(outputs * factors)
    gradients = tape.gradient(total, [inputs, *layer.trainable_variables])
    return [np.asarray(values) for values in (outputs, *gradients, *layer.get_weights())]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("x", [X, X[:, 0, 0]], ids=["images", "vectors"])
def test_it_is_keras_own(x: np.ndarray, training: bool) -> None:
    own, kerass = pair(x)
    for got, expected in zip(answers(own, x, training), answers(kerass, x, training), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_the_names_of_its_weights_are_keras_own() -> None:
    own, kerass = pair()
    assert [w.name for w in own.weights] == [w.name for w in kerass.weights]
    assert [w.trainable for w in own.weights] == [w.trainable for w in kerass.weights]


def test_rows_of_padding_do_not_count() -> None:
    padded = np.concatenate([X, np.full_like(X[:2], 1e3)])
    (own, expected), present = (pair()[0] for _ in range(2)), tf.constant([1.0] * 6 + [0.0] * 2)
    expected.set_weights(own.get_weights())
    with step_noise(Noise(0, 0, present=present)):
        got = own(tf.constant(padded), training=True)
    np.testing.assert_allclose(got[:6], expected(tf.constant(X), training=True), rtol=1e-4, atol=1e-5)
    for mine, right in zip(own.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-5)


def test_padding_alone_moves_no_average_and_gives_numbers() -> None:
    layer, _ = pair()
    before = layer.get_weights()
    with step_noise(Noise(0, 0, present=tf.zeros([6]))):
        assert np.isfinite(layer(tf.constant(X), training=True)).all()
    for one, other in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_frozen_it_answers_as_in_evaluation() -> None:
    layer, _ = pair()
    layer.trainable = False
    np.testing.assert_array_equal(layer(tf.constant(X), training=True), layer(tf.constant(X), training=False))


def test_half_precision_is_computed_in_float32_and_answered_in_half() -> None:
    large = (X * 1000).astype(np.float16)  # squares overflow float16
    layer = BatchNormalization(dtype="mixed_float16")
    outputs = layer(tf.constant(large), training=True)
    x = large.astype(np.float64)
    expected = (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-3)
    assert outputs.dtype == tf.float16
    assert {w.dtype for w in layer.weights} == {"float32"}
    np.testing.assert_allclose(outputs, expected, atol=2e-3)


def test_it_is_rebuilt_from_its_configuration() -> None:
    layer = BatchNormalization.from_config(BatchNormalization(0.7, 1e-2, name="norm").get_config())
    assert (layer.momentum, layer.epsilon, layer.name) == (0.7, 1e-2, "norm")
