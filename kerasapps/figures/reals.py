"""Reals: a fitted line over its points, predictions over true values, pairs that a model made."""

from collections.abc import Mapping, Sequence

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, margin_range, new_figure, new_panels

COLORS = 10
"""Colours that are easy to distinguish."""


def score_text(labels: np.ndarray, predictions: np.ndarray) -> str:
    """r2 and root mean squared error of numbers [rows]: "r2 0.93, rmse 1.2"; no r2 where all labels are equal."""
    errors, spread = predictions - labels, labels - labels.mean()
    rmse = f"rmse {np.sqrt(np.mean(errors**2)):.4g}"
    return f"r2 {1 - np.sum(errors**2) / np.sum(spread**2):.3f}, {rmse}" if np.ptp(labels) > 0 else rmse


def fit_over_scatter(
    x: np.ndarray, y: np.ndarray, line_x: np.ndarray, line_y: np.ndarray, names: tuple[str, str], title: str
) -> Figure:
    """Points (x, y) [rows] and the fitted line; names: of x and y."""
    figure, ax = new_figure(6, 4.2)
    ax.scatter(x, y, s=16, alpha=0.6, label="training data")
    ax.plot(line_x, line_y, color="C3", linewidth=2, label="fit")
    ax.set(xlabel=names[0], ylabel=names[1], title=title)
    ax.grid()
    ax.legend()
    return figure


def predicted_against_true(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> Figure:
    """Predictions over true values, both [rows, H], one panel with its scores for each of the H targets."""
    figure, axes = new_panels(len(names), 3, (4.6, 4.8))
    for i, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        ends = margin_range(np.concatenate([labels[:, i], predictions[:, i]]), 2)
        ax.plot(ends, ends, color="grey", linewidth=1, linestyle="--", label="exact")
        ax.scatter(labels[:, i], predictions[:, i], s=16, alpha=0.6)
        ax.set(xlabel=f"true {name}", ylabel=f"predicted {name}", xlim=ends, ylim=ends, aspect="equal")
        ax.set_title(score_text(labels[:, i], predictions[:, i]), fontsize=10)
        ax.grid()
        ax.legend()
    figure.suptitle("Predictions of the test rows", fontsize=11)
    return figure


def draw_pairs(ax: Axes, real: np.ndarray, made: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    """real [rows, 2], and what was made by its label, [rows, 2] each, in the range of the real ones and a margin.

    names: of both numbers. One alone is red, others have the colour of their place, ten in turn.
    """
    ax.scatter(real[:, 0], real[:, 1], s=4, alpha=0.3, color="0.5", label="training rows")
    for i, (label, rows) in enumerate(made.items()):
        color = "C3" if len(made) == 1 else f"C{i % COLORS}"
        ax.scatter(rows[:, 0], rows[:, 1], s=8, alpha=0.8, color=color, label=label)
    low, high = real.min(axis=0), real.max(axis=0)
    margin = 0.25 * (high - low)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    ax.set(xlabel=names[0], ylabel=names[1])
