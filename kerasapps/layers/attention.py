"""Attention: every step of a sequence takes a weighted mean of all steps, by scaled dot products."""

import math
from typing import Any, TypeAlias

import keras
import tensorflow as tf

from kerasapps.layers.dense import Dense
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.positions import rotate
from kerasapps.tensors import GivenRegularizer, Integer, Tensor

KeysAndValues: TypeAlias = tuple[Tensor, Tensor]
"""Of steps, [batch, steps, key_value_heads, size] each."""
Cache: TypeAlias = tuple[Tensor, Tensor]
"""Keys and values of one step after the other, [batch * key_value_heads, slots, size]: as products take them."""

NEAR = 0.7
"""What all biases of turned queries and keys begin with, so that each step begins by looking at those near it.

Their product is NEAR^2 times a sum of cosines of distances, which is greatest at distance 0. Without it an encoder of
few texts learns them by heart before it finds out that neighbours matter.
"""


@keras.saving.register_keras_serializable("kerasapps")
class Attention(keras.layers.Layer):
    """Attention of several heads, to the steps themselves or to a memory (Vaswani et al. 2017, arXiv:1706.03762, 3.2).

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

    def _dense(self, units: int, name: str, **bias: Any) -> Dense:
        own = {"kernel_regularizer": self.kernel_regularizer, "dtype": self.dtype_policy}
        return Dense(units, name=name, **own, **bias)

    def call(self, inputs: Tensor, mask: Tensor | None = None, training: bool | None = False) -> Tensor:
        """[batch, time, width], mask bool [batch, time]: False = no key -> [batch, time, width]."""
        seen = self._seen(inputs, mask, bool(training))
        return self._attended(self.queries(inputs), self.keys_and_values(inputs), seen, self.causal)

    def look(self, inputs: Tensor, memory: KeysAndValues, seen: Tensor) -> Tensor:
        """Attention to a memory: [batch, time, width] -> the same shape; seen: bool [batch, steps of the memory]."""
        return self._attended(self.queries(inputs), memory, seen[:, None, None, :])

    def attention_weights(self, inputs: Tensor, memory: KeysAndValues, seen: Tensor | None) -> Tensor:
        """The weights of each step for each step of a memory, [batch, heads, time, steps] float32; `seen` as in `look`.

        These are for plots: attention itself never computes them separately.
        """
        copies = self.heads // self.key_value_heads
        queries, keys = self.queries(inputs), keras.ops.repeat(memory[0], copies, axis=2)
        products = keras.ops.einsum("bqhd,bkhd->bhqk", queries, keys) / keras.ops.sqrt(float(self.size))
        products = keras.ops.cast(products, "float32")
        if seen is not None:
            products = keras.ops.where(seen[:, None, None, :], products, -1e9)
        if self.causal:
            products = keras.ops.where(keras.ops.tril(keras.ops.ones_like(products)) > 0, products, -1e9)
        return keras.ops.softmax(products)

    def empty(self, rows: Integer, slots: int) -> Cache:
        """Zeros as room for the keys and values of a number of steps."""
        room = tf.zeros([rows * self.key_value_heads, slots, self.size], self.compute_dtype)
        return room, room

    def step(self, inputs: Tensor, before: Cache, at: Integer) -> tuple[Tensor, Cache]:
        """The step number `at` alone, [batch, 1, width], which sees itself and those before it that there is room for.

        Returns what `call` would, [batch, 1, width], and the keys and values with its own: in the place of the oldest.
        """
        slots, own = before[0].shape[1], self.keys_and_values(inputs, at)
        # Written in place, which a loop then need not copy.
        keys, values = (
            keras.ops.slice_update(old, [0, at % slots, 0], keras.ops.reshape(new, [-1, 1, self.size]))
            for new, old in zip(own, before, strict=True)
        )
        # Keras's product takes heads behind the steps: it would turn all slots round at each step.
        queries = keras.ops.reshape(self.queries(inputs, at), [-1, self.heads // self.key_value_heads, self.size])
        products = tf.cast(tf.matmul(queries, keys, transpose_b=True), "float32") / math.sqrt(self.size)
        shares = tf.nn.softmax(tf.where(tf.range(slots) <= at, products, -1e9))
        attended = tf.matmul(tf.cast(shares, values.dtype), values)
        return self.outputs(keras.ops.reshape(attended, [-1, 1, self.heads * self.size])), (keys, values)

    def _attended(self, queries: Tensor, memory: KeysAndValues, seen: Tensor | None, causal: bool = False) -> Tensor:
        # Of a single head of keys and values Keras makes no copies on TensorFlow, which then refuses the product.
        copies = self.heads // self.key_value_heads
        keys, values = (keras.ops.repeat(each, copies, axis=2) for each in memory)
        attended = keras.ops.dot_product_attention(queries, keys, values, mask=seen, is_causal=causal)
        return self.outputs(keras.ops.reshape(attended, [-1, queries.shape[1], self.heads * self.size]))

    def queries(self, inputs: Tensor, first: Integer = 0) -> Tensor:
        """[batch, time, width], of the steps from `first` on -> [batch, time, heads, size]."""
        return self._turned(self._in_heads(self.query(inputs)), first)

    def keys_and_values(self, inputs: Tensor, first: Integer = 0) -> KeysAndValues:
        """The keys and the values of the steps, [batch, time, key_value_heads, size] each."""
        return self._turned(self._in_heads(self.key(inputs)), first), self._in_heads(self.value(inputs))

    def _in_heads(self, vectors: Tensor) -> Tensor:
        return keras.ops.reshape(vectors, [-1, vectors.shape[1], vectors.shape[2] // self.size, self.size])

    def _turned(self, vectors: Tensor, first: Integer) -> Tensor:
        return vectors if self.rotary is None else rotate(vectors, self.rotary, first)

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
