"""Dense layers and layer normalisation as Keras has them, with gradients that are fast where XLA compiles for a CPU.

The gradient of what is added to all rows is a sum of columns. XLA:CPU adds columns up one after the other on one core,
which takes as long as many a product of matrices; a product with ones takes less.
"""

import keras
import tensorflow as tf

from kerasapps.tensors import Tensor

ALIKE = 8
"""Rows of ones. XLA computes the product with a single one inside of what makes the values, once for each column."""


def column_sums(values: Tensor) -> Tensor:
    """[..., columns] -> the sums over all other axes, [columns]."""
    rows = tf.reshape(values, [-1, values.shape[-1]])
    return tf.matmul(tf.ones([ALIKE, tf.shape(rows)[0]], rows.dtype), rows)[0]


@tf.custom_gradient
def shifted(values: Tensor, offsets: Tensor) -> Tensor:
    """[..., columns] + [columns]."""
    return values + offsets, lambda upstream: (upstream, column_sums(upstream))


@tf.custom_gradient
def normalised(values: Tensor, scales: Tensor, offsets: Tensor, epsilon: float) -> Tensor:
    """(values - mean) / sqrt(variance + epsilon) * scales + offsets, of the last axis (Ba et al. 2016)."""

    def mean(of: Tensor) -> Tensor:
        return tf.reduce_mean(of, axis=-1, keepdims=True)

    centred = values - mean(values)
    inverse = tf.math.rsqrt(mean(tf.square(centred)) + epsilon)
    standard = centred * inverse

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        scaled = upstream * scales
        inner = inverse * (scaled - mean(scaled) - standard * mean(scaled * standard))
        return inner, column_sums(upstream * standard), column_sums(upstream), None

    return standard * scales + offsets, gradient


@keras.saving.register_keras_serializable("kerasapps")
def gelu(values: Tensor) -> Tensor:
    """values * P(a standard normal number is less) (Hendrycks and Gimpel 2016, arXiv:1606.08415), not approximated.

    By erf, which XLA computes without branches, where TensorFlow's own takes erfc.
    """
    return 0.5 * values * (1 + tf.math.erf(values * 0.5**0.5))


@keras.saving.register_keras_serializable("kerasapps")
class Dense(keras.layers.Dense):
    """keras.layers.Dense."""

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """[..., width] -> [..., units]."""
        products = keras.ops.matmul(inputs, self.kernel)
        return self.activation(shifted(products, tf.convert_to_tensor(self.bias)) if self.use_bias else products)


@keras.saving.register_keras_serializable("kerasapps")
class LayerNormalization(keras.layers.LayerNormalization):
    """keras.layers.LayerNormalization of the last axis; it computes in float32."""

    def call(self, inputs: Tensor) -> Tensor:
        """[..., width] -> the same shape."""
        weights = (tf.cast(weight, "float32") for weight in (self.gamma, self.beta))
        return tf.cast(normalised(tf.cast(inputs, "float32"), *weights, self.epsilon), self.compute_dtype)
