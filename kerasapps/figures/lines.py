"""Lines: metrics over the epochs, forecasts over the steps of a series, and their errors over the steps ahead."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, new_figure, new_panels

Pair = tuple[np.ndarray, np.ndarray]
_MANY_EPOCHS = 1000
_MARKED_EPOCHS = 20
_WIDTH = 5.0
_STYLES = (
    {"color": "C3", "linewidth": 1.6},
    {"color": "C0", "linewidth": 1.2, "linestyle": "--"},
    {"color": "C2", "linewidth": 1.2, "linestyle": "-."},
)


def learning_curves(history: Mapping[str, Sequence[float]], kept: int | None = None) -> Figure:
    """One panel a metric, training and validation (val_...) together, over the epochs; kept: the marked one, from 1."""
    metrics = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    figure, axes = new_panels(len(metrics), 2, (4.5, 3.2), least=_WIDTH)
    for ax, metric in zip(axes.flat, metrics, strict=False):
        for name, label in ((metric, "training"), (f"val_{metric}", "validation")):
            if name in history:
                _curve(ax, history[name], label)
        if kept:
            ax.axvline(kept, color="C3", linewidth=1, linestyle=":", label=f"kept: epoch {kept:,}")
        ax.set(xlabel="epoch (log scale)" if ax.get_xscale() == "log" else "epoch", ylabel=metric)
        ax.grid()
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
    x: np.ndarray,
    series: np.ndarray,
    starts: np.ndarray,
    given: Mapping[str, np.ndarray],
    future: np.ndarray,
    texts: Mapping[str, str],
) -> Figure:
    """A series [steps], forecasts of some of its steps [rows, H] by what made them, and of the `future` ones [H].

    x: where each step stands, and each future one, [steps + H] numbers or datetime64. starts: the step, from 0, that
    each row begins with [rows]; its line begins at the step before, from which it was made. texts: xlabel, ylabel and
    title.
    """
    figure, ax = new_figure(9, 4)
    ax.plot(x[: len(series)], series, color="black", linewidth=1, label="true")
    known = series[starts - 1]
    for (label, rows), style in zip(given.items(), _STYLES, strict=False):
        gap = np.full(len(rows), np.nan)  # between one line and the next
        steps = np.minimum(starts[:, None] - 1 + np.arange(rows.shape[1] + 2), len(x) - 1)
        ax.plot(x[steps.ravel()], np.column_stack([known, rows, gap]).ravel(), label=label.replace("_", " "), **style)
    ax.plot(x[starts - 1], known, "o", color="black", markersize=4, label="forecast from")
    ends = [series[-1], *future]
    ax.plot(x[len(series) - 1 :], ends, color="C3", linewidth=2, marker="o", markersize=3, label="model, the future")
    ax.axvspan(x[len(series) - 1], x[-1], color="0.5", alpha=0.12, linewidth=0)
    if series.min() >= 0 and ax.get_ylim()[0] <= 0:
        ax.axhline(0, color="grey", linewidth=0.8)  # below it there is nothing
    ax.set(**texts)
    ax.grid()
    if np.issubdtype(x.dtype, np.datetime64):
        _dates(ax)
    figure.legend(loc="outside upper center", ncols=len(given) + 3, frameon=False)  # inside it would hide lines
    return figure


def _dates(ax: Axes) -> None:
    """Short dates along the horizontal axis."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def errors_ahead(errors: Mapping[str, np.ndarray], name: str) -> Figure:
    """Root mean squared error of each step ahead [H], by what made the forecast."""
    figure, ax = new_figure(6, 4.2)
    for (label, values), style in zip(errors.items(), _STYLES, strict=False):
        ax.plot(np.arange(1, len(values) + 1), values, label=label.replace("_", " "), marker="o", markersize=3, **style)
    ax.set(xlabel="steps ahead", ylabel=f"rmse of {name}", title="Errors of the forecasts on test", ylim=(0, None))
    ax.locator_params("x", integer=True, min_n_ticks=1)
    ax.grid()
    ax.legend()
    return figure


class Square(NamedTuple):
    """A panel of curves between 0 and 1: its title, the names of its axes, x and y by label, and of further ones."""

    title: str
    axes: tuple[str, str]
    named: Mapping[str, Pair]
    faint: Sequence[Pair]


def unit_squares(squares: Sequence[Square], title: str) -> Figure:
    """Curves in panels beside each other."""
    figure, axes = new_panels(len(squares), 2, (4.5, 4.6))
    for ax, square in zip(axes.flat, squares, strict=True):
        for x, y in square.faint:
            ax.plot(x, y, color="0.8", linewidth=0.8)
        for label, (x, y) in square.named.items():
            ax.plot(x, y, label=label)
        ax.set(xlabel=square.axes[0], ylabel=square.axes[1], title=square.title)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        ax.grid()
        ax.legend()
    figure.suptitle(title)
    return figure


def by_position(values: Mapping[str, np.ndarray], place: str, title: str) -> Figure:
    """Numbers of each place [places], from 1, by their names."""
    figure, ax = new_figure(6, 4.2)
    for (label, one), style in zip(values.items(), _STYLES, strict=False):
        ax.plot(np.arange(1, len(one) + 1), one, label=label, **style)
    ax.set(xlabel=place, title=title, ylim=(0, None))
    ax.locator_params("x", integer=True, min_n_ticks=1)
    ax.grid()
    ax.legend()
    return figure
