"""Sounds from WAV files (RIFF), of which no more is read than is needed."""

import io
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kerasapps.data.sound import LOWEST_RATE, fit_length, resample, to_int16
from kerasapps.data.spec import Column
from kerasapps.errors import DataError

SUFFIXES, KINDS, WHAT = (".wav",), ("audio",), ".wav files"
HIGHEST_RATE = 384_000
MOST_CHANNELS = 32
_BITS = (8, 16, 24, 32)
_MARGIN_SECONDS = 0.05
"""Read beyond the end of what is wanted, since resampling looks ahead."""
_WANTED = "Expected a WAV file of 8, 16, 24 or 32 bits, such as sox and ffmpeg write."


def read_wav(path: Path, samples: int, rate: int) -> np.ndarray:
    """The first `samples` of a WAV file at `rate` samples a second, int16 [samples].

    Channels are averaged, another rate is resampled, a shorter sound is padded behind with silence. Raises DataError
    naming a file that is no WAV file of integer samples, that has none, or whose header says what cannot be.
    """
    try:
        with path.open("rb") as file:
            found, sound = _decode(file, samples / rate + _MARGIN_SECONDS)
    except DataError as error:
        raise DataError(f"{path}: {error} {_WANTED}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}. {_WANTED}") from error
    return fit_length(to_int16(resample(sound, found, rate)), samples)


def read_rows(path: Path, column: Column) -> np.ndarray:
    """int16 [1, samples]: the beginning of the sound, as long as the column's; raises DataError."""
    return read_wav(path, column.shape[0], column.rate)[None]


def _decode(file: BinaryIO, seconds: float) -> tuple[int, np.ndarray]:
    """Samples a second, and so many seconds of the sound, reals [n] between -1 and 1."""
    form, (start, size) = _find(file)
    _, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if not (0 < channels <= MOST_CHANNELS and LOWEST_RATE <= rate <= HIGHEST_RATE):
        raise DataError(f"its header says {channels} channels and {rate} samples a second.")
    if bits not in _BITS or block != channels * bits // 8:
        raise DataError(f"its header says {bits} bits a sample, {block} bytes for {channels} channels.")
    if size < block:
        raise DataError("it has no samples.")
    file.seek(start)
    data = file.read(min(size, block * math.ceil(seconds * rate)) // block * block)
    return rate, _reals(_values(form, data)).reshape(-1, channels).mean(axis=1)


def _find(file: BinaryIO) -> tuple[bytes, tuple[int, int]]:
    """The chunk "fmt ", and where "data" begins and how many bytes it has; raises DataError where one is missing."""
    form = b""
    for name, start, size in _chunks(file):
        if name == b"fmt " and size >= 16:
            form = file.read(min(size, 64))
        elif name == b"data" and form:
            return form, (start, size)
    raise DataError(f"it has no {'sound' if form else 'format'}.")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and size of each chunk, the file at its start; raises DataError for one beyond the file's end."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise DataError("it does not begin as a WAV file.")
    at = 12
    while at + 8 <= end:
        file.seek(at)
        name, size = struct.unpack("<4sI", file.read(8))
        if at + 8 + size > end:
            raise DataError(
                f"its header says that {name.decode('ascii', 'replace')!r} has {size:,} bytes, but only "
                f"{end - at - 8:,} follow."
            )
        yield name, at + 8, size
        at += 8 + size + size % 2


def _values(form: bytes, data: bytes) -> np.ndarray:
    """What scipy makes of samples `data` in the format `form`: integers, left-justified."""
    from scipy.io import wavfile

    form += b"\0" * (len(form) % 2)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    try:
        return wavfile.read(io.BytesIO(b"RIFF" + struct.pack("<I", len(chunks)) + chunks))[1]
    except Exception as error:  # what it raises for formats that it does not know is no closed list
        raise DataError(f"its format cannot be read: {error}.") from error


def _reals(values: Any) -> np.ndarray:
    """Integers of 8 bits (where 128 is silence), 16 or 32 bits as reals between -1 and 1."""
    if values.dtype.kind not in "iu":
        raise DataError(f"its samples are of the type {values.dtype}.")
    if values.dtype == np.uint8:
        return (values.astype(np.float64) - 128) / 128
    return values / -float(np.iinfo(values.dtype).min)
