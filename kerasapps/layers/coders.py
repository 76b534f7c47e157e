"""Encoders and decoders: dense layers, or convolutions that halve an image and transposed ones that double it."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from kerasapps.errors import ConfigError

KERNEL = 3
UPWARD_KERNEL = 4
"""Of transposed convolutions: a multiple of the stride, so that all pixels get as many weights (Odena et al. 2016)."""


def dense_encoder(shape: Sequence[int], widths: Sequence[int], latents: int, **arguments: Any) -> list[keras.Layer]:
    """Layers [batch, *shape] -> [batch, latents]. arguments: `activation` and `kernel_regularizer`."""
    hidden = [keras.layers.Dense(width, name=f"hidden_{i}", **arguments) for i, width in enumerate(widths, start=1)]
    return [*_flattened(shape), *hidden, _linear(latents, "latents", arguments)]


def dense_decoder(
    shape: Sequence[int], widths: Sequence[int], output: str | None, **arguments: Any
) -> list[keras.Layer]:
    """Layers [batch, latents] -> [batch, *shape]. widths: in their order. output: activation of the last layer."""
    hidden = [keras.layers.Dense(width, name=f"hidden_{i}", **arguments) for i, width in enumerate(widths, start=1)]
    last = _linear(math.prod(shape), "outputs", arguments, output)
    return [*hidden, last, *([keras.layers.Reshape(shape, dtype="float32", name="rows")] if len(shape) > 1 else [])]


def convolutional_encoder(
    shape: Sequence[int], filters: Sequence[int], latents: int, **arguments: Any
) -> list[keras.Layer]:
    """Layers [batch, height, width, channels] -> [batch, latents]; each convolution halves height and width."""
    convolutions = [
        keras.layers.Conv2D(number, KERNEL, strides=2, padding="same", name=f"conv_{i}", **arguments)
        for i, number in enumerate(filters, start=1)
    ]
    return [*convolutions, *_flattened(shape), _linear(latents, "latents", arguments)]


def convolutional_decoder(
    shape: Sequence[int], filters: Sequence[int], output: str | None, **arguments: Any
) -> list[keras.Layer]:
    """Layers [batch, latents] -> [batch, *shape]; each of as many convolutions as `filters` doubles height and width.

    filters: of what each of them is given, in their order. output: activation of the last one.
    """
    small = (*(side // 2 ** len(filters) for side in shape[:2]), filters[0])
    layers = [
        keras.layers.Dense(math.prod(small), name="hidden", **arguments),
        keras.layers.Reshape(small, name="maps"),
    ]
    upward = {"kernel_size": UPWARD_KERNEL, "strides": 2, "padding": "same"}
    for i, number in enumerate(filters[1:], start=1):
        layers.append(keras.layers.Conv2DTranspose(number, name=f"conv_{i}", **upward, **arguments))
    last = {**arguments, "activation": output, "dtype": "float32"}
    return [*layers, keras.layers.Conv2DTranspose(shape[2], name="outputs", **upward, **last)]


def check_halving(shape: Sequence[int], filters: Sequence[int]) -> None:
    """Raise ConfigError where an image [height, width, channels] cannot be halved so often, naming sizes that can."""
    times, (height, width, _) = len(filters), shape
    step = 2**times
    if height % step == 0 and width % step == 0:
        return
    near = [" or ".join(map(str, _multiples_near(side, step))) for side in (height, width)]
    most = next(n for n in range(times, -1, -1) if height % 2**n == width % 2**n == 0)
    fewer = f"at most {most} filter{'s' * (most > 1)}, or " if most else ""
    raise ConfigError(
        f"architecture='convolutional' with filters={list(filters)} halves images {times} times, but they are of "
        f"{height}x{width} pixels. Expected multiples of {step}: a height of {near[0]}, a width of {near[1]}. Give "
        f"images of such a size, {fewer}architecture=dense, which takes every size."
    )


def _multiples_near(size: int, step: int) -> list[int]:
    """The multiples of `step` just below (where that is not 0) and above `size`, or size itself."""
    below = size // step * step
    return sorted({below or step, below if below == size else below + step})


def _flattened(shape: Sequence[int]) -> list[keras.Layer]:
    return [keras.layers.Flatten(name="flatten")] if len(shape) > 1 else []


def _linear(units: int, name: str, arguments: dict[str, Any], activation: str | None = None) -> keras.layers.Dense:
    """A last layer, in float32 whatever the others compute in."""
    return keras.layers.Dense(units, name=name, **{**arguments, "activation": activation, "dtype": "float32"})


def chained(name: str, shape: Sequence[int], layers: Sequence[keras.Layer]) -> keras.Model:
    """The layers one upon the other as a functional model of inputs [batch, *shape]."""
    x = inputs = keras.Input(shape, name="inputs")
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x, name=name)


class Stack(keras.Model):
    """The same as a class, whose variables are made at the first call."""

    def __init__(self, name: str, layers: Sequence[keras.Layer]) -> None:
        super().__init__(name=name)
        self.stack = list(layers)

    def call(self, inputs, training=None):
        """What the last layer makes of what the others make of inputs."""
        x = inputs
        for layer in self.stack:
            x = layer(x)
        return x
