"""Images: a grid of them, and the kernels of a convolution."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.figures.canvas import TITLE_WIDTH, new_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LETTERS_AN_IMAGE = 24


def image_grid(images: np.ndarray, titles: Sequence[str], title: str = "", columns: int = 5) -> "Figure":
    """Images [rows, height, width, channels], uint8 or in [0, 1], each under its title, so many beside each other."""
    figure, axes = new_panels(len(images), columns, (1.9, 2.0), around=(0.0, 0.4), least=TITLE_WIDTH)
    highest = 255 if images.dtype == np.uint8 else 1
    for ax, image, text in zip(axes.flat, images, titles, strict=False):
        ax.set_axis_off()
        ax.imshow(image.squeeze(), cmap="gray_r" if image.shape[-1] == 1 else None, vmin=0, vmax=highest)
        ax.set_title(textwrap.fill(text, _LETTERS_AN_IMAGE), fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def filters(kernel: np.ndarray) -> "Figure":
    """Kernels [height, width, channels, number] of a first convolution.

    Three channels are shown as colours, others by their mean; red is positive and blue negative there.
    """
    number = kernel.shape[-1]
    figure, axes = new_panels(number, 8, (1.0, 1.0), around=(0.0, 0.4), least=TITLE_WIDTH)
    highest = float(np.abs(kernel).max()) or 1.0
    for ax, one in zip(axes.flat, np.moveaxis(kernel, -1, 0), strict=False):
        ax.set_axis_off()
        if one.shape[-1] == 3:
            ax.imshow(0.5 + 0.5 * one / highest)
        else:
            ax.imshow(one.mean(axis=-1), cmap="RdBu_r", vmin=-highest, vmax=highest)
    figure.suptitle(f"{number} kernels of the first convolution", fontsize=10)
    return figure
