"""Multi-layer perceptron: dense layers with a chosen activation, for classification and regression."""

from dataclasses import dataclass
from typing import get_args

import keras

from kerasapps.app import App, Goal
from kerasapps.data.spec import Layout
from kerasapps.hparams import Activation, Hparams
from kerasapps.layers import stacks
from kerasapps.layers.dropout import Dropout
from kerasapps.plots import answers, curves, forecasts, importance, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised

ACTIVATIONS = get_args(Activation)


@dataclass(frozen=True)
class MlpHparams(Hparams):
    """Units of the hidden layers, their activation, and the dropout after each."""

    epochs: int = 50
    hidden: tuple[int, ...] = setting((128,), "units of each hidden layer; [] = none, a linear model", minimum=1)
    activation: Activation = setting("relu", "activation of the hidden layers")
    dropout: float = setting(0.0, "fraction of hidden units dropped in training", minimum=0, below=1)


def stacks_of(hparams: MlpHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, D] -> logits [batch, K] or standardised numbers [batch, H]."""
    regularizer, layers = kernel_regularizer(hparams), []
    for i, units in enumerate(hparams.hidden, start=1):
        dense = keras.layers.Dense(units, hparams.activation, kernel_regularizer=regularizer, name=f"hidden_{i}")
        layers += [dense, Dropout(hparams.dropout, name=f"dropout_{i}")]
    last = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="outputs")
    return {"model": stacks.Stack(stacks.inputs_of(layout), [*layers, last])}


# Of all activations, ELU most often gets two hidden units out of the flat regions of XOR's loss.
XOR = {"hidden": (4,), "activation": "elu", "learning_rate": 0.03, "epochs": 1000}

# Thousands of words and pairs of words are fitted in a few epochs, and overfitted soon after.
TEXTS = {"epochs": 15, "learning_rate": 5e-4, "dropout": 0.5, "early_stopping_patience": 3}

APP = App(
    name="mlp",
    accepts={"vector": ("classes", "reals")},
    default_data="digits",
    hparams=MlpHparams,
    suited={"text": TEXTS},
    tuned={"xor": XOR},
    tiny={"epochs": 2, "hidden": (8,)},
    task=Supervised,
    space=search.among(
        hidden=((64,), (128,), (256,), (128, 128), (256, 128)),
        activation=ACTIVATIONS,
        dropout=(0.0, 0.2, 0.4),
        l2=(0.0, 1e-5, 1e-4),
    ),
    goals={"digits": Goal("accuracy", at_least=0.97), "xor": Goal("accuracy", at_least=1.0)},
    builders=stacks.builders(stacks_of),
    plots={
        "decision_regions": answers.decision_regions,
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "wrong_images": pictures.wrong_images,
        "predicted_against_true": answers.predicted_against_true,
        "permutation_importance": importance.permutation_importance,
        **forecasts.PLOTS,
    },
)
