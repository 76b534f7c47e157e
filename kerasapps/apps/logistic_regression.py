"""Logistic regression: the probability of one of two classes as the sigmoid of a weighted sum of the features."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kerasapps.app import App, Goal, View
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import Figure, margin_range
from kerasapps.figures.probabilities import sigmoid_over_points
from kerasapps.hparams import Hparams
from kerasapps.layers import stacks
from kerasapps.plots import answers, curves, importance, linear
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class LogisticRegressionHparams(Hparams):
    """Gradient descent to the minimum; with l2 the fit of scikit-learn's LogisticRegression(C=1 / (2 * l2 * rows))."""

    epochs: int = 100
    optimizer: str = "sgd"
    optimizer_settings: dict[str, Any] = setting({"momentum": 0.9, "nesterov": True})
    learning_rate: float = 0.02


def stacks_of(hparams: LogisticRegressionHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, D] -> inputs @ kernel + bias: one logit [batch, 1]."""
    regularizer = kernel_regularizer(hparams)
    dense = keras.layers.Dense(1, kernel_regularizer=regularizer, dtype="float32", name="dense")
    return {"model": stacks.Stack(stacks.inputs_of(layout), [dense])}


def plot_sigmoid(view: View) -> Figure:
    """The sigmoid and the rows as points, over the feature if there is only one, otherwise over the logit."""
    name, columns, labels = answers.one_number(view), view.columns["test"], view.labels["test"]
    names = view.layout.target.names
    if name is None:
        logits = view.predict(columns)["logits"][:, 0]
        curve = margin_range(logits, 200)
        return sigmoid_over_points(logits, labels, curve, 1 / (1 + np.exp(-curve)), "logit", names)
    curve = margin_range(columns[name], 200).astype(np.float32)
    probabilities = view.predict({name: curve})["probabilities"][:, 1]
    return sigmoid_over_points(columns[name], labels, curve, probabilities, name, names)


# Full batches and the last weights give the minimum itself, which is unique with l2 > 0.
CONVERGED = {
    "l2": 1e-3,
    "keep": "last",
    "global_batch_size": None,
    "epochs": 3000,
    "learning_rate": 0.1,
    "optimizer_settings": {"momentum": 0.98, "nesterov": True},
}

# From small weights, gradient steps pass the solutions of all penalties: the best epoch takes the place of a choice of
# l2. TF-IDF rows have length 1, so that learning rates are large.
TEXTS = {"epochs": 30, "learning_rate": 2.0, "schedule": "cosine", "early_stopping_patience": 5}

APP = App(
    name="logistic_regression",
    accepts={"vector": ("binary",)},
    default_data="breast_cancer",
    hparams=LogisticRegressionHparams,
    suited={"text": TEXTS},
    tuned={"breast_cancer": CONVERGED},
    tiny={"epochs": 2},
    task=Supervised,
    space=search.among(l1=(0.0, 1e-4, 1e-3, 1e-2), l2=(0.0, 1e-4, 1e-3, 1e-2)),
    goals={"breast_cancer": Goal("accuracy", at_least=0.96)},
    builders=stacks.builders(stacks_of),
    plots={
        "sigmoid": plot_sigmoid,
        "confusion_matrix": answers.confusion,
        "roc_and_precision_recall": curves.roc_and_precision_recall,
        "coefficients": linear.coefficients,
        "permutation_importance": importance.permutation_importance,
    },
)
