"""Masks, shifts and noise of spectrograms: how often and how much, the same in every mode, and what is refused."""

from typing import Any

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from layouts import one_field

from kerasapps.apps.speech import SpeechHparams
from kerasapps.data.masking import Masking, make_augment
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise

MANY = 3000
NOISE = Noise(1, 2)
SOUNDS = one_field("image", (12, 9, 1), Target("classes", 3, ("a", "b", "c")))
ALL = {
    "time_shift_frames": 3,
    "frequency_shift_bands": 1,
    "noise": 0.05,
    "time_mask_frames": 2,
    "frequency_mask_bands": 2,
    "masks": 2,
}


def augmented(inputs: np.ndarray, of_step: Noise = NOISE, **settings: Any) -> np.ndarray:
    """Spectrograms after the augmentation of `settings`."""
    layout = one_field("image", inputs.shape[1:], SOUNDS.target)
    batch = {
        "inputs": {"inputs": tf.constant(inputs, tf.float32)},
        "labels": tf.range(len(inputs)),
        "weights": tf.ones(len(inputs)),
    }
    varied = make_augment(Masking(**settings), layout)(batch, of_step)
    assert varied.keys() == batch.keys() and varied["labels"] is batch["labels"]
    return varied["inputs"]["inputs"].numpy()


def ones(number: int = MANY) -> np.ndarray:
    return np.ones((number, *SOUNDS.only.shape), np.float32)


def spans(masked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Width and start (-1: none) of the only mask in each row of bool [batch, size]."""
    widths = masked.sum(axis=1)
    starts = np.where(widths > 0, masked.argmax(axis=1), -1)
    at = np.arange(masked.shape[1])
    np.testing.assert_array_equal(masked, (at >= starts[:, None]) & (at < (starts + widths)[:, None]))
    return widths, starts


@pytest.mark.parametrize(("name", "axis", "other"), [("time_mask_frames", 1, 2), ("frequency_mask_bands", 2, 1)])
def test_a_mask_has_every_width_and_place_as_often(name: str, axis: int, other: int) -> None:
    silent = augmented(ones(), **{name: 4})[..., 0] == 0
    np.testing.assert_array_equal(silent.any(axis=other), silent.all(axis=other))
    widths, starts = spans(silent.all(axis=other))
    counts = np.bincount(widths)
    assert len(counts) == 5 and scipy.stats.chisquare(counts).pvalue > 0.001
    for width in range(1, 5):
        places = np.bincount(starts[widths == width])
        assert len(places) == SOUNDS.only.shape[axis - 1] - width + 1
        assert scipy.stats.chisquare(places).pvalue > 0.001


def test_masks_over_time_and_over_frequencies_are_independent() -> None:
    silent = augmented(ones(), time_mask_frames=4, frequency_mask_bands=4)[..., 0] == 0
    frames, bands = (spans(silent.all(axis=axis)) for axis in (2, 1))
    assert abs(np.corrcoef(frames[0], bands[0])[0, 1]) < 0.06
    both = (frames[0] > 0) & (bands[0] > 0)
    assert abs(np.corrcoef(frames[1][both], bands[1][both])[0, 1]) < 0.06


def test_several_masks_are_independent_of_each_other() -> None:
    """A frame is kept by two masks with the square of the probability that one keeps it."""
    kept = [(augmented(ones(), time_mask_frames=4, masks=masks)[:, :, 0, 0] > 0).mean(axis=0) for masks in (1, 2)]
    np.testing.assert_allclose(kept[1], kept[0] ** 2, atol=0.05)
    assert np.abs(kept[1] - kept[0]).min() > 0.02


def test_shifts_move_all_bands_alike_and_every_distance_is_as_likely() -> None:
    inputs = np.zeros((MANY, *SOUNDS.only.shape), np.float32)
    inputs[:, 5] = 0.25 + np.arange(9)[:, None] / 16
    got = augmented(inputs, time_shift_frames=2)
    to = got.sum(axis=(2, 3)).argmax(axis=1)
    np.testing.assert_array_equal(got[np.arange(MANY), to], inputs[:, 5])
    np.testing.assert_array_equal(got.sum(axis=(1, 2, 3)), inputs.sum(axis=(1, 2, 3)))
    counts = np.bincount(to)[3:]
    assert len(counts) == 5 and scipy.stats.chisquare(counts).pvalue > 0.001


def test_silence_comes_in_at_the_border() -> None:
    got = augmented(ones(200), time_shift_frames=3)[..., 0, 0]
    widths, starts = spans(got == 0)
    assert set(widths) == {0, 1, 2, 3} and set(starts[widths > 0]) == {0, 9, 10, 11}


def test_noise_is_normal_and_of_every_value_and_stays_between_0_and_1() -> None:
    changes = augmented(0.5 * ones(300), noise=0.05) - 0.5
    assert scipy.stats.kstest(changes.ravel(), scipy.stats.norm(0, 0.05).cdf).pvalue > 0.001
    wild = augmented(0.5 * ones(20), noise=1.0)
    assert wild.min() == 0 and wild.max() == 1


def test_masks_are_silent_in_spite_of_noise() -> None:
    got = augmented(0.5 * ones(200), noise=0.01, frequency_mask_bands=5)[..., 0]
    masked = (got == 0).any(axis=1)
    assert masked.any()
    np.testing.assert_array_equal(masked, (got == 0).all(axis=1))


def test_eager_graph_and_xla_give_the_same() -> None:
    random = np.random.default_rng(0).uniform(size=(6, *SOUNDS.only.shape)).astype(np.float32)
    batch = {"inputs": {"inputs": tf.constant(random)}, "labels": tf.range(6), "weights": tf.ones(6)}
    function = make_augment(Masking(**ALL), SOUNDS)
    expected = function(batch, NOISE)["inputs"]["inputs"]
    for jit in (False, True):
        compiled = tf.function(
            lambda step: function(batch, Noise(1, step))["inputs"]["inputs"], jit_compile=jit, autograph=False
        )
        np.testing.assert_allclose(compiled(tf.constant(2)), expected, atol=1e-6)


def test_every_step_and_row_has_its_own_noise() -> None:
    first, again, other = (augmented(ones(50), Noise(1, step), **ALL) for step in (2, 2, 3))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2, 3)).all()
    assert len(np.unique(first.reshape(50, -1), axis=0)) == 50


def test_nothing_is_asked_for_by_default() -> None:
    assert make_augment(Masking(), SOUNDS) is None
    assert make_augment(SpeechHparams(), SOUNDS) is None


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (
            {"time_mask_frames": 12},
            "time_mask_frames=12 can remove all .* 12 frames and 9 bands. .* less than 12",
        ),
        ({"frequency_mask_bands": 5, "masks": 2}, "frequency_mask_bands=5 times masks=2 .* less than 9"),
        ({"time_shift_frames": 12}, "time_shift_frames=12"),
    ],
)
def test_what_can_remove_a_whole_spectrogram_is_refused(settings: dict, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        make_augment(Masking(**settings), SOUNDS)


def test_other_inputs_than_spectrograms_are_refused() -> None:
    with pytest.raises(ConfigError, match="inputs are a sequence"):
        make_augment(Masking(noise=0.1), one_field("sequence", (12, 9), SOUNDS.target))
    with pytest.raises(ConfigError, match="masks=0"):
        SpeechHparams(masks=0)


def test_frequencies_shift_like_time_and_by_themselves() -> None:
    inputs = np.zeros((MANY, *SOUNDS.only.shape), np.float32)
    inputs[:, 5, 4] = 1
    got = augmented(inputs, time_shift_frames=1, frequency_shift_bands=2)
    frames, bands = (got.sum(axis=axes).argmax(axis=1) for axes in ((2, 3), (1, 3)))
    np.testing.assert_array_equal(got.sum(axis=(1, 2, 3)), 1)
    counts = np.bincount(bands)[2:]
    assert len(counts) == 5 and scipy.stats.chisquare(counts).pvalue > 0.001
    assert abs(np.corrcoef(frames, bands)[0, 1]) < 0.06
