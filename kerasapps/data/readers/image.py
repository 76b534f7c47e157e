"""Pictures in image files: colours converted, never resized."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.spec import Column
from kerasapps.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES, KINDS = (".png", ".jpg", ".jpeg"), ("image",)
WHAT = f"image files ({', '.join(SUFFIXES)})"
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")


def read_rows(path: Path, column: Column) -> np.ndarray:
    """uint8 [1, height, width, channels]; raises DataError for another size, or other than 8 bits a channel."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            _check(path, picture, column)
            return np.asarray(picture.convert(_MODES[column.shape[2]]), np.uint8).reshape(1, *column.shape)
    except DataError:
        raise
    except Exception as error:  # what PIL raises for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole {path.suffix.lower()} file.") from error


def _check(path: Path, picture: "Image.Image", column: Column) -> None:
    height, width, channels = column.shape
    if picture.size != (width, height):
        raise DataError(
            f"{path} is {picture.width} wide and {picture.height} high. Expected {width} wide and {height} high: "
            "cut or resize it as the training images were."
        )
    if picture.mode not in _EIGHT_BIT_MODES or channels not in _MODES:
        raise DataError(f"{path} has the mode {picture.mode}. Expected 8 bits a channel.")
