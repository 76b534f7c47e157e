"""Sound as pictures: log-mel spectrograms."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.data.sound import FULL_SCALE, LOWEST_RATE
from kerasapps.errors import DataError
from kerasapps.tensors import Shape, Tensor

WINDOW_SECONDS, HOP_SECONDS = 0.025, 0.010
BANDS = 64
LOWEST_HERTZ = 20.0
QUIETEST_DECIBELS = -100.0


def frames(samples: int, rate: int) -> int:
    """Frames of a spectrogram: windows that lie wholly within the sound; raises DataError where there is none."""
    window, hop = window_and_hop(rate)
    if samples < window:
        raise DataError(
            f"A sound of {samples} samples, {rate} a second, is shorter than a window of {WINDOW_SECONDS:g} s. "
            f"Expected at least {window} samples: give longer sounds."
        )
    return 1 + (samples - window) // hop


def window_and_hop(rate: int) -> tuple[int, int]:
    """Samples of a window, and from one window to the next; raises DataError for a rate below 1,000 a second."""
    if rate < LOWEST_RATE:
        raise DataError(f"A sound has {rate} samples a second. Expected at least {LOWEST_RATE:,}.")
    return round(WINDOW_SECONDS * rate), round(HOP_SECONDS * rate)


def centres(rate: int) -> np.ndarray:
    """Hz at which each band is widest open, [bands]: evenly spaced in mel."""
    low, high = 2595 * np.log10(1 + np.array([LOWEST_HERTZ, rate / 2]) / 700)
    return 700 * (10 ** (np.linspace(low, high, BANDS + 2)[1:-1] / 2595) - 1)


class LogMelSpectrogram(keras.layers.Layer):
    """Energy in 64 mel bands, 25 ms at a time, every 10 ms, in decibels.

    The mel scale is HTK's (O'Shaughnessy 1987), 2595 log10(1 + f / 700), its bands triangles; windows are Hann's. The
    bands of a sine of full scale have 0 dB together; -100 dB and all below become 0, 0 dB and all above become 1. Each
    sound is seen by itself, whatever else is in the batch.
    """

    def __init__(self, rate: int, **kwargs: object) -> None:
        """rate: samples a second."""
        super().__init__(**kwargs)
        self.rate = rate

    def call(self, inputs: Tensor) -> tf.Tensor:
        """int16 [batch, samples] -> float32 [batch, frames, bands]; raises DataError for sounds without a window."""
        window, hop = window_and_hop(self.rate)
        frames(inputs.shape[1], self.rate)
        length = 2 ** (window - 1).bit_length()
        with tf.init_scope():  # as numbers, since what a graph computes of constants may have other last bits
            hann = tf.signal.hann_window(window).numpy()
            bands = tf.signal.linear_to_mel_weight_matrix(
                BANDS, length // 2 + 1, self.rate, LOWEST_HERTZ, self.rate / 2
            ).numpy()
        sounds = tf.cast(inputs, tf.float32) / FULL_SCALE
        spectrum = tf.signal.stft(sounds, window, hop, length, lambda *_, **__: hann)
        # Parseval: half of length * mean square of a sine, 1/2, * that of Hann's window, 3/8, * window.
        power = tf.square(tf.abs(spectrum)) * (32 / (3 * length * window))
        energy = tf.maximum(tf.matmul(power, bands), 1e-20)
        # Single products: several constants would be joined in a graph, whose streamed rows then had other last bits.
        values = 1 + tf.math.log(energy) * (-10 / math.log(10) / QUIETEST_DECIBELS)
        return tf.clip_by_value(values, 0.0, 1.0)

    def compute_output_shape(self, input_shape: tuple[int | None, int]) -> Shape:
        """[batch, frames, bands]."""
        return (input_shape[0], frames(input_shape[1], self.rate), BANDS)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "rate": self.rate}
