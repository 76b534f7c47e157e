"""Attention: every step of a sequence gathers what the others have, by the scaled dot product that Keras computes."""

from typing import Any

import keras

from kerasapps.layers.dropout import Dropout
from kerasapps.layers.positions import rotate
from kerasapps.tensors import GivenRegularizer, Tensor

NEAR = 0.7
"""What all biases of turned queries and keys begin with, so that each step begins by looking at those near it.

Their product is NEAR^2 times a sum of cosines of distances, which is greatest at distance 0. Without it an encoder of
few texts learns them by heart before it finds out that neighbours matter.
"""


@keras.saving.register_keras_serializable("kerasapps")
class Attention(keras.layers.Layer):
    """Self-attention of several heads (Vaswani et al. 2017, arXiv:1706.03762, section 3.2).

    Where keys and values have fewer heads than queries, neighbouring heads share them (Ainslie et al. 2023,
    arXiv:2305.13245). Dropout hides keys before the softmax, so that weights add up to 1 in training, too (Li et al.
    2023, arXiv:2208.02646): so the product is one call of Keras, with or without it. A query that may see no key at all
    gets the mean of all values.
    """

    def __init__(
        self,
        heads: int,
        key_value_heads: int | None = None,
        rotary: float | None = None,
        causal: bool = False,
        dropout: float = 0.0,
        kernel_regularizer: GivenRegularizer = None,
        **kwargs: object,
    ) -> None:
        """heads: must divide the width of the inputs. key_value_heads: must divide heads; None = as many.

        rotary: the longest wave of the angles by which queries and keys are turned; None = they are not.
        causal: a step sees itself and those before it.
        dropout: fraction of the keys that a step does not see in training; it always sees its own.
        """
        super().__init__(**kwargs)
        self.heads, self.key_value_heads = heads, key_value_heads or heads
        self.rotary, self.causal, self.supports_masking = rotary, causal, True
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.dropout = Dropout(dropout, dtype="float32", name="dropout")

    def build(self, input_shape: tuple[int, int, int]) -> None:
        """Dense layers of queries [width, width], keys and values [width, key_value_heads * size], outputs."""
        width = input_shape[-1]
        self.size = width // self.heads
        shared = self.key_value_heads * self.size
        turned = self.rotary is not None
        near = keras.initializers.Constant(NEAR) if turned else "zeros"
        self.query, self.outputs = self._dense(width, "query", bias_initializer=near), self._dense(width, "outputs")
        # A bias of keys that are not turned leaves the softmax as it is: of its gradient only rounding would be seen.
        self.key = self._dense(shared, "key", use_bias=turned, bias_initializer=near)
        self.value = self._dense(shared, "value")
        for layer in (self.query, self.key, self.value, self.outputs):
            layer.build(input_shape)

    def _dense(self, units: int, name: str, **bias: Any) -> keras.layers.Dense:
        own = {"kernel_regularizer": self.kernel_regularizer, "dtype": self.dtype_policy}
        return keras.layers.Dense(units, name=name, **own, **bias)

    def call(self, inputs: Tensor, mask: Tensor | None = None, training: bool | None = False) -> Tensor:
        """[batch, time, width], mask bool [batch, time]: False = no key -> [batch, time, width]."""
        # Of a single head of keys and values Keras makes no copies on TensorFlow, which then refuses the product.
        copies = self.heads // self.key_value_heads
        keys, values = (keras.ops.repeat(each, copies, axis=2) for each in self._keys_and_values(inputs))
        seen = self._seen(inputs, mask, bool(training))
        attended = keras.ops.dot_product_attention(
            self._queries(inputs), keys, values, mask=seen, is_causal=self.causal
        )
        return self.outputs(keras.ops.reshape(attended, [-1, *inputs.shape[1:]]))

    def _queries(self, inputs: Tensor) -> Tensor:
        """[batch, time, heads, size]."""
        return self._in_heads(self.query(inputs), turned=True)

    def _keys_and_values(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What a step shows to others, and what it gives them: [batch, time, key_value_heads, size] each."""
        keys, values = self._in_heads(self.key(inputs), turned=True), self._in_heads(self.value(inputs))
        return keys, values

    def _in_heads(self, vectors: Tensor, turned: bool = False) -> Tensor:
        split = keras.ops.reshape(vectors, [-1, vectors.shape[1], vectors.shape[2] // self.size, self.size])
        return rotate(split, self.rotary) if turned and self.rotary is not None else split

    def _seen(self, inputs: Tensor, mask: Tensor | None, training: bool) -> Tensor | None:
        """Which keys a query may see, bool [batch, 1, time or 1, time]; None = all."""
        seen = None if mask is None else mask[:, None, None, :]
        if not training or not self.dropout.rate:
            return seen
        (batch, time, _), own = keras.ops.shape(inputs), keras.ops.eye(inputs.shape[1], dtype="bool")
        kept = self.dropout(keras.ops.ones([batch, 1, time, time]), training=True) > 0
        kept = keras.ops.logical_or(kept, own)
        return kept if seen is None else keras.ops.logical_and(kept, seen)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        own = {name: getattr(self, name) for name in ("heads", "key_value_heads", "rotary", "causal")}
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        return {**super().get_config(), **own, "dropout": self.dropout.rate, "kernel_regularizer": regularizer}
