"""What lies at the borders of images: the background that training images have, and images that are far from it."""

from collections.abc import Sequence

import numpy as np

ROWS = 1000
"""Training images that are enough to know the background."""
_EVEN = 32.0
"""Standard deviation of the borders' brightness up to which images count as ones on the same background."""
_FAR = 96.0
"""Difference in brightness, of 255, from which a border may be one of an inverted image."""
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)


def border_colours(images: np.ndarray) -> np.ndarray:
    """Median of the outermost pixels of images uint8 [rows, height, width, channels], by channel: [rows, channels]."""
    sides = (images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1])
    return np.median(np.concatenate(sides, axis=1), axis=1)


class Borders:
    """[median colour of the borders, channel by channel, standard deviation of their brightness] of the first rows."""

    def __init__(self) -> None:
        self._colours: list[np.ndarray] = []

    def add(self, values: np.ndarray) -> None:
        """Take in a piece."""
        self._colours += [*border_colours(values[: ROWS - len(self._colours)])]

    def result(self) -> list[float]:
        """Numbers from 0 to 255."""
        colours = np.stack(self._colours)
        return [*np.median(colours, axis=0).tolist(), float(colours.mean(axis=1).std())]


def background(fitted: Sequence[float]) -> tuple[int, int, int]:
    """The colour (RGB) that transparent parts of an image are put on: that of the borders where all have the same.

    Else it is white, on which image files of a folder are put. It is black where nothing was fitted, as in runs of
    earlier versions.
    """
    if not fitted:
        return _BLACK
    *colour, deviation = fitted
    if deviation > _EVEN:
        return _WHITE
    red, green, blue = colour[:3] if len(colour) >= 3 else colour[:1] * 3
    return round(red), round(green), round(blue)


def is_inverted(images: np.ndarray, fitted: Sequence[float]) -> np.ndarray:
    """Whether each image looks inverted beside the training images, bool [rows].

    Their borders are far from those of training, which are alike, and nearer to them once black is white.
    """
    if not fitted or fitted[-1] > _EVEN or not len(images):
        return np.zeros(len(images), bool)
    usual, found = np.mean(fitted[:-1]), border_colours(images).mean(axis=1)
    return (np.abs(found - usual) > _FAR) & (np.abs(255 - found - usual) < np.abs(found - usual))
