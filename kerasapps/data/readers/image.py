"""Pictures in image files as viewers show them: turned as EXIF says, colours converted, and resized where need be."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kerasapps.data.readers import of_each
from kerasapps.data.spec import Column
from kerasapps.errors import ConfigError, DataError

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
KINDS = ("image",)
WHAT = f"image files ({', '.join(SUFFIXES)})"
LARGEST_AS_IT_IS = 128
"""Pixels of a side up to which files of one size are not resized where nothing else is said."""
_SIDE, _LEAST, _STEP = 64, 8, 4
"""Else images are squares of so many pixels a side, or of fewer where most files are smaller, in such steps."""
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "I")
_READ_MODES = (*_GREY_MODES, "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr")
_ORIENTATION, _FIRST_TURNED = 0x0112, 5
"""EXIF's tag of how a picture is turned, and the first of its values that swap height and width."""
_16_BITS = 0xFFFF


class Picture(NamedTuple):
    """pixels: uint8 [height, width, channels], as a model takes them. size: width and height before it was resized."""

    pixels: np.ndarray
    size: tuple[int, int]


def read_picture(path: Path, column: Column, background: Sequence[int] = (0, 0, 0)) -> Picture:
    """The picture in a file, of the column's shape; `background` is the colour (RGB) behind what is transparent.

    It is resized by Pillow's bilinear filter, which looks at all pixels of a larger picture, height and width by
    themselves. 16 bits of grey become 8. Of several frames the first counts. A model of four channels has transparency
    itself. Raises DataError naming a file that cannot be read, or of which nothing is to be seen on this background.
    """
    from PIL import Image, ImageOps

    height, width, channels = column.shape
    if channels not in _MODES:
        raise ConfigError(f"{path}: the model takes images of {channels} channels. Expected 1, 3 or 4 for image files.")
    with _opened(path) as picture:
        size = _upright(picture)
        # A JPEG file is decoded smaller where that is enough: a photo in a tenth of the time.
        picture.draft(None, (2 * max(height, width),) * 2)
        seen = _converted(path, ImageOps.exif_transpose(picture), _MODES[channels], tuple(background))
        if seen.size != (width, height):
            seen = seen.resize((width, height), Image.Resampling.BILINEAR)
        return Picture(np.asarray(seen).reshape(column.shape), size)


def read_rows(path: Path, column: Column) -> np.ndarray:
    """uint8 [1, height, width, channels], transparent parts on white; raises DataError as read_picture does."""
    return read_picture(path, column, (255, 255, 255)).pixels[None]


def choose_column(
    paths: Sequence[Path], image_size: Sequence[int] | None = None, channels: int | None = None
) -> tuple[Column, str]:
    """The column that suits these files by their headers, and what is said of that choice.

    image_size: of both sides, or height and width; None = that of the files where they have one and it is at most 128,
    else the median of their shorter sides as a multiple of 4, at most 64. channels: None = 1 where all are grey, else
    3. Raises DataError naming a file that is no image, ConfigError for another number of channels.
    """
    if channels not in (None, 1, 3):
        raise ConfigError(f"channels={channels}: expected 1 for grey images, or 3 for coloured ones.")
    sizes, are_grey = zip(*of_each(_header, paths), strict=True)
    height, width = (*image_size, *image_size)[:2] if image_size else _suited_size(sizes)
    depth = channels or (1 if all(are_grey) else 3)
    least, most = (f"{wide} x {high}" for wide, high in (min(sizes, key=math.prod), max(sizes, key=math.prod)))
    found = f"of {least}" if least == most else f"from {least} to {most}"
    size = f"{height}" if height == width else f"{height} {width}"
    kept = "are kept as they are" if {(width, height)} == {*sizes} else f"become {width} x {height}"
    colours = "in colour" if depth == 3 else "in grey"
    said = f"{len(paths):,} images {found} pixels {kept}, {colours} (--image-size {size} --channels {depth})."
    return Column("image", "image", (height, width, depth)), said


def _suited_size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Height and width."""
    width, height = sizes[0]
    if len(set(sizes)) == 1 and max(sizes[0]) <= LARGEST_AS_IT_IS:
        return height, width
    side = _STEP * round(float(np.median([min(size) for size in sizes])) / _STEP)
    return (min(_SIDE, max(_LEAST, side)),) * 2


def _header(path: Path) -> tuple[tuple[int, int], bool]:
    """Width and height, and whether it is grey."""
    with _opened(path) as picture:
        return _upright(picture), picture.mode in _GREY_MODES


@contextmanager
def _opened(path: Path) -> Iterator["Image.Image"]:
    """The picture in a file, of which the header is read; raises DataError for what cannot be read later on, too."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if picture.mode not in _READ_MODES:
                raise DataError(
                    f"{path} has the mode {picture.mode}. Expected grey of 8 or 16 bits, or colours of 8 bits: save "
                    "the picture so."
                )
            yield picture
    except DataError:
        raise
    except Exception as error:  # what PIL raises for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole {path.suffix.lower()} file.") from error


def _upright(picture: "Image.Image") -> tuple[int, int]:
    """Width and height as it is seen."""
    turned = picture.format != "PNG" or "exif" in picture.info  # else all of a PNG file would be read to look for it
    if turned and picture.getexif().get(_ORIENTATION, 1) >= _FIRST_TURNED:
        return picture.height, picture.width
    return picture.size


def _converted(path: Path, picture: "Image.Image", mode: str, background: tuple[int, ...]) -> "Image.Image":
    """The picture in `mode`; raises DataError where transparency hides all there is."""
    from PIL import Image

    if picture.mode.startswith("I"):
        picture = _eight_bits(path, picture)
    if mode == "RGBA" or not picture.has_transparency_data:
        return picture.convert(mode)
    picture = picture.convert("RGBA")
    behind = Image.new("RGBA", picture.size, (*background, 255))
    shown = Image.alpha_composite(behind, picture)
    alpha = np.asarray(picture)[..., 3]
    if alpha.min() < alpha.max() and shown.tobytes() == behind.tobytes():
        colour = {0: "black", 765: "white"}.get(sum(background), f"of the colour {background}")
        raise DataError(
            f"{path} is {colour} where it is not transparent, and so is what is shown where it is. Expected a picture "
            "that can be seen on that: put it on another background, and save it without transparency."
        )
    return shown.convert(mode)


def _eight_bits(path: Path, picture: "Image.Image") -> "Image.Image":
    """Grey of 16 bits, 0 to 65535, in 8; raises DataError for more bits."""
    from PIL import Image

    values = np.asarray(picture).astype(np.int64)
    if values.min() < 0 or values.max() > _16_BITS:
        raise DataError(f"{path} has values from {values.min()} to {values.max()}. Expected 0 to {_16_BITS}.")
    return Image.fromarray(np.rint(values * (255 / _16_BITS)).astype(np.uint8))
