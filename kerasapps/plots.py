"""Plots of a finished run that several applications share: View -> Figure, or None where it does not fit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.app import Batch, View
from kerasapps.calibration import calibration_error
from kerasapps.data.baselines import baselines
from kerasapps.data.spec import Column, Target
from kerasapps.figures import classes, curves, images, probabilities, reals, series, spectrograms, texts
from kerasapps.figures.canvas import margin_range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXAMPLES = 8
"""Texts in each half of the figure of examples."""
_FORECASTS = 8
"""Lines of a plot that is not too full."""


def one_number(view: View) -> str | None:
    """Name of the only input if it is a number, else None."""
    column = view.spec.inputs[0]
    return column.name if len(view.spec.inputs) == 1 and column.kind == "number" else None


def image_column(view: View) -> str | None:
    """Name of the input that is an image, or None."""
    return next((column.name for column in view.spec.inputs if column.kind == "image"), None)


def audio_column(view: View) -> Column | None:
    """The input that is a sound, or None."""
    return next((column for column in view.spec.inputs if column.kind == "audio"), None)


def metric_label(metric: str, target: Target) -> str:
    """A metric as it is shown: with its units where those are not the data's."""
    standardised = target.kind == "reals" and metric.removeprefix("val_") == "loss"
    return f"{metric} (standardised units)" if standardised else metric


def learning_curves(view: View) -> "Figure":
    """Every metric over the epochs."""
    return curves.learning_curves({metric_label(m, view.layout.target): v for m, v in view.history.items()})


def confusion(view: View) -> "Figure | None":
    """Confusion matrix of the test rows."""
    if view.layout.target.kind != "classes":
        return None
    predicted = view.predict(view.columns["test"])["classes"]
    return classes.confusion_matrix(view.labels["test"], predicted, view.layout.target.names)


def predicted_against_true(view: View) -> "Figure | None":
    """Predictions of the test rows over their true values."""
    if view.layout.target.kind != "reals":
        return None
    predictions = view.predict(view.columns["test"])["predictions"]
    return reals.predicted_against_true(view.labels["test"], predictions, view.layout.target.names)


def decision_regions(view: View) -> "Figure | None":
    """The class of every point of the plane, where the inputs are two numbers."""
    columns = view.spec.inputs
    if view.layout.target.kind != "classes" or len(columns) != 2 or any(c.kind != "number" for c in columns):
        return None
    points = np.column_stack([view.columns["train"][column.name] for column in columns])
    first, second = (margin_range(points[:, i], 200) for i in (0, 1))
    grid = dict(zip((c.name for c in columns), (g.ravel() for g in np.meshgrid(first, second)), strict=True))
    answer = view.predict({name: values.astype(np.float32) for name, values in grid.items()})
    given = answer["probabilities"].reshape(len(second), len(first), -1)
    labels, names = view.labels["train"], view.layout.target.names
    return classes.decision_regions(points, labels, first, second, given, names, [c.name for c in columns])


def augmented(view: View) -> "Figure | None":
    """Eight training images from all over the split, and below what augmentation makes of them."""
    name = image_column(view)
    if name is None or view.augment is None or view.layout.target.kind != "classes":
        return None
    labels = view.labels["train"]
    shown = np.linspace(0, len(labels) - 1, min(8, len(labels))).astype(int)
    rows = {column: values[shown] for column, values in view.columns["train"].items()}
    batch = view.augment(rows)
    both = np.concatenate([rows[name] / np.float32(255), batch["inputs"]])
    names = view.layout.target.names
    titles = [*(names[label] for label in labels[shown]), *_mixed_names(names, batch)]
    return images.image_grid(both, titles, "Training images, and augmented below", len(batch["inputs"]))


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
    chosen, titles = _surest_wrong(view, 25)
    if not len(chosen):
        return None
    return images.image_grid(view.columns["test"][name][chosen], titles, "Wrong answers on test, surest first")


def calibration(view: View) -> "Figure | None":
    """How far the probabilities of the test rows can be believed."""
    if view.layout.target.kind != "classes":
        return None
    labels, given = view.labels["test"], view.predict(view.columns["test"])["probabilities"]
    return probabilities.calibration(labels, given, view.layout.target.names, calibration_error(labels, given))


def examples(view: View) -> "Figure | None":
    """Test texts: the surest of the wrong answers, and those of which the model was least sure."""
    column = view.spec.inputs[0]
    if column.kind != "text" or view.layout.target.kind != "classes":
        return None
    answer, labels, names = view.predict(view.columns["test"]), view.labels["test"], view.layout.target.names
    predicted, sure = answer["classes"], answer["probabilities"].max(axis=-1)
    wrong = np.flatnonzero(predicted != labels)
    chosen = {
        "Wrong answers on test, surest first": wrong[np.argsort(-sure[wrong], kind="stable")],
        "Least sure answers on test": np.argsort(sure, kind="stable"),
    }

    def row(i: int) -> tuple[str, str, str]:
        verdict, color = ("right", "C2") if predicted[i] == labels[i] else (f"true {names[labels[i]]}", "C3")
        return f"{names[predicted[i]]} {sure[i]:.3f}, {verdict}", str(view.columns["test"][column.name][i]), color

    return texts.text_table({head: [row(i) for i in rows[:EXAMPLES]] for head, rows in chosen.items() if len(rows)})


def forecast(view: View) -> "Figure | None":
    """The end of the series, and what was forecast from the last test rows that do not overlap, model or no model."""
    if view.layout.forecast is None:
        return None
    inputs, labels = _windows(view)
    history, horizon = inputs.shape[1], labels.shape[1]
    steps = np.concatenate([inputs[0], labels[:, 0], labels[-1, 1:]])  # each row is one step after the one before
    rows = np.arange(len(labels) - 1, -1, -horizon)[:_FORECASTS][::-1]
    given = {"model": _predictions(view, rows), **baselines(view.layout, inputs[rows])}
    column = view.spec.inputs[0].name
    title = f"Forecasts of {horizon} steps from the {history} before, on test"
    return series.forecasts(steps[rows[0] :], rows[0] - history, rows, given, column, title)


def forecast_errors(view: View) -> "Figure | None":
    """How the errors on test grow with the steps ahead: of the model, and of what needs none."""
    if view.layout.forecast is None:
        return None
    inputs, labels = _windows(view)
    given = {"model": _predictions(view, np.arange(len(labels))), **baselines(view.layout, inputs)}
    errors = {name: np.sqrt(np.mean((values - labels) ** 2, axis=0)) for name, values in given.items()}
    return series.errors_ahead(errors, view.spec.inputs[0].name)


def _windows(view: View) -> tuple[np.ndarray, np.ndarray]:
    """The steps before and those that follow of all test rows, float64 [rows, history] and [rows, H]."""
    columns, rows = view.columns["test"], len(view.labels["test"])
    names = view.spec.inputs[0].name, view.spec.target.name
    before, after = (np.asarray(columns[name], np.float64).reshape(rows, -1) for name in names)
    return before, after


def _predictions(view: View, rows: np.ndarray) -> np.ndarray:
    """What the model forecasts from these test rows, [rows, H]."""
    return view.predict({name: values[rows] for name, values in view.columns["test"].items()})["predictions"]


def _surest_wrong(view: View, most: int) -> tuple[np.ndarray, list[str]]:
    """Up to `most` test rows that were classified wrongly, the surest first, and what is said of each."""
    answer, labels, names = view.predict(view.columns["test"]), view.labels["test"], view.layout.target.names
    wrong = np.flatnonzero(answer["classes"] != labels)
    chosen = wrong[np.argsort(-answer["probabilities"].max(axis=-1)[wrong])][:most]
    return chosen, [f"predicted {names[answer['classes'][i]]}, true {names[labels[i]]}" for i in chosen]


def wrong_spectrograms(view: View) -> "Figure | None":
    """Spectrograms of up to 9 test sounds that were classified wrongly, the surest first."""
    column = audio_column(view)
    if column is None or view.layout.target.kind != "classes":
        return None
    chosen, titles = _surest_wrong(view, 9)
    if not len(chosen):
        return None
    shown = _spectrograms(view.columns["test"][column.name][chosen], column)
    return spectrograms.spectrogram_grid(shown, *_scales(column), titles, "Wrong answers on test, surest first", 3)


def augmented_spectrograms(view: View) -> "Figure | None":
    """Four training sounds from all over the split, and below what augmentation makes of them."""
    column = audio_column(view)
    if column is None or view.augment is None or view.layout.target.kind != "classes":
        return None
    labels, names = view.labels["train"], view.layout.target.names
    shown = np.linspace(0, len(labels) - 1, min(4, len(labels))).astype(int)
    rows = {name: values[shown] for name, values in view.columns["train"].items()}
    varied = view.augment(rows)["inputs"]
    before = _spectrograms(rows[column.name], column)
    titles = [*(names[label] for label in labels[shown]), *[""] * len(shown)]
    both = np.concatenate([before, varied.reshape(before.shape)])
    title = "Training sounds, and augmented below"
    return spectrograms.spectrogram_grid(both, *_scales(column), titles, title, len(shown))


def _spectrograms(sounds: np.ndarray, column: Column) -> np.ndarray:
    """int16 [rows, samples] -> [rows, frames, bands] in [0, 1]."""
    from kerasapps.data.spectrogram import LogMelSpectrogram

    return np.asarray(LogMelSpectrogram(column.rate)(sounds))


def _scales(column: Column) -> tuple[float, np.ndarray]:
    """Seconds that a sound lasts, and the Hz of each band."""
    from kerasapps.data.spectrogram import centres

    return column.shape[0] / column.rate, centres(column.rate)
