"""Means and variances of columns that are met piece by piece."""

from collections.abc import Iterable, Sequence

import numpy as np

from kerasapps.data.spec import Columns

_LEAST_VARIANCE = float(np.finfo(np.float32).tiny) ** 2
"""Numbers that vary by less than float32 can divide by count as constant."""


def moments(pieces: Iterable[Columns], names: Sequence[str]) -> dict[str, list[float]]:
    """name -> [mean, population variance] over all rows of `pieces`, in float64; memory for one piece.

    A constant has its own value as mean and the variance 1, so that it becomes 0 and nothing is divided by 0. With no
    names, `pieces` is not touched.
    """
    if not names:
        return {}
    rows, mean, squares = 0, np.zeros(len(names)), np.zeros(len(names))
    least, most = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    for columns in pieces:
        values = np.stack([np.asarray(columns[name], np.float64).ravel() for name in names])
        least, most = np.minimum(least, values.min(axis=1)), np.maximum(most, values.max(axis=1))
        rows, mean, squares = _merge(rows, mean, squares, values)
    constant = (least == most) | (squares / rows < _LEAST_VARIANCE)
    means, variances = np.where(constant, least, mean), np.where(constant, 1.0, squares / rows)
    return {name: [float(means[i]), float(variances[i])] for i, name in enumerate(names)}


def _merge(rows: int, mean: np.ndarray, squares: np.ndarray, values: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    """Rows, mean and sum of squared deviations with `values` [columns, rows] added.

    Chan, Golub and LeVeque (1979): no sum of large squares is ever subtracted from another.
    """
    added = values.shape[1]
    own = values.mean(axis=1)
    apart, share = own - mean, added / (rows + added)
    between = apart**2 * (rows * share)
    return rows + added, mean + apart * share, squares + ((values - own[:, None]) ** 2).sum(axis=1) + between
