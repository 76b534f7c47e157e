"""Last layers, computed in float32: of a decoder of Gaussian numbers, and of a discriminator."""

import math
from typing import Any

import keras
import tensorflow as tf

from kerasapps.tensors import GivenRegularizer, Shape, Tensor

LEAST_LOG_SCALE = -6.0


@keras.saving.register_keras_serializable("kerasapps")
class LogScale(keras.layers.Layer):
    """The logarithm of a Gaussian's deviation, one for all numbers; Rybkin et al. 2021 (arXiv:2006.13202) learn it.

    What is learned does not fall below LEAST_LOG_SCALE, or a model that knows its rows by heart would divide by 0.
    """

    def __init__(self, first: float, learned: bool, **kwargs: object) -> None:
        """first: the deviation to begin with."""
        super().__init__(**{"dtype": "float32", **kwargs})
        self.given, self.first, self.learned = first, math.log(first), learned

    def build(self, input_shape: Shape) -> None:
        """A scalar, where it is learned."""
        if self.learned:
            begin = self.first - LEAST_LOG_SCALE
            first = math.log(math.expm1(begin)) if begin < 30 else begin  # the inverse of softplus
            self.above_least = self.add_weight((), keras.initializers.Constant(first), name="above_least")

    def call(self, means: Tensor) -> list[Tensor]:
        """[batch, ..., channels] -> that, and what belongs to it, [batch, ..., 1]."""
        value = LEAST_LOG_SCALE + tf.math.softplus(self.above_least.value) if self.learned else self.first
        return [means, tf.zeros_like(means[..., :1]) + value]

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "first": self.given, "learned": self.learned}


@keras.saving.register_keras_serializable("kerasapps")
class ProjectionHead(keras.layers.Layer):
    """kernel . h + bias of hidden values h; of a class c also embedding_c . h, so that h is judged as one of c.

    The latter is the projection of Miyato and Koyama 2018 (arXiv:1802.05637, eq. 3).
    """

    def __init__(self, regularizer: GivenRegularizer = None, **kwargs: object) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.regularizer = keras.regularizers.get(regularizer)

    def build(self, hidden_shape: Shape, labels_shape: Shape | None = None) -> None:
        """kernel [units, 1], bias [1], and with labels embeddings [classes, units]."""
        units, own = hidden_shape[-1], {"regularizer": self.regularizer}
        self.kernel = self.add_weight((units, 1), "glorot_uniform", name="kernel", **own)
        self.bias = self.add_weight((1,), "zeros", name="bias")
        if labels_shape is not None:
            self.embeddings = self.add_weight((labels_shape[-1], units), "glorot_uniform", name="embeddings", **own)

    def call(self, hidden: Tensor, labels: Tensor | None = None) -> Tensor:
        """hidden [batch, units], and labels [batch, classes] that are 1 at the class -> scores [batch]."""
        scores = keras.ops.matmul(hidden, self.kernel)[:, 0] + self.bias
        if labels is None:
            return scores
        return scores + keras.ops.sum(keras.ops.matmul(labels, self.embeddings) * hidden, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "regularizer": keras.regularizers.serialize(self.regularizer)}
