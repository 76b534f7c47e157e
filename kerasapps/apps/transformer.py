"""Transformer encoder: blocks of attention over texts, series or patches of images; classification and regression."""

from dataclasses import dataclass
from functools import partial

import keras

from kerasapps.app import App, Goal
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Field, Layout
from kerasapps.errors import ConfigError
from kerasapps.layers import stacks
from kerasapps.layers.blocks import Pool, Pooling
from kerasapps.layers.patches import steps_of_image
from kerasapps.layers.transformer import EncoderHparams, encoder, known_words
from kerasapps.plots import answers, attention, curves, forecasts, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.plans import ATTENTION
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class TransformerHparams(Augmentation, EncoderHparams):
    """Blocks, heads and widths, the encoding of positions, the order of normalisation, and the pooling.

    Patches of images are those of Dosovitskiy et al. 2021 (arXiv:2010.11929).
    """

    epochs: int = 20
    global_batch_size: int | None = 16
    learning_rate: float = 1e-3  # with 2e-3, the default of the other encoders, some seeds do not learn reviews
    pooling: Pooling = setting("mean", "input of the last layer: the mean of all steps, or the first step")
    patch_size: int | None = setting(
        None, "side, in pixels, of the square patches of an image; none = each row of pixels is a step", minimum=1
    )


def stacks_of(hparams: TransformerHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """Images [batch, height, width, channels], inputs [batch, time, features] or tokens [batch, time] -> logits
    [batch, K] or standardised numbers [batch, H].

    A vector [batch, D] beside the tokens is concatenated with the pooled steps, before the last layer.
    """
    first, *beside = layout.inputs
    layers: list[keras.Layer | stacks.Call] = [*_steps(hparams, first), *encoder(hparams, _embedding(hparams, first))]
    layers.append(Pool(hparams.pooling, name="pooled"))
    if beside:
        names = ("pooled", beside[0].name)
        layers.append(stacks.Call(keras.layers.Concatenate(name="beside"), names, as_list=True))
    regularizer, size = kernel_regularizer(hparams), layout.target.size
    layers.append(keras.layers.Dense(size, kernel_regularizer=regularizer, dtype="float32", name="outputs"))
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


def _steps(hparams: TransformerHparams, field: Field) -> list[keras.layers.Layer]:
    """The layers from an image to its steps; [] for sequences. Raises ConfigError for patches of a sequence."""
    if field.form == "image":
        return steps_of_image(field.shape, hparams.patch_size)
    if hparams.patch_size is not None:
        raise ConfigError(
            f"patch_size={hparams.patch_size} cuts images, but the inputs are {field.form}. Expected none."
        )
    return []


def _embedding(hparams: TransformerHparams, field: Field) -> keras.Layer:
    """Layers from tokens [batch, time] or inputs [batch, time, features] to [batch, time, width]."""
    if field.form == "tokens":
        return keras.layers.Embedding(field.vocabulary, hparams.width, known_words, mask_zero=True, name="embedding")
    return keras.layers.Dense(hparams.width, kernel_regularizer=kernel_regularizer(hparams), name="embedding")


# Augmented digits are not overfitted, so that no dropout is needed. Patches of 7 give a third of the steps of 4.
MNIST_5K = {
    "epochs": 40,
    "global_batch_size": 64,
    "learning_rate": 3e-3,
    "patch_size": 7,
    "positions": "learned",
    "layers": 3,
    "dropout": 0.0,
    "rotation_degrees": 10.0,
    "zoom": 0.1,
    "shift_pixels": 2.0,
}

APP = App(
    name="transformer",
    accepts=dict.fromkeys(("tokens", "image", "sequence", ("tokens", "vector")), ("classes", "reals")),
    default_data="reviews",
    hparams=TransformerHparams,
    tuned={"mnist_5k": MNIST_5K},
    tiny={"epochs": 1, "layers": 1, "heads": 2, "width": 8, "feed_forward": 8},
    task=partial(Supervised, make_augment=make_augment, plans=ATTENTION),
    space=search.among(
        layers=(1, 2, 4),
        heads=(2, 4, 8),
        feed_forward=(64, 128, 256),
        activation=("gelu", "swiglu"),
        positions=("sinusoidal", "learned", "rotary"),
        dropout=(0.0, 0.1, 0.3),
    ),
    goals={"reviews": Goal("accuracy", at_least=0.97), "mnist_5k": Goal("accuracy", at_least=0.96)},
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "calibration": answers.calibration,
        "examples": answers.examples,
        "attention": attention.self_attention,
        "image_attention": attention.image_attention,
        "wrong_images": pictures.wrong_images,
        "augmented": pictures.augmented,
        **forecasts.PLOTS,
    },
)
