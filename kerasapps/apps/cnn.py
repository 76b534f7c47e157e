"""Convolutional network: conv32-pool-conv64-pool-conv64-dense64-K classifier of images."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasapps.app import App, Goal, Parts, View
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.figures import images as image_figures
from kerasapps.hparams import Hparams, redefault, setting
from kerasapps.layers.dropout import Dropout
from kerasapps.plots import answers, images
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class CnnHparams(Augmentation, Hparams):
    """Filters of the 3x3 convolutions, between which lie 2x2 max poolings, and the dense layer after them.

    The learning rate falls to 0 along a cosine, so that the last weights and not an epoch before are the best.
    """

    epochs: int = redefault("epochs", 12)
    schedule: str = redefault("schedule", "cosine")
    learning_rate: float = redefault("learning_rate", 2e-3)
    l2: float = redefault("l2", 1e-4)
    keep: str = redefault("keep", "last")
    filters: tuple = setting((32, 64, 64), "filters of each convolution", minimum=1, shortest=1)
    dense_units: int = setting(64, "units of the dense layer", minimum=1)
    dropout: float = setting(0.5, "fraction of dense units dropped in training", minimum=0, below=1)
    padding: str = setting(
        "auto",
        "border of the convolutions; auto = valid, or same where the image is too small for that",
        choices=("auto", "valid", "same"),
    )


def smallest_valid_image(convolutions: int) -> int:
    """Least height and width, in pixels, that unpadded convolutions and the poolings between them leave 1 of."""
    size = 3
    for _ in range(convolutions - 1):
        size = 2 * size + 2
    return size


def padding_of(hparams: CnnHparams, layout: Layout) -> str:
    """valid or same; raises ConfigError for images that are too small for valid."""
    smallest, (height, width, _) = smallest_valid_image(len(hparams.filters)), layout.only.shape
    fits = min(height, width) >= smallest
    if hparams.padding == "valid" and not fits:
        raise ConfigError(
            f"padding='valid' with {len(hparams.filters)} convolutions, filters={list(hparams.filters)}, needs images "
            f"of at least {smallest}x{smallest} pixels, got {height}x{width}. Give padding auto or same, which take "
            "every size, or fewer filters."
        )
    return ("valid" if fits else "same") if hparams.padding == "auto" else hparams.padding


def _layers(
    filters: Sequence[int],
    dense_units: int,
    classes: int,
    padding: str,
    dropout: float,
    regularizer: keras.regularizers.Regularizer | None,
) -> list[keras.Layer]:
    """The layers in order."""
    layers: list[keras.Layer] = []
    for i, number in enumerate(filters, start=1):
        if i > 1:
            layers.append(keras.layers.MaxPooling2D(padding=padding, name=f"pool_{i - 1}"))
        convolution = keras.layers.Conv2D(
            number, 3, padding=padding, activation="relu", kernel_regularizer=regularizer, name=f"conv_{i}"
        )
        layers.append(convolution)
    dense = keras.layers.Dense(dense_units, "relu", kernel_regularizer=regularizer, name="dense")
    last = keras.layers.Dense(classes, kernel_regularizer=regularizer, dtype="float32", name="outputs")
    return [*layers, keras.layers.Flatten(name="flatten"), dense, Dropout(dropout, name="dropout"), last]


def _arguments(hparams: CnnHparams, layout: Layout) -> dict[str, Any]:
    return {
        "filters": hparams.filters,
        "dense_units": hparams.dense_units,
        "classes": layout.target.size,
        "padding": padding_of(hparams, layout),
        "dropout": hparams.dropout,
        "regularizer": kernel_regularizer(hparams),
    }


def functional(hparams: CnnHparams, layout: Layout) -> Parts:
    """inputs [batch, height, width, channels] -> logits [batch, K]."""
    x = inputs = keras.Input(layout.only.shape, name="inputs")
    for layer in _layers(**_arguments(hparams, layout)):
        x = layer(x)
    return {"model": keras.Model(inputs, x, name="model")}


class ConvolutionalNetwork(keras.Model):
    """The same as a class; the size of its images is that of the first inputs."""

    def __init__(
        self,
        filters: Sequence[int],
        dense_units: int,
        classes: int,
        padding: str,
        dropout: float,
        regularizer: keras.regularizers.Regularizer | None,
    ) -> None:
        super().__init__(name="model")
        self.stack = _layers(filters, dense_units, classes, padding, dropout, regularizer)

    def call(self, inputs, training=None):
        """[batch, height, width, channels] -> logits [batch, K]."""
        x = inputs
        for layer in self.stack:
            x = layer(x, training=training) if isinstance(layer, Dropout) else layer(x)
        return x


def subclassed(hparams: CnnHparams, layout: Layout) -> Parts:
    """The same as a class."""
    return {"model": ConvolutionalNetwork(**_arguments(hparams, layout))}


def space(hparams: CnnHparams, hp: Any) -> CnnHparams:
    """Learning rate, batch size, dense units, dropout and L2 penalty."""
    return dataclasses.replace(
        hparams,
        learning_rate=search.rate(hp, hparams),
        global_batch_size=search.choice(hp, "global_batch_size", (32, 64), hparams.global_batch_size),
        dense_units=search.choice(hp, "dense_units", (64, 128), hparams.dense_units),
        dropout=search.choice(hp, "dropout", (0.0, 0.3, 0.5), hparams.dropout),
        l2=search.choice(hp, "l2", (0.0, 1e-5, 1e-4), hparams.l2),
    )


def plot_filters(view: View) -> "Figure":
    """Kernels of the first convolution."""
    kernel = next(v for v in view.task.model.trainable_variables if len(v.shape) == 4)
    return image_figures.filters(np.asarray(kernel))


# Varied digits take longer to fit, and then dropout of half the units is still right.
MNIST_5K = {
    "epochs": 24,
    "global_batch_size": 64,
    "learning_rate": 3e-3,
    "warmup_epochs": 1.0,
    "rotation_degrees": 10.0,
    "zoom": 0.1,
    "shift_pixels": 2.0,
}

# Clothes need the border and more units, and are recognised from either side.
FASHION_MNIST = {
    "epochs": 13,
    "global_batch_size": 128,
    "learning_rate": 2e-3,
    "warmup_epochs": 0.3,
    "l2": 1e-5,
    "padding": "same",
    "dense_units": 128,
    "dropout": 0.4,
    "flip_horizontal": True,
}

APP = App(
    name="cnn",
    accepts={"image": ("classes",)},
    default_data="mnist_5k",
    hparams=CnnHparams,
    tuned={"mnist_5k": MNIST_5K, "fashion_mnist": FASHION_MNIST},
    tiny={"epochs": 1, "filters": (4, 4, 4), "dense_units": 8},
    task=partial(Supervised, make_augment=make_augment),
    space=space,
    goals={
        "mnist_5k": Goal("accuracy", at_least=0.982),
        "fashion_mnist": Goal("accuracy", at_least=0.925),
    },
    builders={"functional": functional, "subclassed": subclassed},
    plots={
        "confusion_matrix": answers.confusion,
        "wrong_images": images.wrong_images,
        "filters": plot_filters,
        "augmented": images.augmented,
    },
)
