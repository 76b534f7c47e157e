"""Arrays of images in .npy files."""

import math
from pathlib import Path

import numpy as np

from kerasapps.data.spec import Column
from kerasapps.errors import DataError

SUFFIXES, KINDS, WHAT = (".npy",), ("image",), ".npy arrays of images"


def read_rows(path: Path, column: Column) -> np.ndarray:
    """uint8 [rows, height, width, channels] of one image or many; one channel may be left out. Raises DataError."""
    try:
        # Mapped, so that the header is compared with the file's size, and with what is wanted, before memory is spent.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # what NumPy raises for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole .npy file.") from error
    shapes = [column.shape] + ([column.shape[:-1]] if column.shape[-1] == 1 else [])
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        raise DataError(f"{path} holds {getattr(array, 'dtype', 'no array')}. Expected uint8, 0 to 255.")
    if array.shape not in shapes and array.shape[1:] not in shapes:
        raise DataError(f"{path} has the shape {array.shape}. Expected (rows, {', '.join(map(str, column.shape))}).")
    return np.array(array).reshape(array.size // math.prod(column.shape), *column.shape)
