"""Pairs of numbers that a model made, over those of training rows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = 10
"""Colours that can be told apart."""


def draw_pairs(ax: "Axes", real: np.ndarray, made: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    """real [rows, 2], and what was made by its label, [rows, 2] each, in the range of the real ones and a margin.

    names: of both numbers. One alone is red, others have the colour of their place, ten in turn.
    """
    ax.scatter(*real.T, s=4, alpha=0.3, color="0.5", label="training rows")
    for i, (label, rows) in enumerate(made.items()):
        ax.scatter(*rows.T, s=8, alpha=0.8, color="C3" if len(made) == 1 else f"C{i % COLORS}", label=label)
    low, high = real.min(axis=0), real.max(axis=0)
    margin = 0.25 * (high - low)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    ax.set(xlabel=names[0], ylabel=names[1])
