"""The last layer of a decoder of Gaussian numbers: their means as they are, and how far they are spread."""

import math
from typing import Any

import keras
import tensorflow as tf

LEAST_LOG_SCALE = -6.0


class LogScale(keras.layers.Layer):
    """The logarithm of a Gaussian's deviation, one for all numbers; Rybkin et al. 2021 (arXiv:2006.13202) learn it.

    What is learned does not fall below LEAST_LOG_SCALE, or a model that knows its rows by heart would divide by 0.
    """

    def __init__(self, first: float, learned: bool, **kwargs: Any) -> None:
        """first: the deviation to begin with."""
        super().__init__(dtype="float32", **kwargs)
        self.first, self.learned = math.log(first), learned

    def build(self, input_shape: Any) -> None:
        """A scalar, where it is learned."""
        if self.learned:
            begin = self.first - LEAST_LOG_SCALE
            first = math.log(math.expm1(begin)) if begin < 30 else begin  # the inverse of softplus
            self.above_least = self.add_weight((), keras.initializers.Constant(first), name="above_least")

    def call(self, means: Any) -> list:
        """[batch, ..., channels] -> that, and what belongs to it, [batch, ..., 1]."""
        value = LEAST_LOG_SCALE + tf.math.softplus(self.above_least.value) if self.learned else self.first
        return [means, tf.zeros_like(means[..., :1]) + value]

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "first": math.exp(self.first), "learned": self.learned}
