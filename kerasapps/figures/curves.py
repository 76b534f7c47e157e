"""Metrics over the epochs of training."""

from collections.abc import Mapping, Sequence

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, new_figure

_MANY_EPOCHS = 1000
_MARKED_EPOCHS = 20


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
    else:
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    marker = "o" if len(epochs) <= _MARKED_EPOCHS else None
    ax.plot(epochs, np.asarray(values)[epochs - 1], label=label, marker=marker, markersize=3)
