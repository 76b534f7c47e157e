"""Linear regression: reals as a weighted sum of the features, fitted by gradient descent on the squared error."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.app import App, Goal, Parts, View
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import margin_range
from kerasapps.figures.reals import fit_over_scatter, score_text
from kerasapps.hparams import FULL_BATCH, Hparams, redefault
from kerasapps.layers.linear import LinearModel, linear_model
from kerasapps.plots import answers, forecasts
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class LinearRegressionHparams(Hparams):
    """Gradient descent with Nesterov's momentum, to the minimum of the training loss: a few weights do not overfit."""

    epochs: int = redefault("epochs", 100)
    optimizer: str = redefault("optimizer", "sgd")
    optimizer_settings: dict = redefault("optimizer_settings", {"momentum": 0.9, "nesterov": True})
    learning_rate: float = redefault("learning_rate", 0.005)
    schedule: str = redefault("schedule", "cosine")
    keep: str = redefault("keep", "last")


def functional(hparams: LinearRegressionHparams, layout: Layout) -> Parts:
    """inputs [batch, D] -> standardised reals [batch, H]."""
    return {"model": linear_model(layout.only.shape[0], layout.target.size, kernel_regularizer(hparams))}


def subclassed(hparams: LinearRegressionHparams, layout: Layout) -> Parts:
    """The same as a class."""
    return {"model": LinearModel(layout.target.size, kernel_regularizer(hparams))}


def space(hparams: LinearRegressionHparams, hp: Any) -> LinearRegressionHparams:
    """Learning rate and penalties."""
    penalties = (0.0, 1e-4, 1e-3, 1e-2)
    return dataclasses.replace(
        hparams,
        learning_rate=search.rate(hp, hparams),
        l1=search.choice(hp, "l1", penalties, hparams.l1),
        l2=search.choice(hp, "l2", penalties, hparams.l2),
    )


def plot_fit(view: View) -> "Figure | None":
    """The fitted line over the scatter, where there is one feature and one real; its scores on the test rows."""
    name = answers.one_number(view)
    if name is None or view.layout.target.size != 1:
        return None
    x, y = view.columns["train"][name], view.labels["train"][:, 0]
    line = margin_range(x, 50).astype(np.float32)
    fitted = view.predict({name: line})["predictions"][:, 0]
    predicted = view.predict({name: view.columns["test"][name]})["predictions"][:, 0]
    title = f"Fit; on test: {score_text(view.labels['test'][:, 0], predicted)}"
    return fit_over_scatter(x, y, line, fitted, name, view.layout.target.names[0], title)


# The normal equations' solution, not the best epoch on held-out rows, is what a least-squares fit promises: hence
# full batches and the last weights. The curvature of diabetes differs by a factor of 500 between
# directions; momentum (sqrt(500) - 1) / (sqrt(500) + 1), close to 0.95, crosses the flat ones fastest.
LEAST_SQUARES = {
    "global_batch_size": FULL_BATCH,
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
    space=space,
    goals={
        "line": Goal("r2", at_least=0.9),
        "auto_mpg": Goal("r2", at_least=0.75),
        "diabetes": Goal("r2", at_least=0.3),
    },
    builders={"functional": functional, "subclassed": subclassed},
    plots={
        "fit": plot_fit,
        "predicted_against_true": answers.predicted_against_true,
        "forecast": forecasts.forecast,
        "forecast_errors": forecasts.forecast_errors,
    },
)
