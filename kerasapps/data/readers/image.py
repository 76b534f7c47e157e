"""Pictures in image files as viewers show them: turned as EXIF says, colours converted, never resized.

Where the model knows no transparency, a picture lies on black, since what is drawn is light on dark.
"""

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
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK")


def read_rows(path: Path, column: Column) -> np.ndarray:
    """uint8 [1, height, width, channels]; raises DataError for another size, or other than 8 bits a channel."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            _check_before(path, picture, column)
            upright = ImageOps.exif_transpose(picture)
            _check_size(path, upright.size, column)
            return _pixels(path, upright, _MODES[column.shape[2]]).reshape(1, *column.shape)
    except DataError:
        raise
    except Exception as error:  # what PIL raises for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole {path.suffix.lower()} file.") from error


def _check_before(path: Path, picture: "Image.Image", column: Column) -> None:
    """Raise DataError for a picture that would not serve, from its header, before memory is spent on its pixels."""
    if sorted(picture.size) != sorted(column.shape[:2]):
        _check_size(path, picture.size, column)
    if picture.mode not in _EIGHT_BIT_MODES or column.shape[2] not in _MODES:
        raise DataError(
            f"{path} has the mode {picture.mode}. Expected 8 bits a channel, in grey, RGB or CMYK, for a model of "
            f"{' or '.join(map(str, _MODES))} channels; it has {column.shape[2]}. Save the picture with 8 bits."
        )


def _check_size(path: Path, size: tuple[int, int], column: Column) -> None:
    height, width, _ = column.shape
    if size != (width, height):
        raise DataError(
            f"{path} is {size[0]} wide and {size[1]} high. Expected {width} wide and {height} high: "
            "cut or resize it as the training images were."
        )


def _pixels(path: Path, picture: "Image.Image", mode: str) -> np.ndarray:
    """uint8 [height, width] or [height, width, channels]; raises DataError where transparency hides all there is."""
    from PIL import Image

    if mode == "RGBA" or not picture.has_transparency_data:
        return np.asarray(picture.convert(mode))
    picture = picture.convert("RGBA")
    shown = Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture)
    alpha = np.asarray(picture)[..., 3]
    if alpha.min() < alpha.max() and not np.asarray(shown)[..., :3].any():
        raise DataError(
            f"{path} is black where it is not transparent, and transparent is read as black. Expected light on dark, "
            "or a picture without transparency: put it on a background."
        )
    return np.asarray(shown.convert(mode))
