"""Residual network: 3x3 convolutions in blocks with shortcuts, a classifier of small images."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import keras

from kerasapps.app import App, Goal
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.batch_normalization import BatchNormalization
from kerasapps.layers.residual import Residual
from kerasapps.plots import answers, curves, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.plans import CONVOLUTIONS
from kerasapps.tasks.supervised import Supervised
from kerasapps.tensors import Regularizer

STAGES = 3
CHANNELS_PER_GROUP = 8


@dataclass(frozen=True)
class ResnetHparams(Augmentation, Hparams):
    """Depth, width and normalization of the residual networks of He et al. (2015), arXiv:1512.03385, section 4.2.

    depth 20, width 16 and stem_strides 1 are the ResNet-20 of the paper. The defaults are for a CPU: fewer and wider
    layers, on images that the first convolution halves. The paper's weight decay w is l2 = w / 2. The learning rate
    falls along a cosine, other than in the paper, which makes the last weights the best.
    """

    epochs: int = 12
    global_batch_size: int | None = 128
    optimizer: str = "sgd"
    optimizer_settings: dict[str, Any] = setting({"momentum": 0.9, "nesterov": True})
    learning_rate: float = 0.1
    schedule: Schedule = "cosine"
    warmup_epochs: float = 1.0
    l2: float = 2.5e-4
    keep: Keep = "last"
    depth: int = setting(8, "layers with weights, 6n+2: the first, 3 stages of n blocks of 2, and the last")
    width: int = setting(
        32, "channels of the first stage; the second stage has twice, the third four times as many", minimum=1
    )
    stem_strides: int = setting(2, "strides of the first convolution: 1, or 2 to halve the image", minimum=1, maximum=2)
    normalization: Literal["batch", "group"] = setting(
        "batch",
        "normalization after every convolution: of the batch, or of groups of at most 8 channels",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.depth not in nearest_depths(self.depth):
            nearest = " or ".join(map(str, nearest_depths(self.depth)))
            raise ConfigError(f"depth={self.depth}: expected 6n+2 with n >= 1, such as {nearest}.")


def nearest_depths(depth: int) -> tuple[int, ...]:
    """The nearest valid depths, below and above `depth`; `depth` itself if it is valid."""
    period = 2 * STAGES
    below, above = (depth - 2) // period, -((2 - depth) // period)
    return tuple(dict.fromkeys(period * max(n, 1) + 2 for n in (below, above)))


class Block(NamedTuple):
    """A residual block: the channels of its two convolutions, and the strides of the first."""

    name: str
    channels: int
    strides: int


def blocks(depth: int, width: int) -> list[Block]:
    """All blocks in order. Each stage but the first halves the image and doubles the channels in its first block."""
    numbers = [(stage, number) for stage in range(STAGES) for number in range((depth - 2) // (2 * STAGES))]
    return [
        Block(f"stage_{stage + 1}_block_{number + 1}", width * 2**stage, 2 if stage and not number else 1)
        for stage, number in numbers
    ]


def check_size(hparams: ResnetHparams, layout: Layout) -> None:
    """Raise ConfigError for images that are too small for the stages to halve."""
    height, width, _ = layout.only.shape
    smallest = 2 ** (STAGES - 2) * hparams.stem_strides + 1
    if min(height, width) < smallest:
        hint = "Give stem_strides 1, or larger images." if hparams.stem_strides > 1 else "Give larger images."
        raise ConfigError(
            f"A residual network with stem_strides={hparams.stem_strides} needs images of at least "
            f"{smallest}x{smallest} pixels, got {height}x{width}. {hint}"
        )


def _convolution(channels: int, strides: int, regularizer: Regularizer, name: str) -> keras.Layer:
    """A 3x3 convolution; the normalization after it has the bias. Initial weights: He et al., arXiv:1502.01852."""
    return keras.layers.Conv2D(
        channels,
        3,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=regularizer,
        name=name,
    )


def _normalization(kind: str, channels: int, name: str) -> keras.Layer:
    """Batch normalization (arXiv:1502.03167) with moving averages short enough for a few hundred steps, or group
    normalization (arXiv:1803.08494); every scale is initialised with 1, as in both papers."""
    if kind == "group":
        groups = channels // math.gcd(channels, CHANNELS_PER_GROUP)
        return keras.layers.GroupNormalization(groups, epsilon=1e-5, name=name)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)


def block_layers(
    block: Block, before: str, normalization: str, regularizer: Regularizer
) -> list[keras.Layer | stacks.Call]:
    """The layers conv, norm, relu, conv, norm, and the shortcut from the preceding layer or input, called `before`."""
    name, channels, second_norm = block.name, block.channels, f"{block.name}_norm_2"
    return [
        _convolution(channels, block.strides, regularizer, f"{name}_conv_1"),
        _normalization(normalization, channels, f"{name}_norm_1"),
        keras.layers.Activation("relu", name=f"{name}_relu"),
        _convolution(channels, 1, regularizer, f"{name}_conv_2"),
        _normalization(normalization, channels, second_norm),
        stacks.Call(Residual(name, block.strides), (second_norm, before)),
    ]


def stacks_of(hparams: ResnetHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """The classifier, a stem and residual blocks: inputs [batch, height, width, channels] -> logits [batch, K]."""
    check_size(hparams, layout)
    regularizer, before = kernel_regularizer(hparams), "stem_relu"
    layers = [
        _convolution(hparams.width, hparams.stem_strides, regularizer, "stem_conv"),
        _normalization(hparams.normalization, hparams.width, "stem_norm"),
        keras.layers.Activation("relu", name=before),
    ]
    for block in blocks(hparams.depth, hparams.width):
        layers += block_layers(block, before, hparams.normalization, regularizer)
        before = block.name
    last = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="outputs")
    layers += [keras.layers.GlobalAveragePooling2D(name="pool"), last]
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


# In 20 epochs training rows are fitted hardly better than validation rows: more penalty or noise does not help.
FASHION_MNIST = {"epochs": 20, "l2": 1e-4, "flip_horizontal": True, "crop_pixels": 1}

APP = App(
    name="resnet",
    accepts={"image": ("classes",)},
    default_data="mnist_5k",
    hparams=ResnetHparams,
    tuned={"fashion_mnist": FASHION_MNIST},
    tiny={"epochs": 1, "width": 8},
    task=partial(Supervised, make_augment=make_augment, plans=CONVOLUTIONS),
    space=search.among(
        depth=(8, 14, 20),
        width=(16, 32),
        stem_strides=(1, 2),
        normalization=("batch", "group"),
        l2=(0.0, 5e-5, 2.5e-4),
        rotation_degrees=(0.0, 10.0),
        shift_pixels=(0.0, 2.0),
    ),
    goals={
        "mnist_5k": Goal("accuracy", at_least=0.97),
        "fashion_mnist": Goal("accuracy", at_least=0.935),
    },
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "wrong_images": pictures.wrong_images,
        "augmented": pictures.augmented,
    },
)
