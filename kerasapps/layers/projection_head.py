"""The last layer of a discriminator: one score a row, which may depend on the row's class."""

from typing import Any

import keras


class ProjectionHead(keras.layers.Layer):
    """kernel . h + bias of hidden values h; of a class c also embedding_c . h, so that h is judged as one of c.

    The latter is the projection of Miyato and Koyama 2018 (arXiv:1802.05637, eq. 3). Computed in float32.
    """

    def __init__(self, regularizer: keras.regularizers.Regularizer | None = None, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.regularizer = regularizer

    def build(self, hidden_shape: Any, labels_shape: Any = None) -> None:
        """kernel [units, 1], bias [1], and with labels embeddings [classes, units]."""
        units, own = hidden_shape[-1], {"regularizer": self.regularizer}
        self.kernel = self.add_weight((units, 1), "glorot_uniform", name="kernel", **own)
        self.bias = self.add_weight((1,), "zeros", name="bias")
        if labels_shape is not None:
            self.embeddings = self.add_weight((labels_shape[-1], units), "glorot_uniform", name="embeddings", **own)

    def call(self, hidden: Any, labels: Any = None) -> Any:
        """hidden [batch, units], and labels [batch, classes] that are 1 at the class -> scores [batch]."""
        scores = keras.ops.matmul(hidden, self.kernel)[:, 0] + self.bias
        if labels is None:
            return scores
        return scores + keras.ops.sum(keras.ops.matmul(labels, self.embeddings) * hidden, axis=-1)
