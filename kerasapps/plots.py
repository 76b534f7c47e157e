"""Plots of a finished run that several applications share: View -> Figure, or None where it does not fit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps import figures
from kerasapps.app import Batch, View
from kerasapps.data.spec import Target

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def one_number(view: View) -> str | None:
    """Name of the only input if it is a number, else None."""
    column = view.spec.inputs[0]
    return column.name if len(view.spec.inputs) == 1 and column.kind == "number" else None


def image_column(view: View) -> str | None:
    """Name of the input that is an image, or None."""
    return next((column.name for column in view.spec.inputs if column.kind == "image"), None)


def metric_label(metric: str, target: Target) -> str:
    """A metric as it is shown: with its units where those are not the data's."""
    standardised = target.kind == "reals" and metric.removeprefix("val_") == "loss"
    return f"{metric} (standardised units)" if standardised else metric


def learning_curves(view: View) -> "Figure":
    """Every metric over the epochs."""
    return figures.learning_curves({metric_label(m, view.layout.target): v for m, v in view.history.items()})


def confusion(view: View) -> "Figure | None":
    """Confusion matrix of the test rows."""
    if view.layout.target.kind != "classes":
        return None
    predicted = view.predict(view.columns["test"])["classes"]
    return figures.confusion_matrix(view.labels["test"], predicted, view.layout.target.names)


def predicted_against_true(view: View) -> "Figure | None":
    """Predictions of the test rows over their true values."""
    if view.layout.target.kind != "reals":
        return None
    predictions = view.predict(view.columns["test"])["predictions"]
    return figures.predicted_against_true(view.labels["test"], predictions, view.layout.target.names)


def decision_regions(view: View) -> "Figure | None":
    """The class of every point of the plane, where the inputs are two numbers."""
    columns = view.spec.inputs
    if view.layout.target.kind != "classes" or len(columns) != 2 or any(c.kind != "number" for c in columns):
        return None
    points = np.column_stack([view.columns["train"][column.name] for column in columns])
    first, second = (figures.margin_range(points[:, i], 200) for i in (0, 1))
    grid = dict(zip((c.name for c in columns), (g.ravel() for g in np.meshgrid(first, second)), strict=True))
    answer = view.predict({name: values.astype(np.float32) for name, values in grid.items()})
    probabilities = answer["probabilities"].reshape(len(second), len(first), -1)
    labels, names = view.labels["train"], view.layout.target.names
    return figures.decision_regions(points, labels, first, second, probabilities, names, [c.name for c in columns])


def augmented(view: View) -> "Figure | None":
    """Eight training images from all over the split, and below what augmentation makes of them."""
    name = image_column(view)
    if name is None or view.augment is None or view.layout.target.kind != "classes":
        return None
    labels = view.labels["train"]
    shown = np.linspace(0, len(labels) - 1, min(8, len(labels))).astype(int)
    rows = {column: values[shown] for column, values in view.columns["train"].items()}
    batch = view.augment(rows)
    images = np.concatenate([rows[name] / np.float32(255), batch["inputs"]])
    names = view.layout.target.names
    titles = [*(names[label] for label in labels[shown]), *_mixed_names(names, batch)]
    return figures.image_grid(images, titles, "Training images, and augmented below", len(batch["inputs"]))


def _mixed_names(names: Sequence[str], batch: Batch) -> list[str]:
    """Both labels of mixed rows with their shares, and nothing under others."""
    if "mix" not in batch:
        return [""] * len(batch["inputs"])
    rows = zip(batch["mix"], batch["labels"], batch["other_labels"], strict=True)
    return [f"{mix:.0%} {names[first]}, {1 - mix:.0%} {names[second]}" for mix, first, second in rows]


def wrong_images(view: View) -> "Figure | None":
    """Up to 25 test images that were classified wrongly, the surest first."""
    name = image_column(view)
    if name is None or view.layout.target.kind != "classes":
        return None
    answer, labels = view.predict(view.columns["test"]), view.labels["test"]
    wrong = np.flatnonzero(answer["classes"] != labels)
    if not len(wrong):
        return None
    chosen = wrong[np.argsort(-answer["probabilities"].max(axis=-1)[wrong])][:25]
    names = view.layout.target.names
    titles = [f"predicted {names[answer['classes'][i]]}, true {names[labels[i]]}" for i in chosen]
    return figures.image_grid(view.columns["test"][name][chosen], titles, "Wrong answers on test, surest first")
