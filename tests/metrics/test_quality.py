"""Measures of generated rows, against closed forms, SciPy, and sets whose answer is known."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from kerasapps.metrics import quality

NOISE = np.random.default_rng(3)


def whitened(rows: int, size: int) -> np.ndarray:
    """Rows whose mean is exactly 0 and whose covariance is exactly the identity."""
    values = NOISE.standard_normal((rows, size))
    values -= values.mean(axis=0)
    return values @ np.linalg.inv(np.linalg.cholesky(np.cov(values, rowvar=False))).T


def test_frechet_distance_of_axis_parallel_gaussians() -> None:
    """|m1 - m2|^2 + the squared difference of the standard deviations, as their covariances commute."""
    first, second = np.array([1.0, 2.0, 0.5]), np.array([2.0, 0.3, 0.5])
    shift = np.array([0.5, -1.0, 2.0])
    a, b = whitened(50, 3) * first, whitened(70, 3) * second + shift
    assert quality.frechet_distance(a, b) == pytest.approx(np.sum(shift**2) + np.sum((first - second) ** 2))
    assert quality.frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_is_heusels_formula() -> None:
    """Of covariances that do not commute, and of more features than rows, the root of whose product SciPy takes."""
    for rows in (40, 5):
        a, b = (NOISE.standard_normal((rows, 6)) @ NOISE.standard_normal((6, 6)) + i for i in range(2))
        one, two = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
        jitter = 1e-9 * np.eye(6)
        root = sqrtm((one + jitter) @ (two + jitter)).real
        expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(one + two - 2 * root)
        assert quality.frechet_distance(a, b) == pytest.approx(expected, rel=1e-3)


def test_distances_in_pieces_are_scipys() -> None:
    a, b = NOISE.standard_normal((quality.PIECE + 7, 3)), NOISE.standard_normal((20, 3))
    np.testing.assert_allclose(np.concatenate(list(quality.distances(a, b))), cdist(a, b), atol=1e-7)
    whole = cdist(a, a)
    assert quality.mean_distance(a) == pytest.approx(whole.sum() / (len(a) * (len(a) - 1)))
    np.fill_diagonal(whole, np.inf)
    np.testing.assert_allclose(quality.to_neighbour(a), whole.min(axis=1), atol=1e-7)


def test_precision_and_recall_of_sets_that_half_overlap() -> None:
    """Neighbours are 1 apart, so that for k = 1 each ball has radius 1, and 0.5 is inside and 50 is not."""
    near = np.arange(10.0)[:, None]
    real, generated = np.concatenate([near, near + 100]), np.concatenate([near[:5] + 0.5, near[:3] + 50])
    assert quality.precision_and_recall(real, generated, k=1) == (5 / 8, 6 / 20)
    # Of k = 3, the radius of 0.5 and of its like is 3 or 2: 0 to 7 are inside.
    assert quality.precision_and_recall(near, near[:5] + 0.5, k=3) == (1.0, 8 / 10)


def test_precision_falls_with_noise_and_recall_with_what_is_left_out() -> None:
    real, other = NOISE.standard_normal((2, 800, 4))
    precision, recall = quality.precision_and_recall(real, other)
    assert precision > 0.85 and recall > 0.85
    assert quality.precision_and_recall(real, other * 3)[0] < 0.5
    narrow = quality.precision_and_recall(real, other * 0.3)
    assert narrow[0] > 0.95 and narrow[1] < 0.5


def test_near_duplicates_by_brute_force() -> None:
    real, generated = NOISE.standard_normal((200, 2)), NOISE.standard_normal((200, 2))
    generated[:60] = generated[0]
    distances = [cdist(rows, rows) + np.diag([np.inf] * 200) for rows in (real, generated)]
    near = np.quantile(distances[0].min(axis=1), 0.05)
    expected = tuple(float(np.mean(d.min(axis=1) <= near)) for d in (distances[1], distances[0]))
    assert quality.near_duplicates(real, generated) == expected
    assert expected[0] > 0.3 and expected[1] == pytest.approx(0.05, abs=0.006)


def test_diversity_is_relative_to_the_real_rows() -> None:
    real = NOISE.standard_normal((100, 5, 5, 1))
    assert quality.diversity(real, 0.25 * real + 7) == pytest.approx(0.25)
    assert quality.diversity(np.zeros((9, 2)), np.ones((9, 2))) == 1.0


@pytest.mark.parametrize(
    ("duplicates", "diversity", "expected"), [(0.75, 0.5, False), (0.76, 1.0, True), (0.0, 0.49, True)]
)
def test_the_rule_of_collapse(duplicates: float, diversity: float, expected: bool) -> None:
    assert quality.is_collapsed(duplicates, diversity) is expected


def test_a_class_is_covered_from_a_fifth_of_an_even_share_on() -> None:
    predicted = np.repeat([0, 1, 2, 3], [50, 40, 5, 5])
    assert quality.covered_classes(predicted, 4) == 4
    assert quality.covered_classes(np.repeat([0, 1, 2, 3], [50, 41, 5, 4]), 4) == 3
    assert quality.covered_classes(predicted, 5) == 4


def test_modes_of_points_near_and_far() -> None:
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = np.array([[0.1, 0.0]] * 6 + [[10.0, 0.6]] * 3 + [[0.0, 9.95]])
    assert quality.modes_reached(points, centres, 0.5) == (2, pytest.approx(0.7))
    assert quality.modes_reached(points, centres, 0.7) == (3, pytest.approx(1.0))
    assert quality.modes_reached(np.repeat(points, [10] * 9 + [1], axis=0), centres, 0.7)[0] == 2
