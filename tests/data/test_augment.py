"""Augmentation: how often and how much, the same in every mode, and what is refused."""

from typing import Any

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from layouts import one_field

from kerasapps.apps.cnn import CnnHparams
from kerasapps.data.augment import make_augment
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise

MANY = 3000
NOISE = Noise(1, 2)
CLASSES = Target("classes", 3, ("a", "b", "c"))
IMAGES = one_field("image", (9, 9, 1), CLASSES)
ALL = {
    "flip_horizontal": True,
    "flip_vertical": True,
    "rotation_degrees": 30.0,
    "zoom": 0.2,
    "shift_pixels": 1.5,
    "crop_pixels": 2,
    "contrast": 0.3,
    "brightness": 0.2,
    "noise": 0.05,
    "cutout_pixels": 3,
}


def augmented(images: np.ndarray, of_step: Noise = NOISE, counts: Any = None, **settings: Any) -> dict:
    """A batch of `images` after the augmentation of `settings`."""
    labels = np.arange(len(images), dtype=np.int32) % 3
    counts = np.ones(len(images)) if counts is None else counts
    batch = {
        "inputs": {"inputs": tf.constant(images, tf.float32)},
        "labels": labels,
        "weights": tf.constant(counts, tf.float32),
    }
    layout = one_field("image", images.shape[1:], IMAGES.target)
    return tf.nest.map_structure(np.asarray, make_augment(CnnHparams(**settings), layout)(batch, of_step))


def dots(row: int, column: int, side: int = 9, number: int = MANY) -> np.ndarray:
    """Images with one white pixel."""
    images = np.zeros((number, side, side, 1), np.float32)
    images[:, row, column] = 1
    return images


def centroids(images: np.ndarray) -> np.ndarray:
    """Mean row and column of the light in each image, [batch, 2]."""
    light = images[..., 0] / images.sum(axis=(1, 2))[:, None]
    at = np.arange(images.shape[1])
    return np.stack([(light * at[:, None]).sum(axis=(1, 2)), (light * at).sum(axis=(1, 2))], axis=1)


def assert_uniform(values: np.ndarray, low: float, high: float) -> None:
    assert scipy.stats.kstest(values, scipy.stats.uniform(low, high - low).cdf).pvalue > 0.001


@pytest.mark.parametrize(("name", "expected"), [("flip_horizontal", (1, 6)), ("flip_vertical", (7, 2))])
def test_half_of_the_images_are_flipped(name: str, expected: tuple) -> None:
    at = centroids(augmented(dots(1, 2), **{name: True})["inputs"]["inputs"])
    flipped = (at == expected).all(axis=1)
    assert ((at == (1, 2)).all(axis=1) | flipped).all()
    assert scipy.stats.binomtest(int(flipped.sum()), MANY).pvalue > 0.001


def test_shifts_are_uniform_and_of_both_axes() -> None:
    at = centroids(augmented(dots(4, 4), shift_pixels=2.5)["inputs"]["inputs"])
    for axis in (0, 1):
        assert_uniform(at[:, axis], 4 - 2.5, 4 + 2.5)
    assert abs(np.corrcoef(at.T)[0, 1]) < 0.06


def test_rotations_are_uniform_in_degrees() -> None:
    """The angle of a dot far from the centre; interpolation moves it by a little."""
    rows, columns = centroids(augmented(dots(20, 38, side=41, number=600), rotation_degrees=40)["inputs"]["inputs"]).T
    angles = np.degrees(np.arctan2(20 - rows, columns - 20))
    assert -41 < angles.min() < -38 and 38 < angles.max() < 41
    assert angles.mean() == pytest.approx(0, abs=3 * 40 / np.sqrt(3 * 600))
    assert angles.std() == pytest.approx(40 / np.sqrt(3), rel=0.08)


def test_zooms_are_uniform_and_about_the_centre() -> None:
    rows, columns = centroids(augmented(dots(20, 32, side=41, number=600), zoom=0.25)["inputs"]["inputs"]).T
    scales = (columns - 20) / 12
    np.testing.assert_allclose(rows, 20, atol=1e-4)
    assert 0.7 < scales.min() < 0.78 and 1.22 < scales.max() < 1.3
    assert scales.mean() == pytest.approx(1, abs=0.03)


def test_every_crop_is_as_likely() -> None:
    at = centroids(augmented(dots(4, 4), crop_pixels=1)["inputs"]["inputs"]) - 3
    places, times = np.unique(at @ [3, 1], return_counts=True)
    np.testing.assert_array_equal(places, np.arange(9))
    assert scipy.stats.chisquare(times).pvalue > 0.001


def test_brightness_is_added_to_all_pixels_alike() -> None:
    changes = augmented(np.full((MANY, 2, 2, 1), 0.5), brightness=0.2)["inputs"]["inputs"] - 0.5
    assert np.ptp(changes, axis=(1, 2, 3)).max() == 0
    assert_uniform(changes[:, 0, 0, 0], -0.2, 0.2)


def test_contrast_keeps_the_mean() -> None:
    pair = np.tile(np.array([0.4, 0.6])[None, None, :, None], (MANY, 1, 1, 1))
    got = augmented(pair, contrast=0.5)["inputs"]["inputs"]
    np.testing.assert_allclose(got.mean(axis=(1, 2, 3)), 0.5, atol=1e-6)
    assert_uniform((got[:, 0, 1, 0] - got[:, 0, 0, 0]) / 0.2, 0.5, 1.5)


def test_noise_is_normal_and_of_every_pixel() -> None:
    changes = augmented(np.full((200, 8, 8, 3), 0.5), noise=0.05)["inputs"]["inputs"] - 0.5
    assert scipy.stats.kstest(changes.ravel(), scipy.stats.norm(0, 0.05).cdf).pvalue > 0.001
    assert len(np.unique(changes)) > 0.99 * changes.size


def test_images_stay_between_black_and_white() -> None:
    got = augmented(dots(4, 4, number=50), contrast=1, brightness=1, noise=1)["inputs"]["inputs"]
    assert got.min() == 0 and got.max() == 1


def test_squares_are_cut_out_around_every_pixel_alike() -> None:
    cut = augmented(np.ones((MANY, 5, 5, 1)), cutout_pixels=1)["inputs"]["inputs"] == 0
    np.testing.assert_array_equal(cut.sum(axis=(1, 2, 3)), 1)
    assert scipy.stats.chisquare(cut.sum(axis=0).ravel()).pvalue > 0.001


def test_mixup_draws_its_weights_from_beta_and_mixes_rows_of_the_batch() -> None:
    images = np.eye(9)[np.arange(MANY) % 9].reshape(MANY, 3, 3, 1)
    mixed = augmented(images, mixup=0.4)
    assert scipy.stats.kstest(mixed["mix"], scipy.stats.beta(0.4, 0.4).cdf).pvalue > 0.001
    np.testing.assert_allclose(mixed["inputs"]["inputs"].sum(axis=(1, 2, 3)), 1, atol=1e-6)
    own = mixed["inputs"]["inputs"].reshape(MANY, 9)[np.arange(MANY), np.arange(MANY) % 9]
    assert np.all(own >= mixed["mix"] - 1e-6)
    assert (mixed["labels"] != mixed["other_labels"]).mean() == pytest.approx(2 / 3, abs=0.05)


def test_cutmix_weighs_the_label_by_the_pixels_that_are_left() -> None:
    """Each image is all of one grey of its own."""
    greys = np.linspace(0, 1, MANY, dtype=np.float32)
    mixed = augmented(np.tile(greys[:, None, None, None], (1, 8, 8, 1)), cutmix=1)
    left = (mixed["inputs"]["inputs"] == greys[:, None, None, None]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(mixed["mix"], left, atol=1e-6)
    assert left.min() == 1 - 7 * 7 / 64  # whole pixels: only a weight of exactly 0 would paste all 8 x 8
    assert left.max() == 1 and 0.6 < left.mean() < 0.8


def some(number: int = 6) -> np.ndarray:
    return np.random.default_rng(0).uniform(size=(number, 9, 9, 1)).astype(np.float32)


@pytest.mark.parametrize("settings", [{"mixup": 0.7}, {**ALL, "cutmix": 0.7}], ids=["mixup", "all with cutmix"])
def test_eager_graph_and_xla_are_the_same(settings: dict) -> None:
    augment = make_augment(CnnHparams(**settings), IMAGES)
    batch = {"inputs": {"inputs": tf.constant(some())}, "labels": tf.range(6), "weights": tf.ones([6])}

    def at(step: tf.Tensor) -> dict:
        return augment(batch, Noise(1, step))

    eager = at(tf.constant(4))
    for jit in (False, True):
        got = tf.function(at, jit_compile=jit, autograph=False)(tf.constant(4))
        assert set(got) == {"inputs", "labels", "weights", "mix", "other_labels"}
        for values, expected in zip(tf.nest.flatten(got), tf.nest.flatten(eager), strict=True):
            np.testing.assert_allclose(values, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("changes", [{"mixup": 0.7}, {"cutmix": 0.7}])
def test_rows_of_padding_change_nothing_of_the_others(changes: dict) -> None:
    alone = augmented(some(), **ALL, **changes)
    padded = np.concatenate([some(), np.full((2, 9, 9, 1), np.nan)])
    together = augmented(padded, counts=[1] * 6 + [0] * 2, **ALL, **changes)
    for values, longer in zip(tf.nest.flatten(alone), tf.nest.flatten(together), strict=True):
        np.testing.assert_allclose(longer[:6], values, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", [*ALL, "mixup", "cutmix"])
def test_noise_is_that_of_seed_step_and_name(name: str) -> None:
    """The same draw gives the same batch; another seed, step or prefix of names another one."""
    settings = {name: {**ALL, "mixup": 1.0, "cutmix": 1.0}[name]}
    draws = [Noise(1, 2), Noise(1, 2), Noise(2, 2), Noise(1, 3), Noise(1, 2, "other/")]
    first, same, *others = (augmented(some(40), draw, **settings)["inputs"]["inputs"] for draw in draws)
    np.testing.assert_array_equal(first, same)
    assert len({values.tobytes() for values in (first, *others)}) == 4


def test_nothing_is_done_where_nothing_is_asked_for() -> None:
    assert make_augment(CnnHparams(), IMAGES) is None
    assert make_augment(CnnHparams(), one_field("vector", (4,), Target("reals", 1))) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shift_pixels": 9}, r"shift_pixels=9.0 can remove all of an image of 9x12 pixels. Expected less than 9"),
        ({"crop_pixels": 9}, "crop_pixels=9"),
        ({"cutout_pixels": 10}, "cutout_pixels=10"),
        ({"mixup": 0.2, "cutmix": 1}, r"mixup=0.2 and cutmix=1.0.*Expected one of the two"),
    ],
)
def test_what_cannot_be_done_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_augment(CnnHparams(**settings), one_field("image", (9, 12, 1), CLASSES))


def test_labels_of_reals_are_not_mixed() -> None:
    layout = one_field("image", (9, 9, 1), Target("reals", 1))
    with pytest.raises(ConfigError, match=r"mixup=0.2 mixes the labels of classes, but the target is reals"):
        make_augment(CnnHparams(mixup=0.2), layout)
    assert make_augment(CnnHparams(zoom=0.2), layout) is not None


def test_only_images_are_varied() -> None:
    with pytest.raises(ConfigError, match="the inputs are a sequence"):
        make_augment(CnnHparams(noise=0.1), one_field("sequence", (9, 9), CLASSES))


@pytest.mark.parametrize(
    "given", [{"rotation_degrees": 181}, {"zoom": 1.0}, {"noise": -1}, {"crop_pixels": 1.5}, {"flip_vertical": 1}]
)
def test_settings_are_checked(given: dict) -> None:
    with pytest.raises(ConfigError, match=f"^{next(iter(given))}="):
        CnnHparams(**given)
