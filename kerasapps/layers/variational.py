"""Encoder and decoder of a variational autoencoder: dense layers, or convolutions that halve and double an image.

Both are made functionally, by `encoder` and `decoder`, and as classes, `Encoder` and `Decoder`, of the same arguments.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from kerasapps.layers.dropout import Dropout

LEAST_LOG_SCALE = -6.0
_KERNEL = 3
_UPWARD_KERNEL = 4  # a multiple of the stride, lest pixels get unequally many weights (Odena et al. 2016)

Regularizer = keras.regularizers.Regularizer | None
Scale = tuple[float, bool] | None
"""Of Gaussian numbers the deviation to begin with and whether it is learned."""


class LogScale(keras.layers.Layer):
    """The logarithm of a Gaussian's deviation, one for all numbers; Rybkin et al. 2021 (arXiv:2006.13202) learn it.

    What is learned does not fall below LEAST_LOG_SCALE, or a model that knows its rows by heart would divide by 0.
    """

    def __init__(self, first: float, learned: bool, **arguments: Any) -> None:
        """first: the deviation to begin with."""
        super().__init__(dtype="float32", **arguments)
        self.first, self.learned = math.log(first), learned

    def build(self, input_shape: Any) -> None:
        """A scalar, where it is learned."""
        if self.learned:
            begin = self.first - LEAST_LOG_SCALE
            first = math.log(math.expm1(begin)) if begin < 30 else begin  # the inverse of softplus
            self.above_least = self.add_weight((), keras.initializers.Constant(first), name="above_least")

    def call(self, means: Any) -> tf.Tensor:
        """[batch, ..., channels] -> [batch, ..., 1]."""
        value = LEAST_LOG_SCALE + tf.math.softplus(self.above_least.value) if self.learned else self.first
        return tf.zeros_like(means[..., :1]) + value

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "first": math.exp(self.first), "learned": self.learned}


def _hidden(kind: Callable, widths: Sequence[int], dropout: float, name: str) -> list[keras.Layer]:
    """A layer kind(width, name=...) of each width, and dropout after it."""
    layers: list[keras.Layer] = []
    for i, width in enumerate(widths, start=1):
        layers += [kind(width, name=f"{name}_{i}"), Dropout(dropout, name=f"{name}_dropout_{i}")]
    return layers


def _encoder_layers(
    architecture: str, widths: Sequence[int], dropout: float, regularizer: Regularizer
) -> list[keras.Layer]:
    """[batch, *shape] -> [batch, units]."""
    own = {"activation": "relu", "kernel_regularizer": regularizer}
    flatten = keras.layers.Flatten(name="flatten")
    if architecture == "dense":
        return [flatten, *_hidden(partial(keras.layers.Dense, **own), widths, dropout, "encoder")]
    halving = partial(keras.layers.Conv2D, kernel_size=_KERNEL, strides=2, padding="same", **own)
    return [*_hidden(halving, widths, dropout, "encoder"), flatten]


def _heads(latents: int, regularizer: Regularizer) -> list[keras.Layer]:
    """Mean, and logarithm of the variance, of q(z|x)."""
    own = {"kernel_regularizer": regularizer, "dtype": "float32"}
    return [keras.layers.Dense(latents, name=name, **own) for name in ("z_mean", "z_log_var")]


def _decoder_layers(
    architecture: str,
    widths: Sequence[int],
    dropout: float,
    regularizer: Regularizer,
    shape: Sequence[int],
    activation: str | None,
) -> list[keras.Layer]:
    """[batch, latents] -> [batch, *shape]; widths: of the encoder. activation: of the last layer."""
    own = {"activation": "relu", "kernel_regularizer": regularizer}
    last = {**own, "activation": activation, "dtype": "float32", "name": "outputs"}
    dense = partial(keras.layers.Dense, **own)
    if architecture == "convolutional" and widths:
        return _doubling(widths, dropout, shape, dense, own, last)
    reshape = keras.layers.Reshape(shape, name="rows", dtype="float32")
    return [*_hidden(dense, widths[::-1], dropout, "decoder"), keras.layers.Dense(math.prod(shape), **last), reshape]


def _doubling(
    widths: Sequence[int], dropout: float, shape: Sequence[int], dense: Callable, own: dict, last: dict
) -> list[keras.Layer]:
    """Maps as small as the encoder's last ones, each doubled as often as it was halved, and cut to the image's size."""
    factor = 2 ** len(widths)
    small = [-(-side // factor) for side in shape[:2]]
    first = [dense(math.prod(small) * widths[-1], name="decoder"), Dropout(dropout, name="decoder_dropout")]
    maps = keras.layers.Reshape((*small, widths[-1]), name="maps")
    upward = partial(keras.layers.Conv2DTranspose, kernel_size=_UPWARD_KERNEL, strides=2, padding="same")
    hidden = _hidden(partial(upward, **own), widths[-2::-1], dropout, "decoder")
    surplus = [(0, factor * size - side) for size, side in zip(small, shape, strict=False)]
    cut = keras.layers.Cropping2D(surplus, name="rows", dtype="float32")
    return [*first, maps, *hidden, upward(shape[-1], **last), cut]


def encoder(shape: Sequence[int], latents: int, regularizer: Regularizer, **arguments: Any) -> keras.Model:
    """inputs [batch, *shape] -> z_mean and z_log_var [batch, latents]. arguments: architecture, widths, dropout."""
    x = inputs = keras.Input(shape, name="inputs")
    for layer in _encoder_layers(regularizer=regularizer, **arguments):
        x = layer(x)
    return keras.Model(inputs, [head(x) for head in _heads(latents, regularizer)], name="encoder")


def decoder(latents: int, scale: Scale, **arguments: Any) -> keras.Model:
    """latents [batch, latents] -> [batch, *shape]; with a scale that, and the logarithm of it as [batch, ..., 1].

    arguments: architecture, widths, dropout, regularizer, shape and activation.
    """
    x = inputs = keras.Input([latents], name="latents")
    for layer in _decoder_layers(**arguments):
        x = layer(x)
    return keras.Model(inputs, [x, LogScale(*scale, name="scale")(x)] if scale else x, name="decoder")


def _through(layers: Sequence[keras.Layer], x: Any, training: bool | None) -> Any:
    for layer in layers:
        x = layer(x, training=training) if isinstance(layer, Dropout) else layer(x)
    return x


class Encoder(keras.Model):
    """The encoder as a class, of inputs as the first ones are."""

    def __init__(self, latents: int, regularizer: Regularizer, **arguments: Any) -> None:
        super().__init__(name="encoder")
        self.stack = _encoder_layers(regularizer=regularizer, **arguments)
        self.heads = _heads(latents, regularizer)

    def call(self, inputs, training=None):
        """[batch, *shape] -> z_mean and z_log_var [batch, latents]."""
        x = _through(self.stack, inputs, training)
        return [head(x) for head in self.heads]


class Decoder(keras.Model):
    """The decoder as a class; its number of latents is that of the first ones."""

    def __init__(self, scale: Scale, **arguments: Any) -> None:
        super().__init__(name="decoder")
        self.stack = _decoder_layers(**arguments)
        self.scale = LogScale(*scale, name="scale") if scale else None

    def call(self, inputs, training=None):
        """[batch, latents] -> [batch, *shape], with a scale also the logarithm of it."""
        x = _through(self.stack, inputs, training)
        return x if self.scale is None else [x, self.scale(x)]
