"""Mixup and cutmix: weights, partners, images and labels, against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasapps.data import mixing
from kerasapps.noise import Noise

RANDOM = np.random.default_rng(0)


def beta(alpha: float, number: int = 20_000) -> np.ndarray:
    noise = Noise(1, 2)
    return mixing.beta(alpha, noise.uniform("a", [number]), noise.uniform("b", [number])).numpy()


def p_value(values: np.ndarray, alpha: float) -> float:
    """Of Kolmogorov and Smirnov, that `values` are Beta(alpha, alpha).

    Looked at between 0.001 and 0.999 only: float32 has no numbers as close to 1 as a small alpha wants.
    """
    at = np.linspace(1e-3, 1 - 1e-3, 999)
    shares = np.searchsorted(np.sort(values), at) / len(values)
    distance = np.abs(shares - scipy.stats.beta(alpha, alpha).cdf(at)).max()
    return float(scipy.stats.kstwo.sf(distance, len(values)))


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1, 2, 8])
def test_weights_have_the_beta_distribution(alpha: float) -> None:
    assert p_value(beta(alpha), alpha) > 0.01
    assert p_value(beta(alpha), 1.2 * alpha) < 1e-4


@pytest.mark.parametrize("alpha", [1e-40, 0.01, 1, 1e10])
def test_weights_of_the_least_and_greatest_numbers_are_between_0_and_1(alpha: float) -> None:
    ends = np.array([0, 2**-24, 0.25, 0.5, 0.75, 1 - 2**-24], np.float32)
    first, second = (tf.constant(x.ravel()) for x in np.meshgrid(ends, ends))
    weights = mixing.beta(alpha, first, second).numpy()
    assert np.all((weights >= 0) & (weights <= 1))


@pytest.mark.parametrize("counts", [[1] * 9, [1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [1, 1], [1, 0], [1]])
def test_partners_are_one_cycle_through_the_rows_that_count(counts: list) -> None:
    keys = RANDOM.uniform(size=len(counts)).astype(np.float32)
    others = mixing.partners(tf.constant(counts, tf.float32), tf.constant(keys)).numpy()
    met = [0]
    while others[met[-1]] != 0:
        met.append(int(others[met[-1]]))
    assert sorted(met) == list(np.flatnonzero(counts))
    padding = np.flatnonzero(np.array(counts) == 0)
    np.testing.assert_array_equal(others[padding], padding)


def partners_of_four(keys: tf.Tensor) -> tf.Tensor:
    return mixing.partners(tf.ones([4]), keys)


def test_every_other_row_is_as_likely_a_partner() -> None:
    keys = Noise(0, 0).uniform("keys", [600, 4])
    draw_all = tf.function(lambda: tf.map_fn(partners_of_four, keys, fn_output_signature=tf.int32), autograph=False)
    draws = draw_all().numpy()
    times = np.bincount(draws[:, 0], minlength=4)
    assert times[0] == 0
    assert scipy.stats.chisquare(times[1:]).pvalue > 0.01


def batch(number: int = 4, side: int = 8) -> dict:
    images = RANDOM.uniform(size=(number, side, side + 2, 1)).astype(np.float32)
    return {"inputs": tf.constant(images), "labels": tf.constant([5, 1, 0, 7][:number]), "weights": tf.ones([number])}


def test_mixup_is_convex_in_images_and_labels() -> None:
    rows, weights, others = batch(), np.array([0.0, 0.3, 0.5, 1.0], np.float32), [1, 2, 3, 0]
    mixed = mixing.mixup(rows, tf.constant(weights), tf.constant(others))
    images, weight = rows["inputs"].numpy(), weights[:, None, None, None]
    np.testing.assert_allclose(mixed["inputs"], weight * images + (1 - weight) * images[others], atol=1e-6)
    np.testing.assert_array_equal(mixed["mix"], weights)
    np.testing.assert_array_equal(mixed["labels"], [5, 1, 0, 7])
    np.testing.assert_array_equal(mixed["other_labels"], [1, 0, 7, 5])


def test_cutmix_pastes_a_rectangle_and_weighs_the_label_by_what_is_left() -> None:
    """Row by row as the paper's algorithm has it; sides are 8 and 10 pixels times sqrt(1 - weight)."""
    rows, others = batch(), [2, 3, 0, 1]
    weights, centres = np.array([0.75, 0.19, 1.0, 0.0], np.float32), [(4, 5), (0, 9), (3, 3), (4, 5)]
    mixed = mixing.cutmix(rows, tf.constant(weights), tf.constant(centres, tf.float32), tf.constant(others))
    expected = rows["inputs"].numpy().copy()
    for i, (row, column) in enumerate(centres):
        height, width = (int(size * np.sqrt(1 - weights[i])) for size in (8, 10))
        top, left = row - height // 2, column - width // 2
        box = np.s_[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
        expected[i][box] = rows["inputs"].numpy()[others[i]][box]
    np.testing.assert_array_equal(mixed["inputs"], expected)
    left = (expected == rows["inputs"].numpy()).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(mixed["mix"], left, atol=1e-6)
    np.testing.assert_allclose(left, [1 - 4 * 5 / 80, 1 - 4 * 5 / 80, 1, 0], atol=1e-6)
    np.testing.assert_array_equal(mixed["other_labels"], [0, 7, 5, 1])
