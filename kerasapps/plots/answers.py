"""What a model answers on test: View -> Figure, or None where it does not fit."""

import functools
from collections.abc import Callable

import numpy as np

from kerasapps.app import View
from kerasapps.data.spec import Column, ColumnKind, TargetKind
from kerasapps.figures import classes, probabilities, reals, texts
from kerasapps.figures.canvas import Figure, margin_range
from kerasapps.metrics.calibration import calibration_error

EXAMPLES = 8
"""Texts in each half of the figure of examples."""

Plot = Callable[..., Figure | None]


def column_of(view: View, kind: ColumnKind) -> Column:
    """The first input of this kind, where there is one."""
    return view.spec.inputs_of(kind)[0]


def needs(target: TargetKind, column: ColumnKind | None = None) -> Callable[[Plot], Plot]:
    """A decorator of plots of a View that are None unless the data has such a target and an input of such a kind."""

    def decorated(plot: Plot) -> Plot:
        @functools.wraps(plot)
        def plotted(view: View) -> Figure | None:
            if view.layout.target.kind != target or (column and not view.spec.inputs_of(column)):
                return None
            return plot(view)

        return plotted

    return decorated


def one_number(view: View) -> str | None:
    """Name of the only input if it is a number, else None."""
    numbers = view.spec.inputs_of("number")
    return numbers[0].name if len(view.spec.inputs) == len(numbers) == 1 else None


@needs(target="classes")
def confusion(view: View) -> Figure:
    """Confusion matrix of the test rows."""
    predicted = view.predict(view.columns["test"])["classes"]
    return classes.confusion_matrix(view.labels["test"], predicted, view.layout.target.names)


@needs(target="reals")
def predicted_against_true(view: View) -> Figure:
    """Predictions of the test rows over their true values."""
    predictions = view.predict(view.columns["test"])["predictions"]
    return reals.predicted_against_true(view.labels["test"], predictions, view.layout.target.names)


@needs(target="classes")
def decision_regions(view: View) -> Figure | None:
    """The class of every point of the plane, where the inputs are two numbers."""
    columns = view.spec.inputs_of("number")
    if not len(columns) == len(view.spec.inputs) == 2:
        return None
    points = np.column_stack([view.columns["train"][column.name] for column in columns])
    first, second = (margin_range(points[:, i], 200) for i in (0, 1))
    grid = dict(zip((c.name for c in columns), (g.ravel() for g in np.meshgrid(first, second)), strict=True))
    answer = view.predict({name: values.astype(np.float32) for name, values in grid.items()})
    given = answer["probabilities"].reshape(len(second), len(first), -1)
    labels, names = view.labels["train"], view.layout.target.names
    return classes.decision_regions(points, labels, (first, second), given, names, [c.name for c in columns])


@needs(target="classes")
def calibration(view: View) -> Figure:
    """How far the probabilities of the test rows can be believed."""
    labels, given = view.labels["test"], view.predict(view.columns["test"])["probabilities"]
    return probabilities.calibration(labels, given, view.layout.target.names, calibration_error(labels, given))


@needs(target="classes", column="text")
def examples(view: View) -> Figure | None:
    """Test texts: the surest of the wrong answers, and those of which the model was least sure."""
    column = column_of(view, "text")
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
