"""Fewer rows where all of them would take too much memory."""

import math
from typing import TypeVar

import numpy as np
import tensorflow as tf

KEPT_BYTES = 1 << 30
"""Most memory of the rows that are looked at all together, in evaluation and in plots."""

_Piece = TypeVar("_Piece")


class Thinner:
    """Takes pieces of `rows` rows one after the other, and keeps of them what takes about `limit` bytes at most.

    stride: all rows are kept (1), or every stride-th. How much a row takes is told by the first piece.
    """

    def __init__(self, rows: int, limit: int = KEPT_BYTES) -> None:
        self._rows, self._limit, self._seen, self.stride = rows, limit, 0, 0

    def keep(self, piece: _Piece) -> _Piece:
        """The rows of nested arrays [rows, ...] that are kept."""
        number = len(tf.nest.flatten(piece)[0])
        if not self.stride:
            size = sum(map(_bytes, tf.nest.flatten(piece))) / max(number, 1)
            self.stride = max(math.ceil(size * self._rows / self._limit), 1)
        chosen = slice(-self._seen % self.stride, None, self.stride)
        self._seen += number
        # A copy, as a view would hold all of the piece.
        return piece if self.stride == 1 else tf.nest.map_structure(lambda values: np.array(values[chosen]), piece)


def _bytes(values: np.ndarray) -> int:
    return sum(len(str(value)) for value in values) if values.dtype == object else values.nbytes
