"""Layers of Transformers beside attention: blocks with residual connections, feed-forward layers, pooling."""

from collections.abc import Callable
from typing import Any, Literal

import keras

from kerasapps.layers.attention import Attention, KeysAndValues
from kerasapps.layers.dense import Dense, LayerNormalization, gelu
from kerasapps.layers.dropout import Dropout
from kerasapps.tensors import GivenRegularizer, Integer, Shape, Tensor

FeedForwardName = Literal["gelu", "swiglu"]
Norm = Literal["pre", "post"]
_INNER = ("attention", "feed_forward", "memory")
Pooling = Literal["mean", "first"]
Activation = str | Callable[[Tensor], Tensor] | None


@keras.saving.register_keras_serializable("kerasapps")
class FeedForward(keras.layers.Layer):
    """gelu(x W) V, or swiglu: (swish(x G) * x W) V (Shazeer 2020, arXiv:2002.05202); each product with a bias."""

    def __init__(
        self, units: int, activation: FeedForwardName, kernel_regularizer: GivenRegularizer = None, **kwargs: object
    ) -> None:
        """units: of the hidden layer."""
        super().__init__(**kwargs)
        self.units, self.activation = units, activation
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: tuple[int, int, int]) -> None:
        """Dense layers hidden, gate (swiglu) and outputs."""
        *steps, width = input_shape
        gated = self.activation == "swiglu"
        self.hidden = self._dense(self.units, "hidden", None if gated else gelu)
        self.gate = self._dense(self.units, "gate", "swish") if gated else None
        self.outputs = self._dense(width, "outputs")
        for layer, size in ((self.hidden, width), (self.gate, width), (self.outputs, self.units)):
            if layer is not None:
                layer.build((*steps, size))

    def _dense(self, units: int, name: str, activation: Activation = None) -> Dense:
        own = {"kernel_regularizer": self.kernel_regularizer, "dtype": self.dtype_policy}
        return Dense(units, activation, name=name, **own)

    def call(self, inputs: Tensor) -> Tensor:
        """[..., width] -> the same shape."""
        hidden = self.hidden(inputs)
        return self.outputs(hidden if self.gate is None else hidden * self.gate(inputs))

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        own = {"units": self.units, "activation": self.activation, "kernel_regularizer": regularizer}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("kerasapps")
class Block(keras.layers.Layer):
    """Attention, then a feed-forward layer, each with a residual connection, a layer normalisation and dropout.

    Between them may lie attention to a memory.

    post: x = norm(x + layer(x)), as Vaswani et al. 2017 have it. pre: x = x + layer(norm(x)) (Xiong et al. 2020,
    arXiv:2002.04745), which trains without care for the first steps and leaves the last sum to be normalised.
    """

    def __init__(
        self,
        attention: Attention,
        feed_forward: FeedForward,
        norm: Norm,
        dropout: float = 0.0,
        memory: Attention | None = None,
        **kwargs: object,
    ) -> None:
        """dropout: fraction dropped in training of what each layer adds. memory: the attention to one."""
        super().__init__(**kwargs)
        self.attention, self.feed_forward, self.norm, self.rate = attention, feed_forward, norm, dropout
        self.memory = memory
        self.norm_1, self.norm_2 = self._norm("norm_1"), self._norm("norm_2")
        self.dropout_1, self.dropout_2 = self._dropout("dropout_1"), self._dropout("dropout_2")
        if memory is not None:
            self.norm_memory, self.dropout_memory = self._norm("norm_memory"), self._dropout("dropout_memory")
        self.supports_masking = True

    def _norm(self, name: str) -> LayerNormalization:
        return LayerNormalization(dtype=self.dtype_policy, name=name)

    def _dropout(self, name: str) -> Dropout:
        return Dropout(self.rate, dtype=self.dtype_policy, name=name)

    def build(self, input_shape: tuple[int, int, int], *memory_shapes: Shape) -> None:
        """The weights of its layers."""
        layers: list[keras.layers.Layer] = [self.norm_1, self.attention, self.norm_2, self.feed_forward]
        for layer in layers if self.memory is None else [*layers, self.norm_memory, self.memory]:
            if not layer.built:  # as those of a file are
                layer.build(input_shape)

    def call(
        self, inputs: Tensor, memory: Tensor | None = None, seen: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """[batch, time, width], mask bool [batch, time] -> [batch, time, width].

        memory: [batch, steps, width], of which `seen` bool [batch, steps] tells what is no padding.
        """
        x = self._added(inputs, lambda x: self.attention(x, mask=mask), self.norm_1, self.dropout_1)
        if self.memory is not None:
            x = self._recalled(x, self.memory, self.memory.keys_and_values(memory), seen)
        return self._added(x, self.feed_forward, self.norm_2, self.dropout_2)

    def attention_weights(
        self, inputs: Tensor, mask: Tensor | None = None, memory: Tensor | None = None, seen: Tensor | None = None
    ) -> Tensor:
        """What the attention looks at, or where a memory is given that to it: [batch, heads, time, steps]."""
        x = self.norm_1(inputs) if self.norm == "pre" else inputs
        if self.memory is None or memory is None:
            return self.attention.attention_weights(x, self.attention.keys_and_values(x), mask)
        x = self._added(inputs, self.attention, self.norm_1, self.dropout_1)
        x = self.norm_memory(x) if self.norm == "pre" else x
        return self.memory.attention_weights(x, self.memory.keys_and_values(memory), seen)

    def step(
        self, inputs: Tensor, before: KeysAndValues, at: Integer, memory: KeysAndValues | None, seen: Tensor | None
    ) -> tuple[Tensor, KeysAndValues]:
        """What `call` gives for the step number `at` alone, [batch, 1, width], and keys and values; see Attention.step.

        memory: its keys and values.
        """
        kept = before

        def attend(x: Tensor) -> Tensor:
            nonlocal kept
            attended, kept = self.attention.step(x, before, at)
            return attended

        x = self._added(inputs, attend, self.norm_1, self.dropout_1)
        if self.memory is not None and memory is not None:
            x = self._recalled(x, self.memory, memory, seen)
        return self._added(x, self.feed_forward, self.norm_2, self.dropout_2), kept

    def _recalled(self, inputs: Tensor, layer: Attention, memory: KeysAndValues, seen: Tensor | None) -> Tensor:
        return self._added(inputs, lambda x: layer.look(x, memory, seen), self.norm_memory, self.dropout_memory)

    def _added(
        self, inputs: Tensor, layer: Callable[[Tensor], Tensor], norm: keras.layers.Layer, dropout: Dropout
    ) -> Tensor:
        """The residual connection round a layer."""
        if self.norm == "pre":
            return inputs + dropout(layer(norm(inputs)))
        return norm(inputs + dropout(layer(inputs)))

    def compute_output_shape(self, input_shape: Shape, *memory_shapes: Shape) -> Shape:
        """The shape of the inputs. With it, Keras does not trace the block when a model is built."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        inner = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in _INNER}
        return {**super().get_config(), **inner, "norm": self.norm, "dropout": self.rate}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Block":
        """The layer of a config."""
        inner = {name: keras.saving.deserialize_keras_object(config.get(name)) for name in _INNER}
        return cls(**{**config, **inner})


@keras.saving.register_keras_serializable("kerasapps")
class Pool(keras.layers.Layer):
    """Pools a sequence to one vector: the mean of its steps, or the first step. A sequence of padding gives 0."""

    def __init__(self, pooling: Pooling, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.pooling, self.supports_masking = pooling, True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[batch, time, width], mask bool [batch, time] -> [batch, width]."""
        steps = inputs[:, :1] if self.pooling == "first" else inputs
        if mask is None:
            return keras.ops.mean(steps, axis=1)
        counts = keras.ops.cast(mask[:, : steps.shape[1], None], inputs.dtype)
        return keras.ops.sum(steps * counts, axis=1) / keras.ops.maximum(keras.ops.sum(counts, axis=1), 1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """[batch, width]."""
        return (input_shape[0], input_shape[2])

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """None: there are no steps any more."""

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "pooling": self.pooling}
