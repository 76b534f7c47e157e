"""Programs: training over resident or streamed rows, cut into calls, in any plan of execution."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import tensorflow as tf

from kerasapps.data import pipeline
from kerasapps.data.spec import Batch
from kerasapps.engine.compiler import Compiler
from kerasapps.engine.segments import Segment
from kerasapps.engine.step import repeat
from kerasapps.tensors import Integer

CYCLES_A_CALL = 8192
INDICES_A_CALL = 1 << 20

Carried: TypeAlias = tuple[tf.Tensor, tf.TensorArray]
"""From epoch to epoch of a call: the number of the next step, and the metrics of the epochs so far."""


@dataclass(frozen=True)
class Work:
    """What a program does.

    step(batch, number): one batch. end_epoch(epoch, 0) -> the epoch's metrics, float32 [metrics].
    """

    step: Callable[[Batch, tf.Tensor], None]
    end_epoch: Callable[[tf.Tensor, Integer], tf.Tensor]
    metrics: int


class Program(Protocol):
    """Training that is compiled, cut into calls.

    full, tail_rows: whole batches of an epoch, and the rows of a partial one; steps: both. cycles_a_call,
    epochs_a_call: most of one call.
    """

    compiler: Compiler
    full: int
    tail_rows: int
    steps: int
    cycles_a_call: int
    epochs_a_call: int

    def run(self, segment: Segment) -> np.ndarray:
        """Do a segment; metrics [ended epochs, metrics]."""


class Resident:
    """Runs segments over rows that lie on the device.

    The shapes of a call never change, only its trip counts, so that one compiled program does every segment and a
    row of batches gives the same bits however it is cut into calls.
    """

    full: int
    tail_rows: int

    def __init__(
        self,
        compiler: Compiler,
        work: Work,
        data: Mapping[str, Any],
        batch_size: int,
        order: Callable[[int], np.ndarray],
    ) -> None:
        """order: epoch -> its rows, batch after batch, int32 [rows]."""
        self.compiler, self._order, self._batch = compiler, order, batch_size
        self.full, self.tail_rows = divmod(pipeline.number_of_rows(data), batch_size)
        self.steps = self.full + (self.tail_rows > 0)
        budget = min(CYCLES_A_CALL, max(INDICES_A_CALL // self._batch, 1))
        self.cycles_a_call = min(self.full, budget)
        # Where nothing is compiled a call need not span epochs; it would make a tensor for each it could span.
        self.epochs_a_call = max(budget // self.steps, 1) if compiler.plan.traced else 1
        self._call = compiler.whole(self._program(work, data))

    def _program(self, work: Work, data: Mapping[str, Any]) -> Callable:
        def train_on(index: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
            work.step(pipeline.batch_at(data, index), number)
            return number + 1

        def program(
            full: tf.Tensor, tail: tf.Tensor, first: tf.Tensor, epoch: tf.Tensor, times: tf.Tensor
        ) -> tf.Tensor:
            epochs, cycles, tails, ends = tf.unstack(times)

            def one_epoch(e: tf.Tensor, carried: Carried) -> Carried:
                number, history = carried
                number = repeat(cycles, lambda c, n: train_on(full[e, c], n), number)
                if self.tail_rows:
                    number = repeat(tails, lambda _, n: train_on(tail[e], n), number)
                history = repeat(ends, lambda zero, h: h.write(e, work.end_epoch(epoch + e, zero)), history)
                return number, history

            history = tf.TensorArray(tf.float32, self.epochs_a_call, element_shape=[work.metrics])
            return repeat(epochs, one_epoch, (first, history))[1].stack()

        return program

    def _indices(self, segment: Segment) -> tuple[np.ndarray, np.ndarray]:
        full = np.zeros((self.epochs_a_call, self.cycles_a_call, self._batch), np.int32)
        tail = np.zeros((self.epochs_a_call, self.tail_rows), np.int32)
        whole = self.full * self._batch
        for e in range(segment.epochs):
            order = self._order(segment.epoch + e)
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
        work: Work,
        open_epoch: Callable[[int, int], Iterator[Batch]],
        rows: int,
        batch_size: int,
    ) -> None:
        self.compiler = compiler
        self.full, self.tail_rows = divmod(rows, batch_size)
        self.steps = self.full + (self.tail_rows > 0)
        self.cycles_a_call = self.full
        self._open = open_epoch
        self._batches: Iterator[Batch] = iter(())
        self._position: tuple[int, int] | None = None
        self._step, self._end = compiler.whole(work.step), compiler.whole(work.end_epoch)

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
