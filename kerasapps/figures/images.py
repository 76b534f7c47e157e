"""Images: side by side as one, in a grid with titles or classes, under maps, and the kernels of a convolution."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from PIL import Image

from kerasapps.figures.canvas import TITLE_WIDTH, Axes, Figure, new_figure, new_panels
from kerasapps.figures.classes import class_ticks, cut

COLUMNS = 8
"""Images beside each other."""
_SIDE = 640
"""Pixels that the longer side of a mosaic has at least, so that small images can be seen."""
_LETTERS_AN_IMAGE = 24
_MOST_LINES = 16
_LETTERS_AN_INCH = 16
_RED = ListedColormap(["red"])
_MOST_RED = 0.7
"""How little is seen of an image under the highest part of a map."""


def tiled(images: np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Images [rows, H, W, C] in [0, 1] as one uint8 [height, width, C], `columns` a row, a white pixel between them."""
    rows, height, width, channels = images.shape
    columns = min(columns, rows)
    lines = -(-rows // columns)
    pixels = np.round(255 * np.clip(images, 0.0, 1.0)).astype(np.uint8)
    padded = np.pad(pixels, ((0, lines * columns - rows), (0, 1), (0, 1), (0, 0)), constant_values=255)
    grid = padded.reshape(lines, columns, height + 1, width + 1, channels).swapaxes(1, 2)
    return grid.reshape(lines * (height + 1), columns * (width + 1), channels)[:-1, :-1]


def draw_tiled(ax: Axes, images: np.ndarray, columns: int = COLUMNS) -> None:
    """Draw tiled images into axes without ticks; two channels are shown by their mean."""
    grid = tiled(images, columns)
    ax.imshow(grid if grid.shape[-1] == 3 else grid.mean(axis=-1), cmap="gray", vmin=0, vmax=255)
    ax.set_anchor("N")  # right under the title, wherever there is room left
    ax.tick_params(length=0, labelsize=8)
    ax.set(xticks=[], yticks=[])


def mosaic(images: np.ndarray, columns: int = COLUMNS) -> Image.Image:
    """Tiled images as a Pillow image, enlarged to a visible size; two channels are shown by their mean."""
    grid = tiled(images, columns)
    grid = grid if grid.shape[-1] == 3 else grid.mean(axis=-1).round().astype(np.uint8)
    times = max(1, -(-_SIDE // max(grid.shape[:2])))
    return Image.fromarray(grid.repeat(times, axis=0).repeat(times, axis=1))


def image_grid(images: np.ndarray, titles: Sequence[str], title: str = "", columns: int = 5) -> Figure:
    """Images [rows, height, width, channels], uint8 or in [0, 1], each under its title, so many beside each other."""
    figure, axes = new_panels(len(images), columns, (1.9, 2.0), around=(0.0, 0.4), least=TITLE_WIDTH)
    highest = 255 if images.dtype == np.uint8 else 1
    for ax, image, text in zip(axes.flat, images, titles, strict=False):
        ax.set_axis_off()
        ax.imshow(image.squeeze(), cmap="gray" if image.shape[-1] == 1 else None, vmin=0, vmax=highest)
        ax.set_title(textwrap.fill(text, _LETTERS_AN_IMAGE), fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def looked_at(image: np.ndarray, looks: np.ndarray, title: str) -> Figure:
    """An image [height, width, channels] under each of the maps [blocks, heads, down, across], a panel a head.

    A map covers the image, the redder the more of its sum lies there: most red is the highest part of all maps.
    """
    blocks, heads = looks.shape[:2]
    titles = [f"block {block + 1}, head {head + 1}" for block, head in np.ndindex(blocks, heads)]
    figure = image_grid(image[None].repeat(len(titles), axis=0), titles, title, heads)
    for ax, look in zip(figure.axes, looks.reshape(-1, *looks.shape[2:]), strict=False):
        red, extent = look / looks.max(), ax.images[0].get_extent()
        ax.imshow(red, cmap=_RED, alpha=_MOST_RED * red, extent=extent, interpolation="nearest")
    return figure


def class_grid(images: np.ndarray, labels: np.ndarray, names: Sequence[str], title: str, side: float) -> Figure:
    """Images [rows, height, width, channels] in [0, 1] of the classes `labels`; `side` inches are the longer side.

    Each line is of one class, whose name stands beside it, as many of each class as the rarest one has. Of more than 16
    classes every image is under its name.
    """
    classes = np.unique(labels)
    if len(classes) > _MOST_LINES:
        return _named_grid(images, [names[label] for label in labels], title, side)
    each = np.bincount(labels)[classes].min()
    columns = min(COLUMNS, each)
    lines = each // columns
    chosen = np.concatenate([np.flatnonzero(labels == one)[: lines * columns] for one in classes])
    height, width = lines * len(classes) * images.shape[1], columns * images.shape[2]
    scale = side / max(height, width)
    figure, ax = new_figure(max(width * scale + 1.2, TITLE_WIDTH / 2), height * scale + 0.4)
    draw_tiled(ax, images[chosen], columns)
    step = lines * (images.shape[1] + 1)
    class_ticks(ax, "y", [names[one] for one in classes], [step * (i + 0.5) - 1 for i in range(len(classes))])
    figure.suptitle(title, fontsize=11)
    return figure


def _named_grid(images: np.ndarray, titles: Sequence[str], title: str, side: float) -> Figure:
    height, width = images.shape[1:3]
    above = 1 + width // 5
    figure, ax = new_figure(side, 0.4 + side * (height + above) / width * -(-len(images) // COLUMNS) / COLUMNS)
    draw_tiled(ax, np.pad(images, ((0, 0), (above, 0), (0, 0), (0, 0)), constant_values=1.0))
    for i, text in enumerate(titles):
        at = (i % COLUMNS + 0.5) * (width + 1) - 1, i // COLUMNS * (height + above + 1) + 0.85 * above
        ax.text(*at, cut(text, int(side / COLUMNS * _LETTERS_AN_INCH)), ha="center", va="baseline", fontsize=6)
    figure.suptitle(title, fontsize=11)
    return figure


def weights(kernels: np.ndarray, names: Sequence[str]) -> Figure:
    """Weights of pixels [rows, height, width, channels], under the names of the rows; channels by their mean."""
    shown = kernels.mean(axis=-1)
    figure, axes = new_panels(len(shown), 5, (1.7, 1.9), around=(0.0, 0.4), least=TITLE_WIDTH)
    highest = float(np.abs(shown).max()) or 1.0
    for ax, one, name in zip(axes.flat, shown, names, strict=False):
        ax.set_axis_off()
        ax.imshow(one, cmap="RdBu_r", vmin=-highest, vmax=highest)
        ax.set_title(cut(name, _LETTERS_AN_IMAGE), fontsize=8)
    figure.suptitle("Weights of the pixels: red adds to the answer, blue takes from it", fontsize=10)
    return figure


def filters(kernel: np.ndarray) -> Figure:
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
