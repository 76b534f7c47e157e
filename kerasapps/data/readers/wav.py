"""Sounds from WAV files, of which no more is read than is needed."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.readers import of_each
from kerasapps.data.sound import LOWEST_RATE, fit_length, resample, to_int16
from kerasapps.data.spec import Column
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import soundfile

SUFFIXES, KINDS, WHAT = (".wav",), ("audio",), ".wav files"
HIGHEST_RATE = 384_000
MOST_CHANNELS = 32
_FORMATS, _SAMPLES = ("WAV", "WAVEX"), ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
_CUT_OFF = re.compile(r"^data\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
"""What libsndfile notes of samples that a header promises and a file does not have."""
_UNKNOWN_SIZES = (0xFFFFFFFF, 0x80000000, 0x7FFFF000)
"""What ffmpeg, arecord and sox promise when they write to a pipe, and so cannot know how much will follow."""
_LOUDEST = 4.0
"""Real numbers may be somewhat beyond 1, and are clipped; far beyond it they are of another scale."""
_MARGIN_SECONDS = 0.05
"""Read beyond the end of what is wanted, since resampling looks ahead."""
_HIGHEST_CHOSEN = 16_000
_SHARE_HELD, _SHORTEST, _LONGEST = 0.95, 0.1, 10.0
_WANTED = "Expected a WAV file of 8, 16, 24 or 32 bits, or of real numbers from -1 to 1, such as sox and ffmpeg write."


def read_wav(path: Path, samples: int, rate: int) -> np.ndarray:
    """The first `samples` of a WAV file at `rate` samples a second, int16 [samples].

    Channels are averaged, another rate is resampled, a shorter sound is padded behind with silence. Raises DataError
    naming a file that is no WAV file of integers or real numbers, that has none, or whose header says what cannot be.
    """
    with _opened(path) as sound:
        found = sound.samplerate
        channels = sound.read(math.ceil((samples / rate + _MARGIN_SECONDS) * found), always_2d=True)
        _check_samples(channels)
    return fit_length(to_int16(resample(channels.mean(axis=1), found, rate)), samples)


@contextmanager
def _opened(path: Path) -> Iterator["soundfile.SoundFile"]:
    """The sound in a file, of which the header is checked; what fails while it is read is raised as DataError."""
    import soundfile

    try:
        with path.open("rb") as file, soundfile.SoundFile(file) as sound:
            _check(sound)
            yield sound
    except DataError as error:
        raise DataError(f"{path}: {error} {_WANTED}") from error
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "error_string", None) or f"{error.strerror or error}."
        raise DataError(f"{path} cannot be read: {reason} {_WANTED}") from error


def choose_column(paths: Sequence[Path]) -> tuple[Column, str]:
    """The column that suits these files by their headers, and what is said of that choice.

    Its rate is that of most files, at most 16,000 samples a second. It is as long as all but the longest twentieth of
    the files, from a tenth of a second to ten seconds. Raises DataError naming a file that is no usable WAV file.
    """
    rates, seconds = zip(*of_each(_header, paths), strict=True)
    counts = Counter(rates)
    rate = min(max(counts, key=lambda each: (counts[each], each)), _HIGHEST_CHOSEN)
    length = float(np.quantile(seconds, _SHARE_HELD, method="higher"))
    samples = math.ceil(round(min(max(length, _SHORTEST), _LONGEST) * rate, 6))
    longer = sum(each * rate > samples for each in seconds)
    cut = f"longer ones ({longer:,}) are cut, shorter ones are padded" if longer else "shorter ones are padded"
    said = f"{len(paths):,} sounds are read as {samples / rate:.4g} s of {rate:,} samples a second; {cut}."
    return Column("audio", "audio", (samples,), rate=rate), said


def _header(path: Path) -> tuple[int, float]:
    """Samples a second, and seconds."""
    with _opened(path) as sound:
        return sound.samplerate, sound.frames / sound.samplerate


def read_rows(path: Path, column: Column) -> np.ndarray:
    """int16 [1, samples]: the beginning of the sound, as long as the column's; raises DataError."""
    return read_wav(path, column.shape[0], column.rate)[None]


def _check(sound: "soundfile.SoundFile") -> None:
    """Raise DataError for a sound that cannot be used, or not as a whole."""
    if sound.format not in _FORMATS or sound.subtype not in _SAMPLES:
        raise DataError(f"its samples are {sound.format} {sound.subtype}.")
    if sound.channels > MOST_CHANNELS or not LOWEST_RATE <= sound.samplerate <= HIGHEST_RATE:
        raise DataError(f"its header says {sound.channels} channels and {sound.samplerate} samples a second.")
    cut_off = _CUT_OFF.search(sound.extra_info)
    promised, there = map(int, cut_off.groups()) if cut_off else (0, 0)
    if promised and promised not in _UNKNOWN_SIZES:
        raise DataError(f"its header says that it has {promised:,} bytes of sound, but only {there:,} follow.")
    if not sound.frames:
        raise DataError("it has no samples.")


def _check_samples(channels: np.ndarray) -> None:
    """Raise DataError for what integers cannot be, but real numbers can."""
    if not (np.abs(channels) <= _LOUDEST).all():
        raise DataError("it has samples that are no numbers, or far beyond 1.")
