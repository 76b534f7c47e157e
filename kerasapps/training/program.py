"""Programs: training over resident or streamed rows, cut into calls, in any plan of execution."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.data import pipeline
from kerasapps.training.compiler import Compiler
from kerasapps.training.step import repeat

CYCLES_A_CALL = 8192
INDICES_A_CALL = 1 << 20


@dataclass(frozen=True)
class Segment:
    """Work of one call: `epochs` whole epochs from `epoch`, or a piece of one.

    A piece starts at batch `cycle`, has `full` whole batches and `tail` (0 or 1) partial ones, and `ends` the epoch
    (1) or not (0). Several epochs each have `full`, `tail` and an end.
    """

    epoch: int
    cycle: int
    epochs: int
    full: int
    tail: int
    ends: int


class Resident:
    """Runs segments over rows that lie on the device.

    The shapes of a call never change, only its trip counts, so that one compiled program does every segment and a
    row of batches gives the same bits however it is cut into calls.
    """

    def __init__(
        self,
        compiler: Compiler,
        step: Callable[[Any, Any], None],
        end_epoch: Callable[[Any, Any], Any],
        data: Mapping[str, Any],
        batch_size: int,
        seed: int,
        metrics: int,
    ) -> None:
        self.compiler, self._seed, self._batch = compiler, seed, batch_size
        self._rows = pipeline.number_of_rows(data)
        self.full, self.tail_rows = divmod(self._rows, batch_size)
        self.steps = self.full + (self.tail_rows > 0)
        budget = min(CYCLES_A_CALL, max(INDICES_A_CALL // self._batch, 1))
        self.cycles_a_call = min(self.full, budget)
        # Where nothing is compiled a call need not span epochs; it would make a tensor for each it could span.
        self.epochs_a_call = max(budget // self.steps, 1) if compiler.plan.traced else 1
        self._call = compiler.whole(self._program(step, end_epoch, data, metrics))

    def _program(self, step: Callable, end_epoch: Callable, data: dict, metrics: int) -> Callable:
        def train_on(index: tf.Tensor, number: Any) -> Any:
            step(pipeline.batch_at(data, index), number)
            return number + 1

        def program(full: Any, tail: Any, first: Any, epoch: Any, times: Any) -> tf.Tensor:
            epochs, cycles, tails, ends = tf.unstack(times)

            def one_epoch(e: Any, carried: Any) -> Any:
                number, history = carried
                number = repeat(cycles, lambda c, n: train_on(full[e, c], n), number)
                if self.tail_rows:
                    number = repeat(tails, lambda _, n: train_on(tail[e], n), number)
                history = repeat(ends, lambda zero, h: h.write(e, end_epoch(epoch + e, zero)), history)
                return number, history

            history = tf.TensorArray(tf.float32, self.epochs_a_call, element_shape=[metrics])
            return repeat(epochs, one_epoch, (first, history))[1].stack()

        return program

    def _indices(self, segment: Segment) -> tuple[np.ndarray, np.ndarray]:
        full = np.zeros((self.epochs_a_call, self.cycles_a_call, self._batch), np.int32)
        tail = np.zeros((self.epochs_a_call, self.tail_rows), np.int32)
        whole = self.full * self._batch
        for e in range(segment.epochs):
            order = pipeline.order(self._seed, segment.epoch + e, self._rows)
            start = segment.cycle * self._batch
            piece = order[start : start + segment.full * self._batch]
            full[e, : segment.full] = piece.reshape(segment.full, self._batch)
            tail[e] = order[whole:]
        return full, tail

    def run(self, segment: Segment) -> np.ndarray:
        """Do a segment; metrics [ended epochs, metrics]."""
        full, tail = self._indices(segment)
        first = segment.epoch * self.steps + segment.cycle
        times = (segment.epochs, segment.full, segment.tail, segment.ends)
        arguments = (full, tail, np.int32(first), np.int32(segment.epoch), np.array(times, np.int32))
        rows = self._call(*map(tf.constant, arguments))
        return rows.numpy()[: segment.epochs if segment.ends else 0]


class Streaming:
    """Runs segments over a tf.data pipeline that is opened anew from (seed, epoch, cycle), one call a batch."""

    epochs_a_call = 1

    def __init__(
        self,
        compiler: Compiler,
        step: Callable[[Any, Any], None],
        end_epoch: Callable[[Any, Any], Any],
        open_epoch: Callable[[int, int], Iterator[dict[str, tf.Tensor]]],
        rows: int,
        batch_size: int,
    ) -> None:
        self.compiler = compiler
        self.full, self.tail_rows = divmod(rows, batch_size)
        self.steps = self.full + (self.tail_rows > 0)
        self.cycles_a_call = self.full
        self._open, self._position, self._batches = open_epoch, None, None
        self._step, self._end = compiler.whole(step), compiler.whole(end_epoch)

    def run(self, segment: Segment) -> np.ndarray:
        """Do a segment; metrics [ended epochs, metrics]. Raises DataError for bad rows."""
        if self._position != (segment.epoch, segment.cycle):
            self._batches = self._open(segment.epoch, segment.cycle)
        last = segment.cycle + segment.full + segment.tail
        for cycle in range(segment.cycle, last):
            self._step(next(self._batches), tf.constant(segment.epoch * self.steps + cycle))
        self._position = (segment.epoch, last)
        if not segment.ends:
            return np.zeros((0, 0), np.float32)
        return self._end(tf.constant(segment.epoch), 0).numpy()[None]
