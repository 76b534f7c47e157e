"""What decoders have beside blocks: tokens that are moved a step on, and logits from the vectors of an embedding."""

from typing import Any

import keras

from kerasapps.layers.positions import DEVIATION
from kerasapps.layers.stacks import Call
from kerasapps.tensors import Shape, Tensor


@keras.saving.register_keras_serializable("kerasapps")
class Shift(keras.layers.Layer):
    """Each token a step later, behind `start`: what a decoder sees where it is to tell the token of a step."""

    def __init__(self, start: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.start = start

    def call(self, tokens: Tensor) -> Tensor:
        """int32 [batch, time] -> the same shape."""
        return keras.ops.concatenate([keras.ops.full_like(tokens[:, :1], self.start), tokens[:, :-1]], axis=1)

    def compute_output_spec(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        """The same shape."""
        return keras.KerasTensor(tokens.shape, tokens.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The same."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "start": self.start}


def make_embedding(vocabulary: int, width: int, tied: bool) -> keras.layers.ReversibleEmbedding:
    """Tokens [batch, time] -> [batch, time, width]; and in reverse logits, by the same vectors where they are tied."""
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
    """Which tokens are no padding."""

    def call(self, tokens: Tensor) -> Tensor:
        """int32 [batch, time] -> bool of the same shape."""
        return keras.ops.not_equal(tokens, 0)

    def compute_output_spec(self, tokens: keras.KerasTensor) -> keras.KerasTensor:
        """The same shape, bool."""
        return keras.KerasTensor(tokens.shape, "bool")
