"""Sounds: int16 [rows, samples], one channel of `rate` samples a second, which become log-mel spectrograms.

As an image, a spectrogram is [frames, bands, 1]; as a sequence, frames are steps.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part, image
from kerasapps.data.readers import read_rows
from kerasapps.data.sound import fit_length
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import keras

dtype, forms = "int16", ("image", "sequence")


def read(column: Column, given: Sequence[str], fitted: list) -> np.ndarray:
    """The beginnings of the sounds in files, one file behind the other."""
    return np.concatenate([read_rows(Path(path), column) for path in given])


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """The sounds of the files that table cells name, as `read` returns them."""
    return read(column, texts, [])


def save(column: Column, value: np.ndarray, path: Path) -> str:
    """A WAV file."""
    import soundfile

    path = path.with_suffix(".wav")
    soundfile.write(path, value, column.rate)
    return path.name


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """All rows, unless the samples are int16."""
    return np.array([], int) if values.dtype == np.int16 else None, "int16 samples"


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """Frames and bands of the log-mel spectrogram, in this form."""
    from kerasapps.data.spectrogram import BANDS, frames

    shape = image.grid_shape(form, frames(column.shape[0], column.rate), BANDS, 1)
    return Field(column.name, form, shape, (column.name,))


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """[batch, samples] -> the log-mel spectrogram of each sound."""
    from kerasapps.data.spectrogram import LogMelSpectrogram

    return [LogMelSpectrogram(parts[0].column.rate)(inputs[0])]


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """int16 [rows, samples], cut or padded behind; raises DataError for other samples than of 16 bits."""
    return np.stack([_sound(samples, column) for samples in values])


def _sound(samples: np.ndarray, column: Column) -> np.ndarray:
    """The first second of a sound [n] or [n, channels], int16; raises DataError where 16 bits do not hold it."""
    first = samples[: column.shape[0]]
    if first.ndim > 1:
        first = np.rint(first.mean(axis=1))
    limits = np.iinfo(np.int16)
    if first.dtype.kind not in "iuf" or np.any((first < limits.min) | (first > limits.max)):
        raise DataError(f"column {column.name} holds other samples than of 16 bits. Expected -32768 to 32767.")
    return fit_length(first.astype(np.int16), column.shape[0])
