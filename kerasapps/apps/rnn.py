"""Recurrent network: LSTM, GRU or simple cells over rows of images, series, spectrograms and texts."""

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Literal

import keras
import tensorflow as tf

from kerasapps.app import App, Augment, Goal
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Batch, Layout
from kerasapps.hparams import Hparams, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.cells import CELLS, CellName
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.forecasts import OntoLast, Shown
from kerasapps.layers.recurrent import Bidirectional, Recurrent
from kerasapps.noise import Noise
from kerasapps.plots import answers, curves, forecasts, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.plans import RECURRENT
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class RnnHparams(Augmentation, Hparams):
    """Cells, layers and their units, the embedding of texts, and the inputs of forecasts.

    The learning rate falls to 0 along a cosine.
    """

    epochs: int = 12
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    cell: CellName = setting("lstm", "kind of recurrent cell")
    units: tuple[int, ...] = setting((128,), "units of each recurrent layer", minimum=1, shortest=1)
    bidirectional: bool = setting(False, "add layers of the same size that read each sequence from its end")
    embedding: int = setting(128, "size of the vector of a word (texts)", minimum=1)
    dropout: float = setting(0.2, "fraction of the outputs of each layer dropped in training", minimum=0, below=1)
    shown: Literal["values", "changes", "both"] = setting(
        "both",
        "inputs made of a series: its values, their differences from the last value, or both (forecasts)",
    )
    autoregression: bool = setting(True, "add a weighted sum of the inputs to the forecast (forecasts)")
    implementation: Literal["fused", "keras"] = setting(
        "fused", "code that trains the cells: kerasapps' own, or that of Keras, which uses cuDNN on a GPU"
    )


def _forecasting(hparams: RnnHparams, layers: list[keras.Layer]) -> list[keras.Layer | stacks.Call]:
    """The layers of a forecast: make the inputs, then `layers`, then add "outputs" to the last step."""
    regularizer = kernel_regularizer(hparams)
    onto_last = OntoLast(hparams.autoregression, regularizer, dtype="float32", name="onto_last")
    shown = Shown(hparams.shown, dtype="float32", name="shown")
    return [shown, *layers, stacks.Call(onto_last, ("outputs", "shown", "inputs"))]


def stacks_of(hparams: RnnHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, time, features] or tokens [batch, time] -> logits [batch, K] or standardised numbers [batch, H].

    A vector [batch, D] beside the tokens is concatenated with the output of the cells, before the last layer.
    """
    regularizer, layers, (sequence, *beside) = kernel_regularizer(hparams), [], layout.inputs
    if sequence.form == "tokens":
        words = keras.layers.Embedding(sequence.vocabulary, hparams.embedding, mask_zero=True, name="embedding")
        layers += [words, Dropout(hparams.dropout, name="dropout_0")]
    kind = Bidirectional if hparams.bidirectional else Recurrent
    for number, units in enumerate(hparams.units, start=1):
        recurrent = kind(
            hparams.cell,
            units,
            return_sequences=number < len(hparams.units),
            implementation=hparams.implementation,
            kernel_regularizer=regularizer,
            name=f"recurrent_{number}",
        )
        layers += [recurrent, Dropout(hparams.dropout, name=f"dropout_{number}")]
    if beside:
        names = (layers[-1].name, beside[0].name)
        layers.append(stacks.Call(keras.layers.Concatenate(name="beside"), names, as_list=True))
    size = layout.target.size
    layers.append(keras.layers.Dense(size, kernel_regularizer=regularizer, dtype="float32", name="outputs"))
    if layout.forecast:
        layers = _forecasting(hparams, layers)
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


def augment(hparams: RnnHparams, layout: Layout) -> Augment | None:
    """Augmentation of sequences as grey images whose rows are steps. Raises ConfigError for texts and forecasts."""
    if layout.inputs[0].form != "sequence" or layout.forecast:
        return make_augment(hparams, layout)
    image = dataclasses.replace(layout.only, form="image", shape=(*layout.only.shape, 1))
    vary = make_augment(hparams, dataclasses.replace(layout, inputs=(image,)))

    if vary is None:
        return None

    def of_rows(batch: Batch, noise: Noise) -> Batch:
        images = vary({**batch, "inputs": {image.name: batch["inputs"][image.name][..., None]}}, noise)
        return {**images, "inputs": {image.name: tf.squeeze(images["inputs"][image.name], axis=-1)}}

    return of_rows


# On a few thousand real texts the second or third epoch is the best. Fewer cells, more dropout and an early end are at
# least as good as the defaults, in a fifth of the time.
TEXTS = {"epochs": 6, "units": (64,), "embedding": 64, "dropout": 0.5, "early_stopping_patience": 2}
# In these reviews word order decides, which takes longer to learn and needs no regularisation.
REVIEWS = {**TEXTS, "epochs": 12, "learning_rate": 4e-3, "dropout": 0.2, "early_stopping_patience": None}
# Chosen on validation rows. For sunspots, three periods before the test rows were used (rolling origin): the cycles of
# the validation years alone were all low.
SUNSPOTS = {"units": (32,), "dropout": 0.0, "epochs": 60}
# A trend leads beyond the values of training; differences do not.
CO2 = {"cell": "gru", "units": (16,), "dropout": 0.0, "epochs": 60, "learning_rate": 5e-3, "shown": "changes"}
ELNINO = {"units": (32,), "epochs": 60, "shown": "values"}
# Augmented digits take more epochs to fit. The last weights are then the best.
MNIST_5K = {
    "epochs": 20,
    "global_batch_size": 64,
    "learning_rate": 4e-3,
    "warmup_epochs": 1.0,
    "keep": "last",
    "rotation_degrees": 10.0,
    "zoom": 0.1,
    "shift_pixels": 2.0,
}

APP = App(
    name="rnn",
    accepts=dict.fromkeys(("sequence", "tokens", ("tokens", "vector")), ("classes", "reals")),
    default_data="mnist_5k",
    hparams=RnnHparams,
    suited={"text": TEXTS},
    tuned={"mnist_5k": MNIST_5K, "reviews": REVIEWS, "sunspots": SUNSPOTS, "co2": CO2, "elnino": ELNINO},
    tiny={"epochs": 1, "units": (8,), "embedding": 8},
    task=partial(Supervised, make_augment=augment, plans=RECURRENT),
    space=search.among(
        cell=tuple(CELLS), units=((64,), (128,), (128, 64)), bidirectional=(False, True), dropout=(0.0, 0.2, 0.4)
    ),
    # The goals of the series are the errors of repeating the last season.
    goals={
        "mnist_5k": Goal("accuracy", at_least=0.965),
        "reviews": Goal("accuracy", at_least=0.95),
        "sunspots": Goal("rmse", at_most=38.0),
        "co2": Goal("rmse", at_most=1.85),
        "elnino": Goal("rmse", at_most=1.23),
    },
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "calibration": answers.calibration,
        "examples": answers.examples,
        "wrong_images": pictures.wrong_images,
        **forecasts.PLOTS,
    },
)
