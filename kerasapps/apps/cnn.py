"""Convolutional network: conv32-pool-conv64-pool-conv64-dense64-K classifier of images."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import keras
import numpy as np

from kerasapps.app import App, Goal, View
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.figures import images
from kerasapps.figures.canvas import Figure
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.dropout import Dropout
from kerasapps.plots import answers, curves, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.plans import CONVOLUTIONS
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class CnnHparams(Augmentation, Hparams):
    """Filters of the 3x3 convolutions, with 2x2 max pooling between them, and the dense layer at the end.

    The learning rate falls to 0 along a cosine, which makes the last weights the best.
    """

    epochs: int = 12
    schedule: Schedule = "cosine"
    learning_rate: float = 2e-3
    l2: float = 1e-4
    keep: Keep = "last"
    filters: tuple[int, ...] = setting((32, 64, 64), "filters of each convolution", minimum=1, shortest=1)
    dense_units: int = setting(64, "units of the dense layer", minimum=1)
    dropout: float = setting(0.5, "fraction of dense units dropped in training", minimum=0, below=1)
    padding: Literal["auto", "valid", "same"] = setting(
        "auto", "padding of the convolutions; auto = valid, or same for images that are too small for valid"
    )


def smallest_valid_image(convolutions: int) -> int:
    """The smallest height and width, in pixels, that valid convolutions with pooling between them can process."""
    size = 3
    for _ in range(convolutions - 1):
        size = 2 * size + 2
    return size


def padding_of(hparams: CnnHparams, layout: Layout) -> str:
    """The padding "valid" or "same". Raises ConfigError for images that are too small for a requested "valid"."""
    smallest, (height, width, _) = smallest_valid_image(len(hparams.filters)), layout.only.shape
    fits = min(height, width) >= smallest
    if hparams.padding == "valid" and not fits:
        raise ConfigError(
            f"padding='valid' with {len(hparams.filters)} convolutions, filters={list(hparams.filters)}, needs images "
            f"of at least {smallest}x{smallest} pixels, got {height}x{width}. Give padding auto or same, which take "
            "every size, or fewer filters."
        )
    return ("valid" if fits else "same") if hparams.padding == "auto" else hparams.padding


def stacks_of(hparams: CnnHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """The classifier, convolutions and dense layers: inputs [batch, height, width, channels] -> logits [batch, K]."""
    padding, own = padding_of(hparams, layout), {"kernel_regularizer": kernel_regularizer(hparams)}
    layers = []
    for i, filters in enumerate(hparams.filters, start=1):
        if i > 1:
            layers.append(keras.layers.MaxPooling2D(padding=padding, name=f"pool_{i - 1}"))
        layers.append(keras.layers.Conv2D(filters, 3, padding=padding, activation="relu", name=f"conv_{i}", **own))
    dense = keras.layers.Dense(hparams.dense_units, "relu", name="dense", **own)
    last = keras.layers.Dense(layout.target.size, dtype="float32", name="outputs", **own)
    layers += [keras.layers.Flatten(name="flatten"), dense, Dropout(hparams.dropout, name="dropout"), last]
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


def plot_filters(view: View) -> Figure:
    """The kernels of the first convolution as images."""
    kernel = next(v for v in view.task.model.trainable_variables if len(v.shape) == 4)
    return images.filters(np.asarray(kernel))


# Augmented digits take more epochs to fit, with which dropout of one half is still right.
MNIST_5K = {
    "epochs": 24,
    "global_batch_size": 64,
    "learning_rate": 3e-3,
    "warmup_epochs": 1.0,
    "rotation_degrees": 10.0,
    "zoom": 0.1,
    "shift_pixels": 2.0,
}

# Clothes need padding at the border and more units. A flipped image has the same class.
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
    task=partial(Supervised, make_augment=make_augment, plans=CONVOLUTIONS),
    space=search.among(
        filters=((16, 32, 32), (32, 64, 64), (64, 128, 128)),
        dense_units=(64, 128),
        dropout=(0.0, 0.3, 0.5),
        l2=(0.0, 1e-5, 1e-4),
        rotation_degrees=(0.0, 10.0),
        shift_pixels=(0.0, 2.0),
    ),
    goals={
        "mnist_5k": Goal("accuracy", at_least=0.982),
        "fashion_mnist": Goal("accuracy", at_least=0.925),
    },
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "wrong_images": pictures.wrong_images,
        "filters": plot_filters,
        "augmented": pictures.augmented,
    },
)
