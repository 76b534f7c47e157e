"""Layers of a DCGAN: strided convolutions that halve an image's sides, transposed ones that double them.

Radford et al. 2016, arXiv:1511.06434, section 3, but normalised over all of an image and not over the batch: so no row
depends on another, and averages of the weights need no statistics of their own.
"""

from collections.abc import Sequence

import keras

Regularizer = keras.regularizers.Regularizer | None


def growing(filters: Sequence[int], shape: Sequence[int], activation: str, regularizer: Regularizer) -> list:
    """[batch, n] -> images [batch, *shape] float32, whose sides are 2^len(filters) times those of the first ones."""
    height, width = (side >> len(filters) for side in shape[:2])
    project = keras.layers.Dense(height * width * filters[0], kernel_regularizer=regularizer, name="project")
    layers = [project, keras.layers.Reshape((height, width, filters[0]), name="image"), *_normalised(1)]
    given = {"strides": 2, "padding": "same", "kernel_regularizer": regularizer}
    for i, number in enumerate(filters[1:], start=2):
        layers += [keras.layers.Conv2DTranspose(number, 4, name=f"grow_{i}", **given), *_normalised(i)]
    outputs = keras.layers.Conv2DTranspose(shape[2], 4, activation=activation, dtype="float32", name="outputs", **given)
    return [*layers, outputs]


def _normalised(number: int) -> list:
    return [keras.layers.GroupNormalization(1, name=f"norm_{number}"), keras.layers.ReLU(name=f"relu_{number}")]


def shrinking(filters: Sequence[int], regularizer: Regularizer) -> list:
    """Images [batch, H, W, C] -> [batch, n]; the first convolution sees the image as it is."""
    layers: list[keras.Layer] = []
    for i, number in enumerate(filters, start=1):
        convolution = keras.layers.Conv2D(
            number, 4, strides=2, padding="same", kernel_regularizer=regularizer, name=f"shrink_{i}"
        )
        layers += [convolution, *([keras.layers.GroupNormalization(1, name=f"norm_{i}")] if i > 1 else [])]
        layers.append(keras.layers.LeakyReLU(0.2, name=f"relu_{i}"))
    return [*layers, keras.layers.Flatten(name="flatten")]
