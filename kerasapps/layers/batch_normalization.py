"""Batch normalization over the global batch: all replicas together, rows of padding left out."""

from typing import Any

import keras
import tensorflow as tf

from kerasapps.draw import current


class BatchNormalization(keras.layers.Layer):
    """Batch normalization over the last axis (Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2).

    Weights and numbers are those of keras.layers.BatchNormalization; under replicas, those of one device that sees the
    whole batch. The reductions between replicas lie in the forward pass, which therefore cannot be compiled by XLA.
    """

    def __init__(self, momentum: float = 0.99, epsilon: float = 1e-3, **arguments: Any) -> None:
        """momentum: of the moving averages. epsilon: added to the variance."""
        super().__init__(**arguments)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape: Any) -> None:
        """gamma, beta, moving_mean and moving_variance, [channels] each, float32."""
        shape, own = input_shape[-1:], {"autocast": False, "dtype": "float32"}
        # Replicas agree on the moving averages, so that any one's may be taken.
        moving = {**own, "trainable": False, "aggregation": "only_first_replica"}
        self.gamma = self.add_weight(shape, "ones", name="gamma", **own)
        self.beta = self.add_weight(shape, "zeros", name="beta", **own)
        self.moving_mean = self.add_weight(shape, "zeros", name="moving_mean", **moving)
        self.moving_variance = self.add_weight(shape, "ones", name="moving_variance", **moving)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """[batch, ..., channels] -> the same shape, computed in float32."""
        x = tf.cast(inputs, tf.float32)
        mean, variance = self.moving_mean.value, self.moving_variance.value
        if training:
            mean, variance = _moments(x)
            for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(moving * self.momentum + value * (1 - self.momentum))
        normalized = tf.nn.batch_normalization(x, mean, variance, self.beta.value, self.gamma.value, self.epsilon)
        return tf.cast(normalized, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


def _moments(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and biased variance [channels] of the rows of `x` that count, on all replicas."""
    draw, axes = current(), list(range(len(x.shape) - 1))
    counts = None if draw is None else draw.counts
    replicas = tf.distribute.get_replica_context()
    if counts is None and replicas.num_replicas_in_sync == 1:
        return tf.nn.moments(x, axes)

    def mean_of(values: tf.Tensor) -> tf.Tensor:
        counted = values if counts is None else values * counts
        return _over_replicas(tf.reduce_sum(counted, axes)) / number

    rows = tf.shape(x)[0]
    pixels = tf.cast(tf.size(x) // (rows * x.shape[-1]), tf.float32)
    counted_rows = tf.cast(rows, tf.float32) if counts is None else tf.reduce_sum(counts)
    number = _over_replicas(counted_rows) * pixels
    counts = None if counts is None else tf.reshape(counts, [-1] + [1] * len(axes))
    mean = mean_of(x)
    # The variance's derivative by the mean is 0, but computed it would be noise.
    return mean, mean_of(tf.math.squared_difference(x, tf.stop_gradient(mean)))


def _over_replicas(total: tf.Tensor) -> tf.Tensor:
    """Sum of each replica's `total`."""
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, total)
