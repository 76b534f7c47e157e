"""Lines: metrics over the epochs, forecasts over the steps of a series, and their errors over the steps ahead."""

from collections.abc import Mapping, Sequence

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, new_figure

_MANY_EPOCHS = 1000
_MARKED_EPOCHS = 20
_STYLES = (
    {"color": "C3", "linewidth": 1.6},
    {"color": "C0", "linewidth": 1.2, "linestyle": "--"},
    {"color": "C2", "linewidth": 1.2, "linestyle": "-."},
)


def learning_curves(history: Mapping[str, Sequence[float]]) -> Figure:
    """One panel a metric, training and validation (val_...) together, over the epochs."""
    metrics = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    figure, axes = new_figure(5 * len(metrics), 3.6, 1, len(metrics), squeeze=False)
    for ax, metric in zip(axes[0], metrics, strict=True):
        for name, label in ((metric, "training"), (f"val_{metric}", "validation")):
            if name in history:
                _curve(ax, history[name], label)
        ax.set(xlabel="epoch", ylabel=metric)
        ax.grid(alpha=0.3)
        ax.legend()
    return figure


def _curve(ax: Axes, values: Sequence[float], label: str) -> None:
    """A line over the epochs; of many, on a logarithmic axis, since most of the course lies in the first."""
    epochs = np.arange(1, len(values) + 1)
    if len(epochs) > _MANY_EPOCHS:
        epochs = np.unique(np.geomspace(1, len(values), _MANY_EPOCHS).round().astype(int))
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")  # by default formulas, which texts are not taken for
        ax.xaxis.set_minor_formatter("")
    else:
        ax.locator_params("x", integer=True, min_n_ticks=1)
    marker = "o" if len(epochs) <= _MARKED_EPOCHS else None
    ax.plot(epochs, np.asarray(values)[epochs - 1], label=label, marker=marker, markersize=3)


def forecasts(
    series: np.ndarray, first: int, starts: np.ndarray, given: Mapping[str, np.ndarray], name: str, title: str
) -> Figure:
    """A series [steps], numbered from `first` on, and forecasts [rows, H] by what made them.

    starts: the step that each row begins with [rows]; its line begins at the step before, from which it was made.
    """
    figure, ax = new_figure(9, 4)
    ax.plot(first + np.arange(len(series)), series, color="black", linewidth=1, label="true")
    known = series[starts - 1 - first]
    for (label, rows), style in zip(given.items(), _STYLES, strict=False):
        gap = np.full(len(rows), np.nan)  # between one line and the next
        steps = starts[:, None] - 1 + np.arange(rows.shape[1] + 2)
        line = np.column_stack([known, rows, gap]).ravel()
        ax.plot(steps.ravel(), line, label=label.replace("_", " "), **style)
    ax.plot(starts - 1, known, "o", color="black", markersize=4, label="forecast from")
    if first < 0:
        ax.axvline(0, color="grey", linewidth=0.8, linestyle=":")
    ax.set(xlabel="steps since the first test window begins", ylabel=name, title=title)
    ax.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=len(given) + 2, frameon=False)  # inside it would hide lines
    return figure


def errors_ahead(errors: Mapping[str, np.ndarray], name: str) -> Figure:
    """Root mean squared error of each step ahead [H], by what made the forecast."""
    figure, ax = new_figure(6, 4.2)
    for (label, values), style in zip(errors.items(), _STYLES, strict=False):
        ax.plot(np.arange(1, len(values) + 1), values, label=label.replace("_", " "), marker="o", markersize=3, **style)
    ax.set(xlabel="steps ahead", ylabel=f"rmse of {name}", title="Errors of the forecasts on test", ylim=(0, None))
    ax.locator_params("x", integer=True, min_n_ticks=1)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def by_position(values: Mapping[str, np.ndarray], place: str, title: str) -> Figure:
    """Numbers of each place [places], from 1, by their names."""
    figure, ax = new_figure(6, 4.2)
    for (label, one), style in zip(values.items(), _STYLES, strict=False):
        ax.plot(np.arange(1, len(one) + 1), one, label=label, **style)
    ax.set(xlabel=place, title=title, ylim=(0, None))
    ax.locator_params("x", integer=True, min_n_ticks=1)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure
