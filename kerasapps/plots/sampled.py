"""Plots of what a generative application sampled on its way: View -> Figure, Figures of a GIF, or None.

The task has sample_labels, the class number of each sample [rows], or None where it was told no classes.
"""

from collections.abc import Mapping

import numpy as np

from kerasapps.app import View
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import Axes, Figure, new_figure, new_panels
from kerasapps.figures.classes import class_ticks
from kerasapps.figures.images import class_grid, draw_tiled
from kerasapps.figures.reals import COLORS, draw_pairs

_STAGES = 8
_BESIDE = 12
_FRAMES = 60
_POINTS = 2000


def samples(view: View) -> Figure | None:
    """The last samples, and the class of each where there is one; of rows of numbers the first two."""
    shown = _shown(view)
    if not shown:
        return None
    epoch = max(shown)
    return _figure(view, shown[epoch], f"Samples after epoch {epoch}", 6.0)


def samples_over_training(view: View) -> Figure | None:
    """The same noise at up to eight epochs: a row of images each, or a panel of pairs of numbers."""
    shown = _shown(view)
    if not shown:
        return None
    stages = {epoch: shown[epoch] for epoch in _spaced(sorted(shown), _STAGES)}
    if view.layout.only.form != "image":
        return _panels(view, stages)
    labels, number = view.task.sample_labels, len(next(iter(stages.values())))
    places = np.arange(min(_BESIDE, number)) if labels is None else _of_each(labels, _BESIDE)
    rows, columns = np.concatenate([values[places] for values in stages.values()]), len(places)
    height, width, _ = view.layout.only.shape
    around = 0.6 if labels is None else 1.3  # a title, and names below
    figure, ax = new_figure(8.0, around + 8.0 * len(stages) * height / (columns * width))
    draw_tiled(ax, rows, columns)
    ax.set_yticks([(height + 1) * (i + 0.5) for i in range(len(stages))], [f"epoch {epoch}" for epoch in stages])
    if labels is not None:
        _name_columns(ax, view.layout, labels[places])
    figure.suptitle("Samples of the same noise over training", fontsize=11)
    return figure


def samples_animation(view: View) -> list[Figure] | None:
    """The same noise after every epoch whose samples were kept, at most 60."""
    shown = _shown(view)
    epochs = _spaced(sorted(shown), _FRAMES)
    if len(epochs) < 2:
        return None
    return [_figure(view, shown[epoch], f"epoch {epoch}", 4.0) for epoch in epochs]


def _shown(view: View) -> dict[int, np.ndarray]:
    """Epoch -> samples in the units of the data; {} where they cannot be drawn."""
    if view.layout.only.form != "image" and view.layout.only.shape[0] < 2:
        return {}
    return {epoch: np.asarray(view.layout.only.in_units(values)) for epoch, values in view.samples.items()}


def _spaced(epochs: list[int], most: int) -> list[int]:
    """At most so many of them, the first and the last among them."""
    places = np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]


def _of_each(labels: np.ndarray, most: int) -> np.ndarray:
    """Places of at most so many labels, class after class, as many of each."""
    classes = np.unique(labels)[:most]
    each = min(most // len(classes), *np.bincount(labels)[classes])
    return np.concatenate([np.flatnonzero(labels == one)[:each] for one in classes])


def _name_columns(ax: Axes, layout: Layout, labels: np.ndarray) -> None:
    """The name of each class under its columns."""
    classes, firsts, counts = np.unique(labels, return_index=True, return_counts=True)
    middles = (layout.only.shape[1] + 1) * (firsts + counts / 2) - 1
    class_ticks(ax, "x", [layout.target.names[one] for one in classes], middles.tolist())


def _figure(view: View, values: np.ndarray, title: str, side: float) -> Figure:
    """Samples of one epoch, `side` inches wide or high."""
    labels = view.task.sample_labels
    if view.layout.only.form == "image" and labels is not None:
        return class_grid(values, labels, view.layout.target.names, title, side)
    figure, ax = new_figure(side, side + 0.3)
    if view.layout.only.form == "image":
        draw_tiled(ax, values)
    else:
        _points(ax, view, values)
        ax.legend(fontsize=8, loc="upper right")
    figure.suptitle(title, fontsize=11)
    return figure


def _points(ax: Axes, view: View, values: np.ndarray) -> None:
    """The first two numbers of samples [rows, D], by class if there are few, over those of training rows."""
    labels, names = view.task.sample_labels, view.layout.target.names
    inputs = view.apply({name: rows[:_POINTS] for name, rows in view.columns["train"].items()})
    real = np.asarray(view.layout.only.in_units(inputs), np.float64)[:, :2]
    made = {"samples": values[:, :2]}
    if labels is not None and labels.max() < COLORS:
        made = {f"{names[one]}, sampled": values[labels == one, :2] for one in np.unique(labels)}
    draw_pairs(ax, real, made, view.layout.only.features or ("first number", "second number"))


def _panels(view: View, stages: Mapping[int, np.ndarray]) -> Figure:
    figure, axes = new_panels(len(stages), 4, (3.2, 3.6))
    for ax, (epoch, values) in zip(axes.flat, stages.items(), strict=False):
        _points(ax, view, values)
        ax.set_title(f"epoch {epoch}", fontsize=9)
    axes.flat[0].legend(fontsize=8, loc="upper right")
    return figure
