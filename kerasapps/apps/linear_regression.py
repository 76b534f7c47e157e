"""Linear regression: numbers as weighted sums of the features, fitted by gradient descent on the squared error."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kerasapps.app import App, Goal, View
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import Figure, margin_range
from kerasapps.figures.reals import fit_over_scatter, score_text
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.plots import answers, forecasts, importance, linear
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class LinearRegressionHparams(Hparams):
    """Gradient descent with Nesterov's momentum, to the minimum of the training loss."""

    epochs: int = 100
    optimizer: str = "sgd"
    optimizer_settings: dict[str, Any] = setting({"momentum": 0.9, "nesterov": True})
    learning_rate: float = 0.005
    schedule: Schedule = "cosine"
    keep: Keep = "last"


def stacks_of(hparams: LinearRegressionHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, D] -> inputs @ kernel + bias: standardised numbers [batch, H]."""
    regularizer = kernel_regularizer(hparams)
    dense = keras.layers.Dense(layout.target.size, kernel_regularizer=regularizer, dtype="float32", name="dense")
    return {"model": stacks.Stack(stacks.inputs_of(layout), [dense])}


def plot_fit(view: View) -> Figure | None:
    """The fitted line over a scatter plot of the rows, and its test scores; for one feature and one target only."""
    name = answers.one_number(view)
    if name is None or view.layout.target.size != 1:
        return None
    x, y = view.columns["train"][name], view.labels["train"][:, 0]
    line = margin_range(x, 50).astype(np.float32)
    fitted = view.predict({name: line})["predictions"][:, 0]
    predicted = view.predict({name: view.columns["test"][name]})["predictions"][:, 0]
    title = f"Fit; on test: {score_text(view.labels['test'][:, 0], predicted)}"
    return fit_over_scatter(x, y, line, fitted, (name, view.layout.target.names[0]), title)


# A least-squares fit is the solution of the normal equations, not the best epoch on validation rows. This needs full
# batches and the last weights. The curvature of diabetes differs by a factor of 500 between directions; momentum
# (sqrt(500) - 1) / (sqrt(500) + 1), close to 0.95, is the fastest on the flat ones.
LEAST_SQUARES = {
    "global_batch_size": None,
    "epochs": 5000,
    "learning_rate": 0.05,
    "optimizer_settings": {"momentum": 0.95, "nesterov": True},
    "schedule": "constant",
}

APP = App(
    name="linear_regression",
    accepts={"vector": ("reals",)},
    default_data="line",
    hparams=LinearRegressionHparams,
    tuned={"line": {"keep": "last"}, "auto_mpg": LEAST_SQUARES, "diabetes": LEAST_SQUARES},
    tiny={"epochs": 2},
    task=Supervised,
    space=search.among(l1=(0.0, 1e-4, 1e-3, 1e-2), l2=(0.0, 1e-4, 1e-3, 1e-2)),
    goals={
        "line": Goal("r2", at_least=0.9),
        "auto_mpg": Goal("r2", at_least=0.75),
        "diabetes": Goal("r2", at_least=0.3),
    },
    builders=stacks.builders(stacks_of),
    plots={
        "fit": plot_fit,
        "predicted_against_true": answers.predicted_against_true,
        "coefficients": linear.coefficients,
        "permutation_importance": importance.permutation_importance,
        **forecasts.PLOTS,
    },
)
