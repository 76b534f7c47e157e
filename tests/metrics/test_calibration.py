"""The expected calibration error is that of rows put into bins one by one."""

import numpy as np
import pytest

from kerasapps.metrics.calibration import calibration_error

LABELS = np.array([0, 1, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.55, 0.45]])
"""Two right, of confidence 0.9 and 0.7, and two wrong, of 0.8 and 0.55."""


def test_calibration_error_by_hand() -> None:
    """In halves all lie in (0.5, 1]: |2/4 - 0.7375|. In fifths: 0.55 alone, 0.7 with 0.8, 0.9 alone."""
    assert calibration_error(LABELS, PROBABILITIES, bins=2) == pytest.approx(0.2375)
    fifths = (1 * 0.55 + 2 * abs(0.5 - 0.75) + 1 * 0.1) / 4
    assert calibration_error(LABELS, PROBABILITIES, bins=5) == pytest.approx(fifths)
    assert calibration_error(LABELS, np.eye(2)[LABELS]) == 0
    assert calibration_error(LABELS, np.eye(2)[1 - LABELS]) == 1


def test_calibration_error_against_rows_sorted_into_bins_one_by_one() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 500).astype(np.float32)
    labels = random.integers(0, 3, 500)
    bins = [[] for _ in range(15)]
    for row, label in zip(probabilities, labels, strict=True):
        place = next(m for m in range(1, 16) if row.max() <= np.float64(m / 15))
        bins[place - 1].append((float(row.max()), float(row.argmax() == label)))
    expected = sum(abs(np.sum([right - confidence for confidence, right in rows])) for rows in bins) / 500
    assert calibration_error(labels, probabilities) == pytest.approx(expected, rel=1e-5)
