"""The Keras layer of a tokenizer."""

from typing import Any

import keras
import tensorflow as tf

from kerasapps.data.tokenizers._pieces import Pieces
from kerasapps.tensors import Tensor


class Tokens(keras.layers.Layer):
    """Strings [batch] -> int32 [batch, length]."""

    def __init__(self, pieces: Pieces, length: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.pieces, self.length = pieces, length

    def call(self, inputs: Tensor) -> tf.Tensor:
        """Strings [batch] -> int32 [batch, length]."""
        return self.pieces.traced(inputs, self.length)

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """What call returns."""
        return keras.KerasTensor((inputs.shape[0], self.length), "int32")

    def get_config(self) -> dict[str, Any]:
        """The vocabulary and the length."""
        return {**super().get_config(), "vocabulary": list(self.pieces.vocabulary), "length": self.length}
