"""Transformers as one writes them with Keras: blocks with rotary positions, normalised first, of Keras's own layers.

Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

START = 1
"""The token before the first one of a text."""


def turned(vectors: Any, longest_wave: float, first: Any = 0) -> Any:
    """[batch, steps, heads, size]: entries i and i + size / 2 turned by their angles (Su et al. 2021)."""
    _, steps, _, size = vectors.shape
    waves = (longest_wave ** (np.arange(0, size, 2) / size)).astype(np.float32)
    angles = ops.cast(ops.arange(steps) + first, vectors.dtype)[:, None, None] / waves
    cosines, sines = ops.cos(angles), ops.sin(angles)
    first, second = ops.split(vectors, 2, axis=-1)
    return ops.concatenate([first * cosines - second * sines, first * sines + second * cosines], axis=-1)


class Attention(layers.Layer):
    """Of several heads, on Keras's scaled dot product."""

    def __init__(self, heads: int, longest_wave: float, causal: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.longest_wave, self.causal, self.supports_masking = heads, longest_wave, causal, True

    def build(self, shape: tuple[int, int, int]) -> None:
        """Dense layers, in the order of the application's weights."""
        self.query, self.outputs = layers.Dense(shape[-1], name="query"), layers.Dense(shape[-1], name="outputs")
        self.key, self.value = layers.Dense(shape[-1], name="key"), layers.Dense(shape[-1], name="value")
        for layer in (self.query, self.key, self.value, self.outputs):
            layer.build(shape)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """[batch, steps, width], mask bool [batch, steps] -> [batch, steps, width]."""
        queries, keys, values = self._in_heads(inputs)
        seen = None if mask is None else mask[:, None, None, :]
        attended = ops.dot_product_attention(queries, keys, values, mask=seen, is_causal=self.causal)
        return self.outputs(ops.reshape(attended, [-1, *inputs.shape[1:]]))

    def step(self, inputs: Any, cache: Any, at: Any) -> tuple[Any, Any]:
        """The step number `at` alone [batch, 1, width]; cache: keys and values [batch, 2, steps, heads, size]."""
        query, *own = self._in_heads(inputs, at)
        cache = ops.slice_update(cache, [0, 0, at, 0, 0], ops.stack(own, axis=1))
        seen = (ops.arange(cache.shape[2]) <= at)[None, None, None]
        attended = ops.dot_product_attention(query, cache[:, 0], cache[:, 1], mask=seen)
        return self.outputs(ops.reshape(attended, [-1, *inputs.shape[1:]])), cache

    def _in_heads(self, inputs: Any, first: Any = 0) -> tuple[Any, Any, Any]:
        """Queries, keys and values [batch, steps, heads, size]."""
        _, steps, width = inputs.shape
        queries, keys, values = (
            ops.reshape(layer(inputs), [-1, steps, self.heads, width // self.heads])
            for layer in (self.query, self.key, self.value)
        )
        return turned(queries, self.longest_wave, first), turned(keys, self.longest_wave, first), values


class Block(layers.Layer):
    """Attention, then a feed-forward layer, each normalised before and added."""

    def __init__(self, hparams: Mapping[str, Any], causal: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if (hparams["norm"], hparams["activation"]) != ("pre", "gelu") or hparams["key_value_heads"]:
            raise ValueError("For Keras blocks of norm=pre, activation=gelu and as many keys as heads are written.")
        self.attention = Attention(hparams["heads"], hparams["longest_wave"], causal, name="attention")
        self.hidden = layers.Dense(hparams["feed_forward"], "gelu", name="hidden")
        self.outputs = layers.Dense(hparams["width"], name="outputs")
        self.norm_1, self.norm_2 = (layers.LayerNormalization(name=f"norm_{number}") for number in (1, 2))
        self.dropout, self.supports_masking = layers.Dropout(hparams["dropout"]), True

    def build(self, shape: tuple[int, int, int]) -> None:
        """The weights of its layers."""
        for layer in (self.attention, self.hidden, self.norm_1, self.norm_2):
            layer.build(shape)
        self.outputs.build((*shape[:-1], self.hidden.units))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """[batch, steps, width], mask bool [batch, steps] -> [batch, steps, width]."""
        x = inputs + self.dropout(self.attention(self.norm_1(inputs), mask=mask))
        return x + self.dropout(self.outputs(self.hidden(self.norm_2(x))))

    def step(self, inputs: Any, cache: Any, at: Any) -> tuple[Any, Any]:
        """What `call` gives for the step number `at` alone, and the cache; see Attention.step."""
        attended, cache = self.attention.step(self.norm_1(inputs), cache, at)
        x = inputs + attended
        return x + self.outputs(self.hidden(self.norm_2(x))), cache

    def compute_output_shape(self, shape: tuple[int, int, int]) -> tuple[int, int, int]:
        """The same."""
        return shape


def _blocks(hparams: Mapping[str, Any], embedded: Any, causal: bool) -> Any:
    """[batch, steps, width] -> the same shape, of all blocks and the last normalisation."""
    x = layers.Dropout(hparams["dropout"])(embedded)
    for number in range(1, hparams["layers"] + 1):
        x = Block(hparams, causal, name=f"block_{number}")(x)
    return layers.LayerNormalization(name="norm")(x)


def encoder(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> keras.Model:
    """The application transformer: tokens [batch, steps] -> logits [batch, units] of the mean of all steps."""
    if hparams["pooling"] != "mean" or hparams["positions"] != "rotary":
        raise ValueError("For Keras encoders of pooling=mean and positions=rotary are written.")
    tokens = keras.Input(shape, dtype="int32")
    x = _blocks(hparams, layers.Embedding(vocabulary, hparams["width"], mask_zero=True)(tokens), causal=False)
    return keras.Model(tokens, layers.Dense(units)(layers.GlobalAveragePooling1D()(x)))


def decoder(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> keras.Model:
    """The application language_model: tokens -> logits [batch, steps, vocabulary] of each from those before it."""
    tokens = keras.Input(shape, dtype="int32")
    embedding = layers.ReversibleEmbedding(vocabulary, hparams["width"], name="embedding")
    if not hparams["tie_weights"]:
        raise ValueError("For Keras decoders of tie_weights=true are written.")
    before = ops.concatenate([ops.full_like(tokens[:, :1], START), tokens[:, :-1]], axis=1)
    return keras.Model(tokens, embedding(_blocks(hparams, embedding(before), causal=True), reverse=True))


MODELS = {"transformer": encoder, "language_model": decoder}
"""Application -> its model, of the arguments of pytorch_models.make_model; those that Keras has no layers for."""
