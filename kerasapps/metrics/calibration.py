"""How far probabilities can be believed: how often what was given one came true."""

import numpy as np

BINS = 15


def reliability(probabilities: np.ndarray, true: np.ndarray, bins: int = BINS) -> tuple[np.ndarray, ...]:
    """Mean probability, share of what came true, and number of rows in each of the equal bins that has any.

    probabilities [rows], true [rows] 0 or 1. A bin is ((m - 1) / bins, m / bins]; the first also has 0.
    """
    number = np.clip(np.ceil(np.asarray(probabilities, np.float64) * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins)
    filled = counts > 0
    sums = [np.bincount(number, values, bins)[filled] for values in (probabilities, true)]
    return sums[0] / counts[filled], sums[1] / counts[filled], counts[filled]


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: the mean over rows of |accuracy - confidence| of their bin.

    labels [rows], probabilities [rows, K]; the confidence is the predicted class's probability. Guo et al. 2017,
    arXiv:1706.04599, equations 2, 3 and 5.
    """
    confidence, right = probabilities.max(axis=-1), probabilities.argmax(axis=-1) == labels
    mean, share, counts = reliability(confidence, right, bins)
    return float(np.sum(counts * np.abs(share - mean)) / max(counts.sum(), 1))
