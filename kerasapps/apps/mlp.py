"""Multi-layer perceptron: dense layers with a chosen activation, for classes and for reals."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from kerasapps.app import App, Goal, Parts
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams, redefault, setting
from kerasapps.layers.dropout import Dropout
from kerasapps.plots import answers, forecasts, images
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish", "gelu")


@dataclass(frozen=True)
class MlpHparams(Hparams):
    """Widths of the hidden layers, their activation, and dropout after each."""

    epochs: int = redefault("epochs", 50)
    hidden: tuple = setting((128,), "units of each hidden layer; [] = none, a linear model", minimum=1)
    activation: str = setting("relu", "activation of the hidden layers", choices=ACTIVATIONS)
    dropout: float = setting(0.0, "fraction of hidden units dropped in training", minimum=0, below=1)


def functional(hparams: MlpHparams, layout: Layout) -> Parts:
    """inputs [batch, D] -> logits [batch, K] or standardised reals [batch, H]."""
    regularizer = kernel_regularizer(hparams)
    x = inputs = keras.Input(layout.only.shape, name="inputs")
    for i, units in enumerate(hparams.hidden, start=1):
        dense = keras.layers.Dense(units, hparams.activation, kernel_regularizer=regularizer, name=f"hidden_{i}")
        x = Dropout(hparams.dropout, name=f"dropout_{i}")(dense(x))
    outputs = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="outputs")(x)
    return {"model": keras.Model(inputs, outputs, name="model")}


class MultiLayerPerceptron(keras.Model):
    """The same as a class; its number of features is that of the first inputs."""

    def __init__(
        self,
        hidden: Sequence[int],
        units: int,
        activation: str,
        dropout: float,
        regularizer: keras.regularizers.Regularizer | None,
    ) -> None:
        super().__init__(name="model")
        self.stack = []
        for i, width in enumerate(hidden, start=1):
            dense = keras.layers.Dense(width, activation, kernel_regularizer=regularizer, name=f"hidden_{i}")
            self.stack += [dense, Dropout(dropout, name=f"dropout_{i}")]
        self.last = keras.layers.Dense(units, kernel_regularizer=regularizer, dtype="float32", name="outputs")

    def call(self, inputs, training=None):
        """[batch, features] -> [batch, units]."""
        x = inputs
        for layer in self.stack:
            x = layer(x, training=training) if isinstance(layer, Dropout) else layer(x)
        return self.last(x)


def subclassed(hparams: MlpHparams, layout: Layout) -> Parts:
    """The same as a class."""
    regularizer = kernel_regularizer(hparams)
    model = MultiLayerPerceptron(hparams.hidden, layout.target.size, hparams.activation, hparams.dropout, regularizer)
    return {"model": model}


def space(hparams: MlpHparams, hp: Any) -> MlpHparams:
    """Learning rate, widths, activation, dropout and L2 penalty."""
    widths = ("64", "128", "256", "128-128", "256-128")
    return dataclasses.replace(
        hparams,
        learning_rate=search.rate(hp, hparams),
        hidden=search.sizes(hp, "hidden", widths, hparams.hidden),
        activation=search.choice(hp, "activation", ACTIVATIONS, hparams.activation),
        dropout=search.choice(hp, "dropout", (0.0, 0.2, 0.4), hparams.dropout),
        l2=search.choice(hp, "l2", (0.0, 1e-5, 1e-4), hparams.l2),
    )


# Of the activations ELU gets two hidden units out of XOR's flat regions most often.
XOR = {"hidden": (4,), "activation": "elu", "learning_rate": 0.03, "epochs": 1000}

APP = App(
    name="mlp",
    accepts={"vector": ("classes", "reals")},
    default_data="digits",
    hparams=MlpHparams,
    tuned={"xor": XOR},
    tiny={"epochs": 2, "hidden": (8,)},
    task=Supervised,
    space=space,
    goals={"digits": Goal("accuracy", at_least=0.97), "xor": Goal("accuracy", at_least=1.0)},
    builders={"functional": functional, "subclassed": subclassed},
    plots={
        "decision_regions": answers.decision_regions,
        "confusion_matrix": answers.confusion,
        "wrong_images": images.wrong_images,
        "predicted_against_true": answers.predicted_against_true,
        "forecast": forecasts.forecast,
        "forecast_errors": forecasts.forecast_errors,
    },
)
