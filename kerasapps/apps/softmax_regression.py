"""Softmax regression: the probabilities of K classes as the softmax of K weighted sums of the features."""

from dataclasses import dataclass

import keras
import numpy as np

from kerasapps.app import App, Goal, View
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import Figure
from kerasapps.figures.probabilities import probability_bars
from kerasapps.hparams import Hparams
from kerasapps.layers import stacks
from kerasapps.plots import answers, curves, importance, linear
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class SoftmaxRegressionHparams(Hparams):
    """Adam as the optimizer, because the scales of pixels differ much."""

    epochs: int = 100
    learning_rate: float = 0.01


def stacks_of(hparams: SoftmaxRegressionHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, D] -> inputs @ kernel + bias: logits [batch, K]."""
    regularizer = kernel_regularizer(hparams)
    dense = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="dense")
    return {"model": stacks.Stack(stacks.inputs_of(layout), [dense])}


def plot_probabilities(view: View) -> Figure:
    """Class probabilities of the six test rows whose true class is least probable."""
    labels, probabilities = view.labels["test"], view.predict(view.columns["test"])["probabilities"]
    worst = np.argsort(probabilities[np.arange(len(labels)), labels], kind="stable")[:6]
    title = f"The {len(worst)} test rows whose true class (green) is least probable, the worst first"
    return probability_bars(probabilities[worst], labels[worst], view.layout.target.names, title)


# With a dozen validation rows, the minimum of the penalised training loss is better than an epoch chosen by them.
CONVERGED = {
    "l2": 1e-4,
    "global_batch_size": None,
    "epochs": 3000,
    "optimizer": "sgd",
    "learning_rate": 0.2,
    "optimizer_settings": {"momentum": 0.98, "nesterov": True},
    "keep": "last",
}

# The same settings as those of logistic_regression, for the same reasons.
TEXTS = {
    "epochs": 30,
    "optimizer": "sgd",
    "learning_rate": 1.0,
    "optimizer_settings": {"momentum": 0.9, "nesterov": True},
    "schedule": "cosine",
    "early_stopping_patience": 5,
}

APP = App(
    name="softmax_regression",
    accepts={"vector": ("classes",)},
    default_data="digits",
    hparams=SoftmaxRegressionHparams,
    suited={"text": TEXTS},
    tuned={"iris": CONVERGED, "wine": CONVERGED},
    tiny={"epochs": 2},
    task=Supervised,
    space=search.among(l2=(0.0, 1e-5, 1e-4, 1e-3)),
    goals={
        "iris": Goal("accuracy", at_least=0.95),
        "wine": Goal("accuracy", at_least=0.97),
        "digits": Goal("accuracy", at_least=0.95),
    },
    builders=stacks.builders(stacks_of),
    plots={
        "probabilities": plot_probabilities,
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "coefficients": linear.coefficients,
        "permutation_importance": importance.permutation_importance,
    },
)
