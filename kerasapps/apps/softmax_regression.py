"""Softmax regression: the probabilities of K classes as the softmax of K weighted sums of the features."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.app import App, Goal, Parts, View
from kerasapps.data.spec import Layout
from kerasapps.figures.probabilities import probability_bars
from kerasapps.hparams import FULL_BATCH, Hparams, redefault
from kerasapps.layers.linear import LinearModel, linear_model
from kerasapps.plots import answers
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SoftmaxRegressionHparams(Hparams):
    """Adam, because the scales of pixels differ much."""

    epochs: int = redefault("epochs", 100)
    learning_rate: float = redefault("learning_rate", 0.01)


def functional(hparams: SoftmaxRegressionHparams, layout: Layout) -> Parts:
    """inputs [batch, D] -> logits [batch, K]."""
    return {"model": linear_model(layout.only.shape[0], layout.target.size, kernel_regularizer(hparams))}


def subclassed(hparams: SoftmaxRegressionHparams, layout: Layout) -> Parts:
    """The same as a class."""
    return {"model": LinearModel(layout.target.size, kernel_regularizer(hparams))}


def space(hparams: SoftmaxRegressionHparams, hp: Any) -> SoftmaxRegressionHparams:
    """Learning rate, batch size and L2 penalty."""
    return dataclasses.replace(
        hparams,
        learning_rate=search.rate(hp, hparams),
        global_batch_size=search.choice(hp, "global_batch_size", (16, 32, 64), hparams.global_batch_size),
        l2=search.choice(hp, "l2", (0.0, 1e-5, 1e-4, 1e-3), hparams.l2),
    )


def plot_probabilities(view: View) -> "Figure":
    """Probabilities of the classes for the six test rows whose true class is least probable: the worst answers."""
    labels, probabilities = view.labels["test"], view.predict(view.columns["test"])["probabilities"]
    worst = np.argsort(probabilities[np.arange(len(labels)), labels], kind="stable")[:6]
    title = f"The {len(worst)} test rows whose true class (green) is least probable, the worst first"
    return probability_bars(probabilities[worst], labels[worst], view.layout.target.names, title)


# With a dozen validation rows the minimum of the penalised training loss is a better choice than any epoch before it.
CONVERGED = {
    "l2": 1e-4,
    "global_batch_size": FULL_BATCH,
    "epochs": 3000,
    "optimizer": "sgd",
    "learning_rate": 0.2,
    "optimizer_settings": {"momentum": 0.98, "nesterov": True},
    "keep": "last",
}

APP = App(
    name="softmax_regression",
    accepts={"vector": ("classes",)},
    default_data="digits",
    hparams=SoftmaxRegressionHparams,
    tuned={"iris": CONVERGED, "wine": CONVERGED},
    tiny={"epochs": 2},
    task=Supervised,
    space=space,
    goals={
        "iris": Goal("accuracy", at_least=0.95),
        "wine": Goal("accuracy", at_least=0.97),
        "digits": Goal("accuracy", at_least=0.95),
    },
    builders={"functional": functional, "subclassed": subclassed},
    plots={"probabilities": plot_probabilities, "confusion_matrix": answers.confusion},
)
