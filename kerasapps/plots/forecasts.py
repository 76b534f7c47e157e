"""Forecasts of the test rows beside those that need no model."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from kerasapps.app import View
from kerasapps.data.baselines import baselines
from kerasapps.figures import lines
from kerasapps.figures.canvas import Figure

_FORECASTS = 8
"""Lines of a plot that is not too full."""


def forecast(view: View) -> Figure | None:
    """The end of the series, what was forecast of its test rows, with and without a model, and what comes after it."""
    if view.layout.forecast is None:
        return None
    inputs, labels = _windows(view)
    history, horizon = inputs.shape[1], labels.shape[1]
    steps = np.concatenate([inputs[0], labels[:, 0], labels[-1, 1:]])  # each row is one step after the one before
    rows = np.arange(len(labels) - 1, -1, -horizon)[:_FORECASTS][::-1]
    given = {"model": _predictions(view, rows), **baselines(view.layout, inputs[rows])}
    x, xlabel = _places(view, len(steps), horizon)
    title = f"Forecasts of {horizon} steps from the {history} before: on test, and of the future"
    texts = {"xlabel": xlabel, "ylabel": view.spec.inputs[0].name, "title": title}
    shown = slice(rows[0], None)
    return lines.forecasts(x[shown], steps[shown], history + rows - rows[0], given, _future(view, steps), texts)


def forecast_errors(view: View) -> Figure | None:
    """How the errors on test grow with the steps ahead: of the model, and of what needs none."""
    if view.layout.forecast is None:
        return None
    inputs, labels = _windows(view)
    given = {"model": _predictions(view, np.arange(len(labels))), **baselines(view.layout, inputs)}
    errors = {name: np.sqrt(np.mean((values - labels) ** 2, axis=0)) for name, values in given.items()}
    return lines.errors_ahead(errors, view.spec.inputs[0].name)


def _places(view: View, steps: int, horizon: int) -> tuple[np.ndarray, str]:
    """Where the last `steps` of the series and the next ones stand, [steps + horizon], and what that is called."""
    if view.calendar is None:
        return np.arange(-steps, horizon), "steps from the end of the series"
    return np.concatenate([view.calendar.times[-steps:], view.calendar.ahead(horizon)]), ""


def _future(view: View, steps: np.ndarray) -> np.ndarray:
    """What the model forecasts from the last steps of the series, [H]."""
    column = view.spec.inputs[0]
    last = steps[-math.prod(column.shape) :].astype(np.float32)
    return np.asarray(view.predict({column.name: last.reshape(1, *column.shape)})["predictions"])[0]


def _windows(view: View) -> tuple[np.ndarray, np.ndarray]:
    """The steps before and those that follow of all test rows, float64 [rows, history] and [rows, H]."""
    columns, rows = view.columns["test"], len(view.labels["test"])
    names = view.spec.inputs[0].name, view.spec.required_target.name
    before, after = (np.asarray(columns[name], np.float64).reshape(rows, -1) for name in names)
    return before, after


def _predictions(view: View, rows: np.ndarray) -> np.ndarray:
    """What the model forecasts from these test rows, [rows, H]."""
    return view.predict({name: values[rows] for name, values in view.columns["test"].items()})["predictions"]


PLOTS: Mapping[str, Callable] = {"forecast": forecast, "forecast_errors": forecast_errors}
"""By the names of their files, for applications that forecast."""
