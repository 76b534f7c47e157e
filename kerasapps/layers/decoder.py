"""Layers of decoders around the blocks: shifted tokens, and logits from the vectors of an embedding."""

from typing import Any

import keras

from kerasapps.layers.positions import DEVIATION
from kerasapps.layers.stacks import Call
from kerasapps.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("kerasapps")
class Shift(keras.layers.Layer):
    """Tokens shifted one step to the right, with `start` in front: the inputs of a decoder that predicts each token."""

    def __init__(self, start: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.start = start

    def call(self, tokens: Tensor) -> Tensor:
        """Tokens int32 [batch, time] -> shifted tokens int32 [batch, time]."""
        return keras.ops.concatenate([keras.ops.full_like(tokens[:, :1], self.start), tokens[:, :-1]], axis=1)

    def compute_output_spec(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        """A symbolic tensor of the shape and type of the tokens."""
        return keras.KerasTensor(tokens.shape, tokens.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the shifted tokens, which is that of the tokens."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "start": self.start}


def make_embedding(vocabulary: int, width: int, tied: bool) -> keras.layers.ReversibleEmbedding:
    """An embedding of tokens [batch, time] as [batch, time, width], which in reverse computes logits; tied or not."""
    return keras.layers.ReversibleEmbedding(
        vocabulary,
        width,
        tie_weights=tied,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=DEVIATION),
        reverse_dtype="float32",
        name="embedding",
    )


def logits_of(embedding: keras.layers.ReversibleEmbedding, before: str) -> Call:
    """An embedding in reverse, of the value called `before`: [batch, time, width] -> logits [batch, time, vocabulary].

    They are float32, and are called "outputs".
    """
    return Call(embedding, (before,), settings={"reverse": True}, name="outputs")


@keras.saving.register_keras_serializable("kerasapps")
class Present(keras.layers.Layer):
    """Which tokens are not padding."""

    def call(self, tokens: Tensor) -> Tensor:
        """Tokens int32 [batch, time] -> bool [batch, time]."""
        return keras.ops.not_equal(tokens, 0)

    def compute_output_spec(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        """A symbolic bool tensor of the shape of the tokens."""
        return keras.KerasTensor(tokens.shape, "bool")
