"""How good generated rows are, measured against real ones: rows as vectors [rows, D]."""

from collections.abc import Iterator

import numpy as np

PIECE = 512
"""Rows whose distances to all others are in memory at once."""
NEIGHBOURS = 3
"""k of improved precision and recall, as Kynkaanniemi et al. chose it."""
COVERED_SHARE = 0.2
"""A class counts as covered where it has so much of the share that an even distribution would give it."""
DUPLICATE_QUANTILE = 0.05
"""Share of real rows that are nearest to each other; what lies no farther apart is a near duplicate."""
COLLAPSED_DUPLICATES, COLLAPSED_DIVERSITY = 0.75, 0.5


def flat(rows: np.ndarray) -> np.ndarray:
    """[rows, ...] as vectors [rows, D] in float64."""
    return np.asarray(rows, np.float64).reshape(len(rows), -1)


def distances(a: np.ndarray, b: np.ndarray) -> Iterator[np.ndarray]:
    """Euclidean distances of the rows of a [n, D] to those of b [m, D], in pieces [at most PIECE, m]."""
    squares = np.sum(b**2, axis=1)
    for first in range(0, len(a), PIECE):
        piece = a[first : first + PIECE]
        squared = np.sum(piece**2, axis=1)[:, None] + squares - 2 * piece @ b.T
        yield np.sqrt(np.maximum(squared, 0.0))


def to_neighbour(rows: np.ndarray, k: int = 1) -> np.ndarray:
    """Distance of each row to its k-th nearest other one [rows]; of rows [n, D], n > k."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(rows).kneighbors()[0][:, -1]


def mean_distance(rows: np.ndarray) -> float:
    """Mean distance of two different rows."""
    total = sum(float(piece.sum()) for piece in distances(rows, rows))
    return total / (len(rows) * (len(rows) - 1))


def near_duplicates(real: np.ndarray, generated: np.ndarray) -> tuple[float, float]:
    """Share of generated rows, and of real ones, whose nearest other row of the same set is a near duplicate.

    Near is what is no farther than DUPLICATE_QUANTILE of the real rows are from their nearest. The larger a set, the
    nearer its rows, so that both should have the same number.
    """
    own = to_neighbour(flat(real))
    rounding = 1e-6 * np.linalg.norm(flat(real), axis=1).max()
    near = np.quantile(own, DUPLICATE_QUANTILE) + rounding
    return float(np.mean(to_neighbour(flat(generated)) <= near)), float(np.mean(own <= near))


def diversity(real: np.ndarray, generated: np.ndarray) -> float:
    """Mean distance of two generated rows over that of two real ones; 1 where the real ones are all the same."""
    among_real = mean_distance(flat(real))
    return mean_distance(flat(generated)) / among_real if among_real > 0 else 1.0


def is_collapsed(duplicates: float, diversity: float) -> bool:
    """The rule: more than three quarters of the generated rows are near duplicates, or their diversity is below half.

    It says nothing of a generator that makes good rows of some modes only: that takes their coverage.
    """
    return duplicates > COLLAPSED_DUPLICATES or diversity < COLLAPSED_DIVERSITY


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance of two sets of features [n, D] and [m, D], taken as Gaussians.

    |mean_a - mean_b|^2 + trace(A + B - 2 (A B)^(1/2)) of the covariances A and B (Dowson and Landau 1982; Heusel et al.
    2017, arXiv:1706.08500, eq. 6). The trace of the root is the sum of the roots of the eigenvalues, which are real and
    not negative but for rounding.
    """
    a, b = flat(a), flat(b)
    first, second = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b))
    values = np.maximum(np.linalg.eigvals(first @ second).real, 0.0)
    shift = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(shift + np.trace(first) + np.trace(second) - 2 * np.sum(np.sqrt(values)))


def precision_and_recall(real: np.ndarray, generated: np.ndarray, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Improved precision and recall (Kynkaanniemi et al. 2019, arXiv:1904.06991, eq. 1 and 2).

    Precision: share of generated rows that lie in the ball of some real row, whose radius is the distance to its k-th
    nearest other real row. Recall: the same with both sets exchanged.
    """
    real, generated = flat(real), flat(generated)
    return _share_within(generated, real, k), _share_within(real, generated, k)


def _share_within(rows: np.ndarray, centres: np.ndarray, k: int) -> float:
    radii = to_neighbour(centres, min(k, len(centres) - 1))
    inside = [np.any(piece <= radii, axis=1) for piece in distances(rows, centres)]
    return float(np.mean(np.concatenate(inside)))


def covered_classes(predicted: np.ndarray, classes: int) -> int:
    """How many of `classes` have at least COVERED_SHARE of an even share among the predicted numbers [rows]."""
    shares = np.bincount(predicted, minlength=classes) / len(predicted)
    return int(np.sum(shares >= COVERED_SHARE / classes))


def modes_reached(points: np.ndarray, centres: np.ndarray, radius: float) -> tuple[int, float]:
    """Modes that have points no farther than `radius` from their centre, and the share of points that are so near one.

    points [rows, D]; centres [modes, D]. A mode counts from COVERED_SHARE of an even share of all points on.
    """
    near = np.concatenate(list(distances(flat(points), flat(centres))))
    inside = near.min(axis=1) <= radius
    shares = np.bincount(near.argmin(axis=1)[inside], minlength=len(centres)) / len(points)
    return int(np.sum(shares >= COVERED_SHARE / len(centres))), float(np.mean(inside))
