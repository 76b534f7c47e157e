"""Speech network: convolutions over a spectrogram, then a maximum over time or recurrent cells; classifies words."""

from dataclasses import dataclass
from functools import partial

import keras

from kerasapps.app import App, Goal
from kerasapps.data.masking import Masking, make_augment
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.cells import CellName
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.recurrent import Bidirectional
from kerasapps.plots import answers, curves, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.plans import CONVOLUTIONS
from kerasapps.tasks.supervised import Supervised
from kerasapps.tensors import Regularizer


@dataclass(frozen=True)
class SpeechHparams(Masking, Hparams):
    """Filters of the convolutions, the layer over time that follows them, and the augmentation of spectrograms.

    The learning rate falls to 0 along a cosine, which makes the last weights the best.
    """

    epochs: int = 40
    global_batch_size: int | None = 64
    learning_rate: float = 4e-3
    schedule: Schedule = "cosine"
    warmup_epochs: float = 1.0
    l2: float = 1e-5
    keep: Keep = "last"
    filters: tuple[int, ...] = setting((24, 48, 64), "filters of each convolution", minimum=1, shortest=1)
    dense_units: int = setting(64, "units of the dense layer applied to each frame after the convolutions", minimum=1)
    recurrent_units: int | None = setting(
        None, "recurrent units in each direction; none = a maximum over time instead", minimum=1
    )
    cell: CellName = setting("gru", "kind of recurrent cell")
    dropout: float = setting(0.3, "fraction dropped in training before the last layer", minimum=0, below=1)


def stacks_of(hparams: SpeechHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, frames, bands, 1] -> logits [batch, K].

    Each spectrogram is standardised by itself first, so that its loudness does not matter. A 5x5 convolution halves
    frames and bands; poolings and 3x3 convolutions follow.
    """
    regularizer = kernel_regularizer(hparams)
    standardise = keras.layers.LayerNormalization([1, 2, 3], center=False, scale=False, name="standardise")
    layers: list[keras.Layer] = [standardise]
    for number, filters in enumerate(hparams.filters, start=1):
        if number > 1:
            layers.append(keras.layers.MaxPooling2D(padding="same", name=f"pool_{number - 1}"))
        convolution = keras.layers.Conv2D(
            filters,
            5 if number == 1 else 3,
            strides=2 if number == 1 else 1,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            kernel_regularizer=regularizer,
            name=f"conv_{number}",
        )
        layers.append(convolution)
    bands = -(-layout.only.shape[1] // 2 ** len(hparams.filters))  # halved by every convolution or pooling
    frames = keras.layers.Reshape([-1, bands * hparams.filters[-1]], name="frames")
    dense = keras.layers.Dense(hparams.dense_units, "relu", kernel_regularizer=regularizer, name="dense")
    layers += [frames, dense, _over_time(hparams, regularizer), Dropout(hparams.dropout, name="dropout")]
    last = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="outputs")
    return {"model": stacks.Stack(stacks.inputs_of(layout), [*layers, last])}


def _over_time(hparams: SpeechHparams, regularizer: Regularizer) -> keras.Layer:
    """Layers from [batch, frames, units] to [batch, units]: recurrent cells, or the maximum over time."""
    if not hparams.recurrent_units:
        return keras.layers.GlobalMaxPooling1D(name="maximum")
    return Bidirectional(hparams.cell, hparams.recurrent_units, kernel_regularizer=regularizer, name="recurrent")


SPEECH_WORDS = {
    "time_shift_frames": 10,
    "frequency_shift_bands": 2,
    "time_mask_frames": 8,
    "frequency_mask_bands": 6,
}

APP = App(
    name="speech",
    accepts={"image": ("classes",)},
    default_data="speech_words",
    hparams=SpeechHparams,
    tuned={"speech_words": SPEECH_WORDS},
    tiny={"epochs": 1, "filters": (4, 8), "dense_units": 16},
    task=partial(Supervised, make_augment=make_augment, plans=CONVOLUTIONS),
    space=search.among(
        recurrent_units=(None, 32, 64),
        dropout=(0.0, 0.3, 0.5),
        time_mask_frames=(0, 10, 20),
        frequency_mask_bands=(0, 8, 16),
    ),
    goals={"speech_words": Goal("accuracy", at_least=0.97)},
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "wrong_spectrograms": pictures.wrong_spectrograms,
        "augmented_spectrograms": pictures.augmented_spectrograms,
    },
)
