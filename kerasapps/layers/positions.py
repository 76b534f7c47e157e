"""Positions in a sequence: sines and learned vectors, which are added, and angles by which vectors are turned."""

import math
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from kerasapps.tensors import Integer, Shape, Tensor

DEVIATION = 0.02
"""Of learned vectors before training, as Devlin et al. 2019 (arXiv:1810.04805) have it."""


def angles(steps: int, width: int, longest_wave: float) -> np.ndarray:
    """Angle i of step t is t / longest_wave^(2 i / width): float64 [steps, width / 2], of an even width.

    The first angle turns by 1 a step, the last one by 1 in somewhat fewer steps than the longest wave has.
    """
    return np.arange(steps)[:, None] / longest_wave ** (np.arange(0, width, 2) / width)


def sinusoids(steps: int, width: int, longest_wave: float) -> np.ndarray:
    """Sine and cosine of each angle side by side, float32 [steps, width]. Vaswani et al. 2017, section 3.5."""
    turned = angles(steps, width, longest_wave)
    return np.stack([np.sin(turned), np.cos(turned)], axis=-1).reshape(steps, width).astype(np.float32)


def rotate(vectors: Tensor, longest_wave: float, first: Integer = 0) -> Tensor:
    """Turn the vectors of step first + t by its angles: [batch, steps, heads, width] -> the same shape.

    Entries i and i + width / 2 are a plane. The product of two turned vectors depends on how far apart they are, not on
    where (Su et al. 2021, arXiv:2104.09864).
    """
    _, steps, _, width = vectors.shape
    if isinstance(first, int):
        turned = angles(first + steps, width, longest_wave)[first:, None]
        cos, sin = (keras.ops.convert_to_tensor(f(turned), vectors.dtype) for f in (np.cos, np.sin))
    else:  # float64, because float32 of step 10,000 is no nearer than 0.001
        waves = angles(2, width, longest_wave)[1]
        turned = (tf.cast(first, tf.float64) + np.arange(steps)[:, None]) * waves
        cos, sin = (tf.cast(f(turned)[:, None], vectors.dtype) for f in (tf.cos, tf.sin))
    first, second = keras.ops.split(vectors, 2, axis=-1)
    return keras.ops.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)


@keras.saving.register_keras_serializable("kerasapps")
class Positions(keras.layers.Layer):
    """Adds to each step of a sequence what says where it is."""

    def __init__(self, encoding: Literal["sinusoidal", "learned"], longest_wave: float, **kwargs: object) -> None:
        """encoding: sinusoids of waves up to the longest; or learned vectors."""
        super().__init__(**kwargs)
        self.encoding, self.longest_wave, self.supports_masking = encoding, longest_wave, True

    def build(self, input_shape: Shape) -> None:
        """Learned: a vector for each step, embeddings [steps, width]."""
        if self.encoding == "learned":
            initializer = keras.initializers.RandomNormal(stddev=DEVIATION)
            self.embeddings = self.add_weight(input_shape[1:], initializer, name="embeddings")

    def call(self, inputs: Tensor) -> Tensor:
        """[batch, steps, width] -> the same shape; learned: of no more steps than the layer was built for."""
        steps, width = inputs.shape[1:]
        if self.encoding == "learned":
            whole = steps == self.embeddings.shape[0]
            return inputs + (self.embeddings if whole else self.embeddings[:steps])
        return inputs * math.sqrt(width) + keras.ops.convert_to_tensor(
            sinusoids(steps, width, self.longest_wave), inputs.dtype
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs, which positions do not change."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "encoding": self.encoding, "longest_wave": self.longest_wave}
