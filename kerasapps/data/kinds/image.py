"""Images: uint8 [rows, height, width, channels], 0 to 255, which become [0, 1].

As a sequence, rows are steps [height, width * channels]; as a vector they are flattened.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.readers import read_rows
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras

dtype, forms = "uint8", ("image", "sequence", "vector")


def read(column: Column, given: Sequence[str], where: Callable[[int], str] | None = None) -> np.ndarray:
    """The rows of files, one file behind the other."""
    return np.concatenate([read_rows(Path(path), column) for path in given])


of_texts = read


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
