"""Maps of numbers between 0 and 1 by row and column."""

from collections.abc import Sequence

import numpy as np

from kerasapps.figures.canvas import Figure, new_panels

_INCHES_A_NAME = 0.16
_LEAST_INCHES = 2.0


def attention_maps(maps: Sequence[np.ndarray], down: Sequence[str], across: Sequence[str], title: str) -> Figure:
    """One panel a head: maps of each block, [heads, down, across], the darker the more a token looks at another."""
    heads = len(maps[0])
    width, height = (max(_LEAST_INCHES, _INCHES_A_NAME * len(names)) + 0.8 for names in (across, down))
    figure, axes = new_panels(len(maps) * heads, heads, (width, height), around=(0.0, 0.4), sharex=True, sharey=True)
    for (block, head), ax in zip(np.ndindex(len(maps), heads), axes.flat, strict=True):
        ax.imshow(maps[block][head], cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
        ax.set_title(f"block {block + 1}, head {head + 1}", fontsize=9)
        ax.set_xticks(range(len(across)), across, rotation=90, fontsize=7)
        ax.set_yticks(range(len(down)), down, fontsize=7)
    figure.suptitle(title)
    return figure
