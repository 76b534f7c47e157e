"""Images: uint8 [rows, height, width, channels], 0 to 255, which become [0, 1].

As a sequence, rows are steps [height, width * channels]; as a vector they are flattened.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._borders import ROWS, Borders, background, is_inverted
from kerasapps.data.readers import image as pictures
from kerasapps.data.readers import read_rows
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions
from kerasapps.streams import say

if TYPE_CHECKING:
    import keras

_MIDDLE = 127.5
dtype, forms, rows_to_fit = "uint8", ("image", "sequence", "vector"), ROWS


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Borders:
    """What is at the borders of the images, by which `read` knows their background."""
    return Borders()


def read(column: Column, given: Sequence[str], fitted: list) -> np.ndarray:
    """The images of files, one file behind the other; pictures of another size are resized, on the same background.

    What may not be meant is said on stderr: that pictures were resized, and that images look inverted.
    """
    found = [_read(Path(path), column, fitted) for path in given]
    wanted = f"{column.shape[1]} x {column.shape[0]}"
    resized = [f"{path} is {size}" for path, (_, size) in zip(given, found, strict=True) if size != wanted]
    if resized:
        say(f"{_first(resized)}; resized to {wanted}, as the training images.")
    strange = [path for path, (rows, _) in zip(given, found, strict=True) if is_inverted(rows, fitted).any()]
    if strange:
        light, dark = ("dark", "light") if np.mean(fitted[:-1]) > _MIDDLE else ("light", "dark")
        say(
            f"warning: {_first(strange)} looks inverted beside the training images, which are {light} on {dark}. "
            "Invert it, or the answer means little."
        )
    return np.concatenate([rows for rows, _ in found])


def _read(path: Path, column: Column, fitted: list) -> tuple[np.ndarray, str]:
    """The images of a file, and the width and height that they had."""
    if path.suffix.lower() not in pictures.SUFFIXES:
        return read_rows(path, column), f"{column.shape[1]} x {column.shape[0]}"
    picture = pictures.read_picture(path, column, background(fitted))
    return picture.pixels[None], f"{picture.size[0]} x {picture.size[1]}"


def _first(said: Sequence[str]) -> str:
    """The first of several, and how many more there are."""
    return said[0] + f" (and {len(said) - 1:,} more)" * (len(said) > 1)


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """The images of the files that cells name."""
    return read(column, texts, [])


def save(column: Column, value: np.ndarray, path: Path) -> str:
    """A PNG file."""
    from PIL import Image

    if column.shape[2] not in (1, 3, 4):
        return ""
    path = path.with_suffix(".png")
    Image.fromarray(value[:, :, 0] if column.shape[2] == 1 else value).save(path)
    return path.name


def grid_shape(form: Form, height: int, width: int, channels: int) -> tuple[int, ...]:
    """Shape of a grid: as it is, with rows as steps, or flat."""
    shapes = {"image": (height, width, channels), "sequence": (height, width * channels)}
    return shapes.get(form, (height * width * channels,))


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """All rows, unless the pixels are uint8."""
    return np.array([], int) if values.dtype == np.uint8 else None, "uint8, 0 to 255"


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """An image, rows of it as steps, or all pixels."""
    return Field(column.name, form, grid_shape(form, *column.shape), (column.name,))


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """[batch, height, width, channels] -> the same in [0, 1]."""
    import keras

    return [keras.ops.cast(inputs[0], "float32") / 255.0]
