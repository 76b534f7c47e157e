"""Backpropagation by hand agrees with finite differences, and Keras's gradients agree with it to 1e-6."""

import keras
import numpy as np
import oracle
import pytest
import tensorflow as tf

INPUTS = np.random.default_rng(1).standard_normal((7, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2, 2])
THREE_LAYERS = [(4, 5), (5,), (5, 3), (3,)]
XOR_NET = [(2, 2), (2,), (2, 1), (1,)]
CASES = {
    "three layers": (oracle.three_layer_loss, oracle.three_layer_gradients, THREE_LAYERS, INPUTS, LABELS),
    "xor": (oracle.xor_loss, oracle.xor_gradients, XOR_NET, oracle.XOR_INPUTS, oracle.XOR_LABELS),
}


def keras_gradients(weights: oracle.Weights, activation: str, loss, x: np.ndarray, labels: np.ndarray) -> list:
    """Gradients of a float64 Keras model with these weights."""
    layers = [
        keras.layers.Dense(weights[0].shape[1], "sigmoid", dtype="float64"),
        keras.layers.Dense(weights[2].shape[1], activation, dtype="float64"),
    ]
    model = keras.Sequential([keras.Input([x.shape[1]], dtype="float64"), *layers])
    model.set_weights(weights)
    with tf.GradientTape() as tape:
        value = loss(tf.constant(labels), model(tf.constant(x)))
    return tape.gradient(value, model.trainable_variables)


@pytest.mark.parametrize("case", CASES)
def test_backpropagation_equals_finite_differences(case: str) -> None:
    loss, gradients, shapes, x, labels = CASES[case]
    weights = oracle.random_weights(shapes)
    numeric = oracle.finite_differences(lambda w: loss(w, x, labels), weights)
    for by_hand, difference in zip(gradients(weights, x, labels), numeric, strict=True):
        np.testing.assert_allclose(by_hand, difference, rtol=1e-6, atol=1e-9)


def test_keras_gradients_of_the_three_layer_net() -> None:
    weights = oracle.random_weights(THREE_LAYERS)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=False, dtype="float64")
    got = keras_gradients(weights, "softmax", loss, INPUTS, LABELS)
    for gradient, expected in zip(got, oracle.three_layer_gradients(weights, INPUTS, LABELS), strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-12)


def test_keras_gradients_of_the_xor_net() -> None:
    weights = oracle.random_weights(XOR_NET)
    loss = keras.losses.BinaryCrossentropy(from_logits=False, dtype="float64")
    got = keras_gradients(weights, "sigmoid", loss, oracle.XOR_INPUTS, oracle.XOR_LABELS[:, None])
    expected = oracle.xor_gradients(weights, oracle.XOR_INPUTS, oracle.XOR_LABELS)
    for gradient, by_hand in zip(got, expected, strict=True):
        np.testing.assert_allclose(gradient, by_hand, rtol=1e-6, atol=1e-12)


def test_gradient_descent_by_hand_learns_xor() -> None:
    """Plain gradient descent with these gradients reaches the answer: the sign and the scale are right."""
    weights = oracle.random_weights(XOR_NET, seed=3)
    for _ in range(5000):
        gradients = oracle.xor_gradients(weights, oracle.XOR_INPUTS, oracle.XOR_LABELS)
        weights = [w - 2.0 * g for w, g in zip(weights, gradients, strict=True)]
    _, probabilities = oracle.xor_forward(weights, oracle.XOR_INPUTS)
    np.testing.assert_array_equal(probabilities > 0.5, oracle.XOR_LABELS == 1)
