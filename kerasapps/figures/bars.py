"""A number of each name: bars beside each other, and several as a map."""

from collections.abc import Sequence

import numpy as np

from kerasapps.figures.canvas import Figure, new_figure
from kerasapps.figures.classes import class_ticks, cut

_LETTERS = 32
_INCHES_A_NAME = 0.24
_NUMBERS_SHOWN = 10


def horizontal_bars(
    values: np.ndarray, names: Sequence[str], xlabel: str, title: str, spread: np.ndarray | None = None
) -> Figure:
    """A bar for each of the values [rows], the first on top; spread: standard deviations [rows]."""
    figure, ax = new_figure(6.4, 1.1 + _INCHES_A_NAME * len(names))
    ax.barh(range(len(names)), values, xerr=spread, height=0.7, ecolor="0.4")
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), [cut(name, _LETTERS) for name in names])
    ax.invert_yaxis()
    ax.set(xlabel=xlabel, title=title)
    ax.grid(axis="x")
    return figure


def signed_map(values: np.ndarray, down: Sequence[str], across: Sequence[str], title: str) -> Figure:
    """Values [rows, columns] as colours, red above 0 and blue below, and as numbers where there is room."""
    columns = len(across)
    width = 2.6 + (0.62 if columns <= _NUMBERS_SHOWN else 0.32) * columns
    figure, ax = new_figure(max(width, 5.4), 1.5 + _INCHES_A_NAME * len(down))
    highest = float(np.abs(values).max()) or 1.0
    ax.imshow(values, cmap="RdBu_r", vmin=-highest, vmax=highest, aspect="auto")
    for i, j in np.ndindex(*values.shape) if columns <= _NUMBERS_SHOWN else ():
        color = "white" if abs(values[i, j]) > 0.6 * highest else "black"
        ax.text(j, i, f"{values[i, j]:.2g}", ha="center", va="center", fontsize=7, color=color)
    ax.set_yticks(range(len(down)), [cut(name, _LETTERS) for name in down])
    class_ticks(ax, "x", across)
    ax.set_title(title)
    return figure
