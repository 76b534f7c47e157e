"""Dense layers and layer normalisation against Keras's own, of which they have the outputs and the gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.layers.dense import Dense, LayerNormalization, gelu

X = np.random.default_rng(0).normal(1, 3, (3, 5, 8)).astype(np.float32)


def gradients(layer: keras.Layer, jit: bool) -> list[np.ndarray]:
    """Of a sum in which every output counts differently: of the inputs and of the weights; the outputs first."""

    @tf.function(jit_compile=jit, autograph=False)
    def computed(inputs: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs)
            shares = np.sin(np.arange(np.prod(outputs.shape))).reshape(outputs.shape)
            total = tf.reduce_sum(outputs * shares.astype(np.float32))
        return [outputs, *tape.gradient(total, [inputs, *(weight.value for weight in layer.trainable_variables)])]

    return [np.asarray(value) for value in computed(tf.constant(X))]


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    "own, kerass",
    [
        (Dense(4), keras.layers.Dense(4)),
        (Dense(4, gelu, use_bias=False), keras.layers.Dense(4, "gelu", use_bias=False)),
        (Dense(4, gelu), keras.layers.Dense(4, "gelu")),
        (LayerNormalization(), keras.layers.LayerNormalization()),
    ],
)
def test_outputs_and_gradients_are_those_of_keras(own: keras.Layer, kerass: keras.Layer, jit: bool) -> None:
    generator = np.random.default_rng(1)
    for layer in (own, kerass):
        if not layer.built:  # by the other case
            layer.build(X.shape)
    own.set_weights(weights := [generator.normal(size=weight.shape) for weight in own.get_weights()])
    kerass.set_weights(weights)
    for got, expected in zip(gradients(own, jit), gradients(kerass, jit), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


def test_gelu_is_the_share_of_a_normal_distribution() -> None:
    from scipy.stats import norm

    x = np.linspace(-6, 6, 101)
    np.testing.assert_allclose(gelu(tf.constant(x)), x * norm.cdf(x), atol=1e-12)
    np.testing.assert_allclose(gelu(tf.constant(x, tf.float32)), x * norm.cdf(x), atol=2e-6)
