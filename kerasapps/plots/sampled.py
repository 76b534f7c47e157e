"""Plots of what a generative application sampled on its way: View -> Figure, GIF frames, or None."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kerasapps import generative
from kerasapps.app import View
from kerasapps.figures.canvas import new_figure, new_panels
from kerasapps.figures.mosaic import draw_tiled, mosaic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

_STAGES = 8
_BESIDE = 12
_FRAMES = 60
_POINTS = 2000


def samples(view: View) -> "Figure | None":
    """The last samples; of rows of numbers the first two, beside training rows."""
    shown = _shown(view)
    if not shown:
        return None
    epoch = max(shown)
    figure, ax = new_figure(6.0, 6.3)
    _draw(ax, view, shown[epoch])
    figure.suptitle(f"Samples after epoch {epoch}", fontsize=11)
    return figure


def samples_over_training(view: View) -> "Figure | None":
    """The same noise at up to eight epochs: a row of images each, or a panel of pairs of numbers."""
    shown = _shown(view)
    if not shown:
        return None
    stages = {epoch: shown[epoch] for epoch in _spaced(sorted(shown), _STAGES)}
    if view.layout.kind != "image":
        return _panels(view, stages)
    rows = np.concatenate([values[:_BESIDE] for values in stages.values()])
    columns = min(_BESIDE, len(next(iter(stages.values()))))
    height, width, _ = view.layout.shape
    figure, ax = new_figure(8.0, 0.6 + 8.0 * len(stages) * height / (columns * width))
    draw_tiled(ax, rows, columns)
    ax.set_yticks([(height + 1) * (i + 0.5) for i in range(len(stages))], [f"epoch {epoch}" for epoch in stages])
    figure.suptitle("Samples of the same noise over training", fontsize=11)
    return figure


def samples_animation(view: View) -> "list[Image] | None":
    """A frame of every epoch whose samples were kept, at most 60."""
    shown = _shown(view)
    epochs = _spaced(sorted(shown), _FRAMES)
    if len(epochs) < 2:
        return None
    if view.layout.kind == "image":
        return [mosaic(shown[epoch]) for epoch in epochs]
    return [_rendered(view, epoch, shown[epoch]) for epoch in epochs]


def _shown(view: View) -> dict[int, np.ndarray]:
    """Epoch -> samples in the units of the data; {} where they cannot be drawn."""
    if view.layout.kind != "image" and view.layout.shape[0] < 2:
        return {}
    return {epoch: np.asarray(generative.in_units(view.layout, values)) for epoch, values in view.samples.items()}


def _spaced(epochs: list[int], most: int) -> list[int]:
    """At most so many of them, the first and the last among them."""
    places = np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]


def _draw(ax: "Axes", view: View, values: np.ndarray) -> None:
    if view.layout.kind == "image":
        draw_tiled(ax, values)
    else:
        _points(ax, view, values)


def _points(ax: "Axes", view: View, values: np.ndarray) -> None:
    """The first two numbers of samples [rows, D] over those of training rows."""
    inputs = view.apply({name: rows[:_POINTS] for name, rows in view.columns["train"].items()})
    real = np.asarray(generative.in_units(view.layout, inputs), np.float64)[:, :2]
    names = view.layout.features or ("first number", "second number")
    ax.scatter(*real.T, s=4, alpha=0.3, color="C7", label="training rows")
    ax.scatter(*values[:, :2].T, s=8, alpha=0.8, color="C3", label="samples")
    low, high = real.min(axis=0), real.max(axis=0)
    margin = 0.25 * (high - low)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.legend(fontsize=8, loc="upper right")


def _panels(view: View, stages: Mapping[int, np.ndarray]) -> "Figure":
    figure, axes = new_panels(len(stages), 4, (3.2, 3.6))
    for ax, (epoch, values) in zip(axes.flat, stages.items(), strict=False):
        _points(ax, view, values)
        ax.set_title(f"epoch {epoch}", fontsize=9)
    return figure


def _rendered(view: View, epoch: int, values: np.ndarray) -> "Image":
    from PIL import Image

    figure, ax = new_figure(4.0, 4.3)
    _points(ax, view, values)
    ax.set_title(f"epoch {epoch}", fontsize=9)
    figure.canvas.draw()
    return Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3].copy())
