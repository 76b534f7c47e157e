"""What the experiments reach, in a table for each kind of data; and a row for each application."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from experiments.claims.claim import Claim
from experiments.claims.table import CLAIMS
from experiments.peers.show import number
from experiments.shown.markdown import bound, markdown, spread
from kerasapps.app import load_app
from kerasapps.names import APPS, SOURCES, names_in

Rows = Sequence[dict[str, Any]]
SECTIONS = {
    "tables": r"(linear|logistic|softmax)_regression|mlp",
    "series": r"rnn_(sunspots|co2|elnino|two|ten)",
    "sound": r"speech",
    "generation": r"autoencoder|vae|gan|cnn_few",
    "text": r".*(reviews|translation|language_model)",
    "images": r".*mnist",
}
"""Kind of data -> the beginning of an experiment's name; the first that matches counts."""

APPLICATIONS = {
    "autoencoder": ("generation", "reconstruct inputs, find anomalies", "autoencoder_fashion_mnist", "test mse"),
    "cnn": ("images", "classify images", "cnn_mnist_5k", "test accuracy"),
    "gan": ("generation", "generate images and rows", "gan_mnist_5k", "digits covered"),
    "language_model": ("generation", "generate text", "language_model_python_source", "test bits a character"),
    "linear_regression": ("tables", "predict numbers", "linear_regression_line", "test r2"),
    "logistic_regression": (
        "tables", "classify into two classes", "logistic_regression_breast_cancer", "test accuracy"
    ),
    "masked_language_model": (
        "text", "pretrain on unlabelled text",
        "masked_language_model_python_packages", "test accuracy, pretrained, split = seed"
    ),
    "mlp": ("tables", "classify, predict numbers", "mlp_digits", "test accuracy"),
    "resnet": ("images", "classify images", "resnet_mnist_5k", "test accuracy"),
    "rnn": ("series", "classify sequences and texts, forecast series", "rnn_mnist_5k", "test accuracy"),
    "softmax_regression": ("tables", "classify", "softmax_regression_digits", "test accuracy"),
    "speech": ("sound", "classify spoken words", "speech_cnn", "test accuracy"),
    "transformer": ("text", "classify texts, images and sequences", "transformer_reviews", "test accuracy"),
    "translation": ("generation", "translate text", "translation_numbers_en_fr", "test exact match"),
    "vae": ("generation", "generate images and rows, with a likelihood", "vae_mnist_5k", "test bound"),
}  # fmt: skip
"""Application -> its page in docs/tasks, what it is for, and the figure that stands for it."""
SCORES = {
    "test accuracy": "accuracy {}",
    "test accuracy, pretrained, split = seed": "accuracy {} with 100 labels",
    "test bits a character": "{} bits per character",
    "test bound": "bound {} nats",
    "test exact match": "exact match {}",
    "test mse": "MSE {}",
    "test r2": "R² {}",
    "digits covered": "{} of 10 digits generated",
}
"""Quantity -> how a row of an application says it."""


def section_of(experiment: str) -> str:
    """The kind of data of an experiment."""
    return next(name for name, pattern in SECTIONS.items() if re.match(pattern, experiment))


def accuracy(section: str, measured: Rows) -> str:
    """A section's claims, with what is recorded of them."""
    header = ("Experiment", "Measure", "Runs", "Median", "Range", "Goal")
    return markdown(header, _rows(measured, (claim for claim in CLAIMS if section_of(claim.experiment) == section)))


def _rows(measured: Rows, claims: Iterable[Claim]) -> Iterator[list[str]]:
    known, last = {(row["experiment"], row["quantity"]): row for row in measured}, ""
    for claim in claims:
        name = f"`{claim.experiment}`" if claim.experiment != last else ""
        last, row = claim.experiment, known.get((claim.experiment, claim.shown))
        yield [name, claim.shown, *(_values(row) if row else ["", "not recorded", "", bound(vars(claim))])]


def _values(row: dict[str, Any]) -> list[str]:
    if row["quantity"].startswith("runs with"):
        return [str(row["seeds"]), f"{row['value']:g}", "", bound(row)]
    between = spread(row["least"], row["most"], 4)
    return [str(row["seeds"]), number(row["value"], 4), between, bound(row)]


ACCURACY: dict[str, Callable[[Rows], str]] = {f"accuracy-{name}": partial(accuracy, name) for name in SECTIONS}
"""Name of a table -> what makes it."""


def apps(measured: Rows) -> str:
    """A row for each application: its task, and what it reaches."""
    known = {(row["experiment"], row["quantity"]): row for row in measured}
    header = ("Application", "Task", "Data", "Test score", "Seconds")
    return markdown(header, [_app_row(name, known) for name in names_in(APPS)])


def _app_row(name: str, known: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    page, task, experiment, quantity = APPLICATIONS[name]
    row, data = known.get((experiment, quantity)), experiment.removeprefix(f"{name}_")
    data = data if data in names_in(SOURCES) else load_app(name).default_data
    score = SCORES[quantity].format(number(row["value"])) if row else "not recorded"
    return [f"[{name}](docs/tasks/{page}.md)", task, data, score, number(row["train"], 2) if row else ""]
