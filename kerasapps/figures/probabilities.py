"""Probabilities of classes: along one feature, row by row, and how far they can be believed."""

import textwrap
from collections.abc import Sequence

import numpy as np

from kerasapps.figures.canvas import Figure, new_figure, new_panels
from kerasapps.figures.classes import LETTERS_A_PANEL, class_ticks
from kerasapps.metrics.calibration import BINS, reliability


def sigmoid_over_points(
    x: np.ndarray,
    labels: np.ndarray,
    curve_x: np.ndarray,
    probabilities: np.ndarray,
    x_name: str,
    names: Sequence[str],
) -> Figure:
    """Points (x, label 0 or 1) [rows] and the probability of class 1 along x; names are those of both classes."""
    figure, ax = new_figure(6, 4.2)
    for label in (0, 1):
        here = labels == label
        ax.scatter(x[here], labels[here], s=16, alpha=0.4, color=f"C{label}", label=names[label])
    ax.plot(curve_x, probabilities, color="C3", linewidth=2, label="probability")
    ax.axhline(0.5, color="grey", linewidth=0.8, linestyle="--")
    ax.set(xlabel=x_name, ylabel=f"P({names[1]})", title="Probability, and the test rows")
    ax.grid()
    ax.legend(loc="center right")
    return figure


def probability_bars(probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """A bar chart of the class probabilities [rows, K] of each row, the true class in another colour."""
    figure, axes = new_panels(len(labels), 3, (max(3.2, 0.32 * len(names)), 2.6), sharey=True)
    for ax, row, label in zip(axes.flat, probabilities, labels, strict=False):
        colors = ["C2" if k == label else "C0" for k in range(len(names))]
        ax.bar(range(len(names)), row, color=colors)
        predicted = int(np.argmax(row))
        verdict = "right" if predicted == label else f"wrong: {names[predicted]}"
        ax.set_title(textwrap.fill(f"true: {names[label]}, {verdict}", LETTERS_A_PANEL), fontsize=9)
        ax.set(ylim=(0, 1.05))
        class_ticks(ax, "x", names)
    for ax in axes[:, 0]:
        ax.set_ylabel("probability")
    figure.suptitle(title, fontsize=11)
    return figure


def calibration(labels: np.ndarray, probabilities: np.ndarray, names: Sequence[str], error: float) -> Figure:
    """How often a class came true over its probability, and below how many rows had such a probability.

    labels [rows], probabilities [rows, K]: of two classes the second is shown, of which the first is the mirror image;
    of more the predicted one (the reliability diagram of Niculescu-Mizil and Caruana 2005). error: the expected
    calibration error, for the title.
    """
    shown, values, true = "predicted class", probabilities.max(axis=-1), probabilities.argmax(axis=-1) == labels
    if len(names) == 2:
        shown, values, true = names[1], probabilities[:, 1], labels == 1
    figure, (upper, lower) = new_figure(5.2, 5.6, 2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--", label="calibrated")
    mean, share, counts = reliability(values, true)
    upper.scatter(mean, share, s=10 + 120 * np.sqrt(counts / len(labels)), alpha=0.8, label=shown)
    lower.hist(values, bins=np.linspace(0, 1, BINS + 1), log=True)
    upper.set(ylabel="share that came true (larger: of more rows)", ylim=(-0.03, 1.03))
    upper.set_title(f"expected calibration error {error:.4f} of {len(labels)} test rows", fontsize=10)
    lower.yaxis.set_major_formatter("{x:g}")  # by default formulas, which texts are not taken for
    lower.yaxis.set_minor_formatter("")
    xlabel = f"P({shown})" if len(names) == 2 else f"probability of the {shown}"
    lower.set(xlabel=xlabel, ylabel="rows (log scale)", xlim=(-0.03, 1.03), ylim=(0.5, None))
    for ax in (upper, lower):
        ax.grid()
    upper.legend(loc="upper left")
    return figure
