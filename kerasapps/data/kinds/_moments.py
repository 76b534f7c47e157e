"""Mean and variance of values that are met piece by piece."""

import numpy as np

_LEAST_VARIANCE = float(np.finfo(np.float32).tiny) ** 2
"""Numbers that vary by less than float32 can divide by count as constant."""
_ROUNDING = 1e-3
"""The most that rounding to float32 may change a number by, as a share of the standard deviation."""


class Moments:
    """[mean, population variance] of all values, in float64, as scikit-learn's StandardScaler has it.

    A constant has its own value as mean and the variance 1, so that it becomes 0 and nothing is divided by 0.
    """

    def __init__(self) -> None:
        self._rows, self._mean, self._squares = 0, 0.0, 0.0
        self._least, self._most, self._rounding = np.inf, -np.inf, 0.0

    def add(self, values: np.ndarray) -> None:
        """Take in a piece.

        Chan, Golub and LeVeque (1979): no sum of large squares is ever subtracted from another.
        """
        values = np.asarray(values, np.float64).ravel()
        self._least, self._most = min(self._least, values.min()), max(self._most, values.max())
        self._rounding = max(self._rounding, np.abs(values - values.astype(np.float32)).max())
        added, own = values.size, values.mean()
        apart, share = own - self._mean, added / (self._rows + added)
        self._squares += ((values - own) ** 2).sum() + apart * apart * (self._rows * share)
        self._rows, self._mean = self._rows + added, self._mean + apart * share

    @property
    def narrow(self) -> bool:
        """Whether float32 holds the values, but for a rounding that is far below what they vary by."""
        return self._rounding <= _ROUNDING * (self._squares / self._rows) ** 0.5 or self._least == self._most

    def result(self) -> list[float]:
        """[mean, variance]."""
        variance = self._squares / self._rows
        constant = self._least == self._most or variance < _LEAST_VARIANCE
        return [float(self._least), 1.0] if constant else [float(self._mean), float(variance)]
