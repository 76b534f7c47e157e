"""Encoders and decoders: dense layers, or convolutions that halve an image's sides and others that double them.

Every size of image is possible: encoders round halved sides up, and decoders cut off the surplus.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import keras

from kerasapps.layers.dropout import Dropout
from kerasapps.tensors import Regularizer

UPWARD_KERNEL = 4
"""Of transposed convolutions: a multiple of the stride, so that all pixels get as many weights (Odena et al. 2016)."""


@dataclass(frozen=True)
class Hidden:
    """How every hidden layer is made: the layer, then its normalisation, its activation, and dropout.

    kernel: side of the convolutions that halve, in pixels. normalised: over all of an image and not over the batch, so
    that no row depends on another, and averages of the weights need no statistics of their own.
    """

    activation: str = "relu"
    regularizer: Regularizer = None
    dropout: float = 0.0
    kernel: int = 3
    normalised: bool = False


def down(convolutional: bool, sizes: Sequence[int], hidden: Hidden) -> list[keras.Layer]:
    """Layers [batch, *shape] -> [batch, n]. sizes: units of dense layers, or filters of convolutions, one at least."""
    flatten = keras.layers.Flatten(name="flatten")
    if not convolutional:
        return [flatten, *_numbered(hidden, keras.layers.Dense, sizes)]
    halving = partial(keras.layers.Conv2D, kernel_size=hidden.kernel, strides=2, padding="same")
    # The first one sees the image as it is (Radford et al. 2016, arXiv:1511.06434, section 3).
    first = _numbered(dataclasses.replace(hidden, normalised=False), halving, sizes[:1])
    return [*first, *_numbered(hidden, halving, sizes[1:], start=2), flatten]


def up(
    convolutional: bool, shape: Sequence[int], sizes: Sequence[int], hidden: Hidden, output: str | None
) -> list[keras.Layer]:
    """Layers [batch, n] -> [batch, *shape] float32, whatever the others compute in.

    sizes: units of the hidden layers, or filters of what is doubled each time, in their order. output: activation of
    the last layer.
    """
    last = {"activation": output, "kernel_regularizer": hidden.regularizer, "dtype": "float32", "name": "outputs"}
    if convolutional:
        return _doubling(shape, sizes, hidden, last)
    rows = keras.layers.Reshape(shape, dtype="float32", name="rows")
    return [*_numbered(hidden, keras.layers.Dense, sizes), keras.layers.Dense(math.prod(shape), **last), rows]


def _doubling(shape: Sequence[int], filters: Sequence[int], hidden: Hidden, last: dict) -> list[keras.Layer]:
    """Maps as small as an encoder's last ones, each doubled as often as it was halved, and cut to the image's size."""
    factor = 2 ** len(filters)
    small = [-(-side // factor) for side in shape[:2]]
    maps = (*small, filters[0])
    doubling = partial(keras.layers.Conv2DTranspose, kernel_size=UPWARD_KERNEL, strides=2, padding="same")
    first = _block(hidden, partial(keras.layers.Dense, math.prod(maps)), "", keras.layers.Reshape(maps, name="maps"))
    layers = [*first, *_numbered(hidden, doubling, filters[1:]), doubling(shape[2], **last)]
    surplus = [(0, factor * size - side) for size, side in zip(small, shape, strict=False)]
    cut = keras.layers.Cropping2D(surplus, dtype="float32", name="rows")
    return [*layers, cut] if any(right for _, right in surplus) else layers


def _numbered(hidden: Hidden, kind: Callable, sizes: Sequence[int], start: int = 1) -> list[keras.Layer]:
    blocks = [_block(hidden, partial(kind, size), f"_{i}") for i, size in enumerate(sizes, start)]
    return [layer for block in blocks for layer in block]


def _block(hidden: Hidden, kind: Callable, number: str, *shaped: keras.Layer) -> list[keras.Layer]:
    """A hidden layer kind(...) and what comes after it; `shaped`: what gives its numbers their shape."""
    inside = None if hidden.normalised else hidden.activation
    layer = kind(activation=inside, kernel_regularizer=hidden.regularizer, name=f"hidden{number}")
    layers = [layer, *shaped]
    if hidden.normalised:
        layers.append(keras.layers.GroupNormalization(1, name=f"hidden_norm{number}"))
        layers.append(keras.layers.Activation(hidden.activation, name=f"hidden_activation{number}"))
    return [*layers, Dropout(hidden.dropout, name=f"hidden_dropout{number}")] if hidden.dropout else layers
