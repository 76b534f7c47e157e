"""Sounds as NumPy arrays: another rate, another length, 16 bits."""

import math

import numpy as np

FULL_SCALE = 32768
"""Of int16; sounds in real numbers are between -1 and 1."""


LOWEST_RATE = 1000
"""Samples a second, below which there is no speech to speak of."""


def resample(sound: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """float64 [..., samples] of `rate` samples a second -> the same at `wanted` samples a second.

    By a polyphase filter with linear phase (scipy.signal.resample_poly), which leaves out what the lower of both rates
    cannot hold.
    """
    if rate == wanted:
        return np.asarray(sound, np.float64)
    from scipy.signal import resample_poly

    common = math.gcd(rate, wanted)
    return resample_poly(np.asarray(sound, np.float64), wanted // common, rate // common, axis=-1)


def fit_length(sound: np.ndarray, samples: int) -> np.ndarray:
    """The first `samples` of a sound [n]; a shorter one is padded behind with 0."""
    return np.pad(sound[:samples], (0, max(0, samples - len(sound))))


def to_int16(sound: np.ndarray) -> np.ndarray:
    """Reals between -1 and 1, rounded; what is beyond is clipped."""
    return np.clip(np.rint(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
