"""Fewer rows where all of them would take too much memory."""

import math
import sys
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

KEPT_BYTES = 1 << 30
"""Most memory of the rows that are looked at all together, in evaluation and in plots; of all splits together."""

_Piece = TypeVar("_Piece")


class Thinner:
    """Takes pieces of `rows` rows one after the other, and keeps of them what takes about `limit` bytes at most.

    beside: bytes that are made of a row later and held beside it. stride: all rows are kept (1), or every stride-th.
    How much a row takes is told by the first piece.
    """

    def __init__(self, rows: int, limit: float = KEPT_BYTES, beside: int = 0) -> None:
        self._rows, self._limit, self._beside, self._seen, self.stride = rows, limit, beside, 0, 0

    def keep(self, piece: _Piece) -> _Piece:
        """The rows of nested arrays [rows, ...] that are kept."""
        number = len(tf.nest.flatten(piece)[0])
        if not self.stride:
            size = sum(map(_bytes, tf.nest.flatten(piece))) / max(number, 1) + self._beside
            self.stride = max(math.ceil(size * self._rows / self._limit), 1)
        chosen = slice(-self._seen % self.stride, None, self.stride)
        self._seen += number
        # A copy, as a view would hold all of the piece.
        return piece if self.stride == 1 else tf.nest.map_structure(lambda values: np.array(values[chosen]), piece)


class Kept:
    """What a Thinner keeps of all pieces, as one that is filled in: pieces and whole do not lie in memory both."""

    def __init__(self, rows: int, limit: float = KEPT_BYTES, beside: int = 0) -> None:
        self._rows, self._thinner = rows, Thinner(rows, limit, beside)
        self._arrays: Any = None
        self._filled = 0

    def add(self, piece: Any) -> None:
        """Take the next piece, nested arrays [rows, ...]."""
        chosen = self._thinner.keep(piece)
        number = len(tf.nest.flatten(chosen)[0])
        total = math.ceil(self._rows / self._thinner.stride)
        if self._arrays is None and number == total:
            self._arrays = chosen  # the only piece
        else:
            chosen = tf.nest.map_structure(np.asarray, chosen)
            if self._arrays is None:
                self._arrays = tf.nest.map_structure(lambda x: np.empty((total, *x.shape[1:]), x.dtype), chosen)
            self._arrays = tf.nest.map_structure(self._with, self._arrays, chosen)
        self._filled += number

    def _with(self, array: np.ndarray, values: np.ndarray) -> np.ndarray:
        if array.dtype != values.dtype:  # NumPy's own texts are as wide as the longest of a piece
            array = array.astype(np.result_type(array, values))
        array[self._filled : self._filled + len(values)] = values
        return array

    def whole(self) -> Any:
        """The rows kept from all pieces; there may be fewer rows than announced."""
        number = self._filled
        return tf.nest.map_structure(lambda x: x if len(x) == number else x[:number], self._arrays)


def _bytes(values: np.ndarray) -> int:
    """What an array takes; of objects with their references, as a short text takes less than what Python adds to it."""
    return sum(sys.getsizeof(value) + 8 for value in values.flat) if values.dtype == object else values.nbytes
