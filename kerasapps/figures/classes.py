"""Figures of classes: the confusion matrix, and decision regions in the plane."""

from collections.abc import Sequence

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, new_figure

LETTERS_A_PANEL = 40
_LETTERS_A_TICK = 16
_MANY_CLASSES = 30


def cut(name: str, letters: int) -> str:
    """A name of at most so many letters."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def class_ticks(ax: Axes, which: str, names: Sequence[str], places: Sequence[float] = ()) -> None:
    """The names of the classes along the axis `which`, "x" or "y"; none of very many, long ones cut.

    places: where each one stands; () = at 0, 1, 2, ...
    """
    if len(names) > _MANY_CLASSES:
        return
    names = [cut(name, _LETTERS_A_TICK) for name in names]
    longest = max(map(len, names))
    crowded = len(names) * longest > LETTERS_A_PANEL or (len(names) > 4 and longest > 2)
    rotation = 60 if which == "x" and crowded else 0
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_ticks(places or range(len(names)), names, fontsize=8, rotation=rotation)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> Figure:
    """Counts of rows of each true class (down) and predicted class (across); the darker, the more of the true class."""
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (labels, predicted), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.0, min(0.5 * len(names) + 1.5, 9))
    figure, ax = new_figure(side, side)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(names) <= _MANY_CLASSES:
        for i, j in zip(*np.nonzero(counts), strict=True):
            color = "white" if shares[i, j] > 0.5 else "black"
            ax.text(j, i, counts[i, j], ha="center", va="center", color=color, fontsize=8)
    class_ticks(ax, "x", names)
    class_ticks(ax, "y", names)
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    ax.set(xlabel="predicted", ylabel="true", title=f"accuracy {accuracy:.4f} of {counts.sum()} test rows")
    return figure


def decision_regions(
    points: np.ndarray,
    labels: np.ndarray,
    grid: tuple[np.ndarray, np.ndarray],
    probabilities: np.ndarray,
    names: Sequence[str],
    axis_names: Sequence[str],
) -> Figure:
    """Points [rows, 2] over the likeliest class at each place of a grid.

    grid: values along the first axis [A], and along the second [B]; probabilities: [B, A, classes].

    The fainter a region's colour, the less sure the model is.
    """
    from matplotlib.colors import to_rgba

    figure, ax = new_figure(6.2, 4.6)
    colors = np.array([to_rgba(f"C{k % 10}") for k in range(len(names))])
    image = colors[probabilities.argmax(axis=-1)]
    image[..., 3] = 0.1 + 0.5 * (probabilities.max(axis=-1) - 1 / len(names)) / (1 - 1 / len(names))
    first, second = grid
    extent = (first[0], first[-1], second[0], second[-1])
    ax.imshow(image, origin="lower", extent=extent, aspect="auto", interpolation="bilinear")
    for k, name in enumerate(names):
        here = labels == k
        ax.scatter(points[here, 0], points[here, 1], s=60, color=colors[k], edgecolor="black", label=str(name))
    ax.set(xlabel=axis_names[0], ylabel=axis_names[1], title="Likeliest class, and the training rows")
    ax.legend(title="class", loc="upper left", bbox_to_anchor=(1.01, 1.0))  # inside it would hide rows
    return figure
