"""Shared by the generative applications: settings for images, latents, and samples for plots."""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from kerasapps.app import Augment, Signature
from kerasapps.arguments import argument
from kerasapps.data import augment
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise
from kerasapps.tensors import Integer, Values

ROWS = "rows"
"""Name of generated rows in outputs; their columns are the features of the layout."""
SHOWN = 64
"""Samples in a grid of plots."""
MOST = 10_000
"""Most samples that are generated at once."""
SEED = argument(np.int32(0))
"""Arguments of signatures that generate samples."""
PRIOR, ASKED = "prior", "asked/"
"""Name of the noise of samples, and a prefix that separates it from the noise of training steps."""


def make_augment(hparams: augment.Augmentation, layout: Layout) -> Augment | None:
    """The augmentation of training rows, which are also the targets. Raises ConfigError for one that mixes rows."""
    for name in ("mixup", "cutmix"):
        if value := getattr(hparams, name):
            raise ConfigError(f"{name}={value} mixes labels, which are not learnt here. Leave it out.")
    return augment.make_augment(hparams, layout)


def check_images(layout: Layout, name: str, value: object, instead: object) -> None:
    """Raise ConfigError for a setting of images when the inputs are not images."""
    field = layout.only
    if field.form != "image":
        raise ConfigError(
            f"{name}={value} takes images, but the inputs are a {field.form} of {math.prod(field.shape)} numbers. Give "
            f"{name}={instead}."
        )


def answer(layout: Layout, values: Values) -> dict[str, tf.Tensor]:
    """Outputs of the model, [rows, *shape], by name: images [rows, H, W, C] in [0, 1], or rows in units of the data."""
    return {"images" if layout.only.form == "image" else ROWS: layout.only.in_units(values)}


def latents(seed: Integer, number: Integer, dimensions: int) -> tf.Tensor:
    """Standard normal noise [number, dimensions] of a seed."""
    return Noise(0, seed, ASKED).normal(PRIOR, [number, dimensions])


def ask_for_samples(function: Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]) -> Signature:
    """A Signature of function(seed, number) -> {output name: tensor}: `number` samples, the same for the same seed."""
    arguments = {"seed": SEED, "number": argument(np.int32(SHOWN), minimum=1, maximum=MOST)}
    return Signature(lambda inputs, seed, number: function(seed, number), arguments=arguments)


def in_turn(classes: int) -> np.ndarray:
    """A class number for each sample of a grid, int32: 0, 1, ..., classes - 1, 0, 1, ..."""
    return np.arange(SHOWN, dtype=np.int32) % classes
