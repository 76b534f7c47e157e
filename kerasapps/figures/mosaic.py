"""Images side by side as one Pillow image: what is looked at rather than measured."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image

COLUMNS = 8
_SIDE = 640
"""Pixels that the longer side has at least, so that small images can be seen."""


def tiled(images: np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Images [rows, H, W, C] in [0, 1] as one uint8 [height, width, C], `columns` a row, a white pixel between them."""
    rows, height, width, channels = images.shape
    columns = min(columns, rows)
    lines = -(-rows // columns)
    grid = np.full((lines * (height + 1) - 1, columns * (width + 1) - 1, channels), 255, np.uint8)
    pixels = np.round(255 * np.clip(images, 0.0, 1.0)).astype(np.uint8)
    for i, image in enumerate(pixels):
        top, left = (height + 1) * (i // columns), (width + 1) * (i % columns)
        grid[top : top + height, left : left + width] = image
    return grid


def draw_tiled(ax: "Axes", images: np.ndarray, columns: int = COLUMNS) -> None:
    """The same into axes, without ticks; two channels are shown by their mean."""
    grid = tiled(images, columns)
    ax.imshow(grid if grid.shape[-1] == 3 else grid.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
    ax.set_anchor("N")  # right under the title, wherever there is room left
    ax.tick_params(length=0, labelsize=8)
    ax.set(xticks=[], yticks=[])


def mosaic(images: np.ndarray, columns: int = COLUMNS) -> "Image":
    """The same as a Pillow image, its pixels repeated until it can be seen; two channels are shown by their mean."""
    from PIL import Image

    grid = tiled(images, columns)
    grid = grid if grid.shape[-1] == 3 else grid.mean(axis=-1).round().astype(np.uint8)
    times = max(1, -(-_SIDE // max(grid.shape[:2])))
    return Image.fromarray(grid.repeat(times, axis=0).repeat(times, axis=1))
