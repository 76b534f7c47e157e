"""Transformer encoder: blocks of attention over texts, series and rows of images; tells classes or reals."""

from dataclasses import dataclass

import keras

from kerasapps.app import App, Goal
from kerasapps.data.spec import Field, Layout
from kerasapps.layers import stacks
from kerasapps.layers.blocks import Pool, Pooling
from kerasapps.layers.transformer import EncoderHparams, encoder, known_words
from kerasapps.plots import answers, attention, forecasts, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class TransformerHparams(EncoderHparams):
    """Blocks, their heads and widths; how positions are told, where normalisation lies, and what is pooled."""

    epochs: int = 20
    global_batch_size: int | None = 16
    pooling: Pooling = setting("mean", "what the last layer sees: the mean of all steps, or the first")


def stacks_of(hparams: TransformerHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, time, features] or tokens [batch, time] -> logits [batch, K] or standardised reals [batch, H].

    A vector [batch, D] beside the tokens joins what is pooled of these, before the last layer.
    """
    sequence, *beside = layout.inputs
    layers: list[keras.Layer | stacks.Call] = [*encoder(hparams, _embedding(hparams, sequence))]
    layers.append(Pool(hparams.pooling, name="pooled"))
    if beside:
        names = ("pooled", beside[0].name)
        layers.append(stacks.Call(keras.layers.Concatenate(name="beside"), names, as_list=True))
    regularizer, size = kernel_regularizer(hparams), layout.target.size
    layers.append(keras.layers.Dense(size, kernel_regularizer=regularizer, dtype="float32", name="outputs"))
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


def _embedding(hparams: TransformerHparams, sequence: Field) -> keras.Layer:
    """[batch, time] or [batch, time, features] -> [batch, time, width]."""
    if sequence.form == "tokens":
        return keras.layers.Embedding(sequence.vocabulary, hparams.width, known_words, mask_zero=True, name="embedding")
    return keras.layers.Dense(hparams.width, kernel_regularizer=kernel_regularizer(hparams), name="embedding")


APP = App(
    name="transformer",
    accepts=dict.fromkeys(("tokens", "sequence", ("tokens", "vector")), ("classes", "reals")),
    default_data="reviews",
    hparams=TransformerHparams,
    tiny={"epochs": 1, "layers": 1, "heads": 2, "width": 8, "feed_forward": 8},
    task=Supervised,
    space=search.among(
        layers=(1, 2, 4),
        heads=(2, 4, 8),
        feed_forward=(64, 128, 256),
        activation=("gelu", "swiglu"),
        positions=("sinusoidal", "learned", "rotary"),
        dropout=(0.0, 0.1, 0.3),
    ),
    goals={"reviews": Goal("accuracy", at_least=0.97)},
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "calibration": answers.calibration,
        "examples": answers.examples,
        "attention": attention.self_attention,
        "wrong_images": pictures.wrong_images,
        **forecasts.PLOTS,
    },
)
