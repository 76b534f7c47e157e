"""Log-mel spectrograms against the discrete Fourier transform in NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data.spec import Column, Spec
from kerasapps.data.spectrogram import BANDS, LogMelSpectrogram, centres, frames
from kerasapps.errors import DataError

RATE = 16_000
RANDOM = np.random.default_rng(0)


def spectrogram(sounds: np.ndarray, rate: int = RATE) -> np.ndarray:
    return LogMelSpectrogram(rate)(tf.constant(sounds)).numpy()


def mel(hertz: np.ndarray) -> np.ndarray:
    return 1127 * np.log(1 + np.asarray(hertz) / 700)


def by_hand(sound: np.ndarray, rate: int, window: int, hop: int, length: int) -> np.ndarray:
    """Decibels [frames, bands] in float64: windows one after the other, triangles one band after the other."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    starts = range(0, len(sound) - window + 1, hop)
    spectra = [np.fft.rfft(hann * sound[start : start + window] / 32768, length) for start in starts]
    at = mel(np.arange(length // 2 + 1) * rate / length)
    edges = np.linspace(mel(20), mel(rate / 2), BANDS + 2)
    triangles = [
        np.maximum(0, np.minimum((at - low) / (middle - low), (high - at) / (high - middle)))
        for low, middle, high in zip(edges, edges[1:], edges[2:], strict=False)
    ]
    sine = np.abs(np.fft.rfft(hann * np.sin(2 * np.pi * 0.25 * np.arange(window)), length)) ** 2
    energy = np.abs(spectra) ** 2 @ np.transpose(triangles) / sine.sum()
    with np.errstate(divide="ignore"):
        return 10 * np.log10(energy)


SIZES = {16_000: (400, 160, 512), 8_000: (200, 80, 256), 11_025: (276, 110, 512), 44_100: (1102, 441, 2048)}


@pytest.mark.parametrize("rate", SIZES)
def test_it_is_what_the_equations_say_at_every_rate(rate: int) -> None:
    """A sine that rises, in noise, so that all bands have something."""
    time = np.arange(rate) / rate
    sound = 0.4 * np.sin(2 * np.pi * time * time * rate / 5) + 0.01 * RANDOM.normal(size=rate)
    sound = np.rint(32767 * np.clip(sound, -1, 1)).astype(np.int16)
    expected = np.clip(by_hand(sound, rate, *SIZES[rate]), -100, 0)
    got = spectrogram(sound[None], rate)
    assert got.shape == (1, frames(rate, rate), BANDS)
    assert np.mean(expected > -80) > 0.99
    np.testing.assert_allclose(100 * got[0] - 100, expected, atol=0.02)


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 4321.0])
def test_the_bands_of_a_sine_of_full_scale_have_0_decibels_together(hertz: float) -> None:
    sine = np.rint(32767 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.int16)
    values = spectrogram(sine[None])[0]
    energy = 10 ** ((100 * values.astype(np.float64) - 100) / 10)
    np.testing.assert_allclose(10 * np.log10(energy.sum(axis=1)), 0, atol=0.05)
    loudest = values.argmax(axis=1)
    assert set(loudest) == {np.abs(mel(centres(RATE)) - mel(hertz)).argmin()}


def test_silence_is_0_and_nothing_is_above_1() -> None:
    """Square waves have more energy than a sine."""
    squares = [np.where(np.arange(RATE) // half % 2, 32767, -32768) for half in (2, 3, 4, 8)]
    silent, *loud = spectrogram(np.array([np.zeros(RATE), *squares]).astype(np.int16))
    np.testing.assert_array_equal(silent, 0)
    assert np.max(loud) == 1


def test_ten_times_quieter_is_20_decibels_less() -> None:
    noise = RANDOM.normal(0, 3000, RATE)
    loud, quiet = spectrogram(np.rint([noise, noise / 10]).astype(np.int16))
    np.testing.assert_allclose(100 * (loud - quiet), 20, atol=0.5)
    assert np.mean(100 * (loud - quiet)) == pytest.approx(20, abs=0.02)


def test_each_sound_is_seen_by_itself() -> None:
    sounds = RANDOM.integers(-9000, 9000, (5, RATE)).astype(np.int16)
    together, alone = spectrogram(sounds), np.concatenate([spectrogram(sound[None]) for sound in sounds])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_graph_gives_the_same_bits_and_xla_nearly() -> None:
    sounds = tf.constant(RANDOM.integers(-9000, 9000, (9, RATE)).astype(np.int16))
    layer = LogMelSpectrogram(RATE)
    np.testing.assert_array_equal(tf.function(layer)(sounds), layer(sounds))
    np.testing.assert_allclose(tf.function(layer, jit_compile=True)(sounds), layer(sounds), atol=1e-5)


@pytest.mark.parametrize(("samples", "expected"), [(400, 1), (559, 1), (560, 2), (16_000, 98)])
def test_frames_are_the_windows_that_lie_within(samples: int, expected: int) -> None:
    assert frames(samples, RATE) == expected
    assert spectrogram(np.ones((2, samples), np.int16)).shape == (2, expected, BANDS)


def test_sounds_without_a_window_are_refused() -> None:
    with pytest.raises(DataError, match=r"399 samples, 16000 a second, is shorter .* at least 400 samples"):
        spectrogram(np.ones((1, 399), np.int16))
    spec = Spec((Column("audio", "audio", (399,), rate=RATE),), None)
    with pytest.raises(DataError, match="at least 400 samples"):
        adapt(spec, "image", {}).layout  # noqa: B018
    with pytest.raises(DataError, match="40 samples a second. Expected at least 1,000"):
        frames(40, 40)


@pytest.mark.parametrize(("kind", "shape"), [("image", (98, BANDS, 1)), ("sequence", (98, BANDS))])
def test_preprocessing_lays_it_out_as_image_or_sequence(kind: str, shape: tuple) -> None:
    sounds = RANDOM.integers(-9000, 9000, (3, RATE)).astype(np.int16)
    preprocess = adapt(Spec((Column("audio", "audio", (RATE,), rate=RATE),), None), kind, {})
    assert preprocess.layout.only.shape == shape
    np.testing.assert_array_equal(
        preprocess.layout.given(preprocess.apply({"audio": sounds})), spectrogram(sounds).reshape(3, *shape)
    )
