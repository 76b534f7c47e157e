"""Plans of execution: what is compiled around what. One program serves them all.

loop: XLA around everything, many epochs a call, over resident rows.
step: XLA around the gradients, TensorFlow's graph around the rest.
graph: TensorFlow's graph, no XLA. eager: neither, for debugging.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import Parts
from kerasapps.data import pipeline
from kerasapps.draw import Draw
from kerasapps.errors import ConfigError
from kerasapps.training.step import Gradients, gradients, repeat
from kerasapps.training.strategy import Replicas

CYCLES_A_CALL = 8192
INDICES_A_CALL = 1 << 20


def choose_plan(
    requested: str, parts: Parts, resident: bool, require_xla: bool, replicas: Replicas, synchronizes: bool
) -> str:
    """The plan to run. `auto` follows what was measured on CPUs: XLA loses on convolutions and wins elsewhere.

    A weight of four dimensions is the kernel of a convolution. synchronizes: layers reduce between replicas in the
    forward pass. Raises ConfigError for what cannot be.
    """
    convolves = any(len(v.shape) == 4 for part in parts.values() for v in part.trainable_variables)
    refused = refusals(resident, require_xla, replicas, synchronizes)
    if requested in refused:
        raise ConfigError(refused[requested])
    if requested != "auto":
        return requested
    on_cpu = not tf.config.list_physical_devices("GPU")
    order = ("graph", "loop", "step") if convolves and on_cpu else ("loop", "step", "graph")
    possible = [plan for plan in order if plan not in refused]
    if not possible:
        raise ConfigError(refused["step"])
    return possible[0]


def refusals(resident: bool, require_xla: bool, replicas: Replicas, synchronizes: bool) -> dict[str, str]:
    """The plans that cannot be, each with the reason."""
    refused = {}
    if replicas.number > 1:
        refused["loop"] = (
            f"execution=loop runs on one device, but there are {replicas.number} replicas. Use execution=step or graph."
        )
        if synchronizes:
            refused["step"] = (
                f"XLA cannot compile batch normalization over {replicas.number} replicas, which reduces between them "
                "in the forward pass. Use execution=graph without require_xla; or one device; or, of resnet, "
                "normalization=group."
            )
    if not resident:
        refused["loop"] = (
            "execution=loop needs the training rows in memory, but they are streamed: pipeline=streaming was given, or "
            "pipeline=auto met more than 2 GiB of them. Use execution=step, graph or eager; or, where the memory "
            "allows it, pipeline=resident; or fewer rows."
        )
    if require_xla:
        refused |= {
            plan: f"require_xla: execution={plan} does not use XLA; use loop or step." for plan in ("graph", "eager")
        }
    return refused


def compiled(plan: str, function: Callable) -> Callable:
    """`function` as the plan runs it as a whole."""
    if plan == "eager":
        return function
    return tf.function(function, jit_compile=plan == "loop", autograph=False)


def gradients_of(plan: str) -> Gradients:
    """How the plan computes gradients inside its program."""
    if plan != "step":
        return gradients
    cache: dict[int, Callable] = {}

    def xla_gradients(update: Any, batch: Any, draw: Draw) -> Any:
        def own(batch: Any, step: Any, first: Any, rows: int, counts: Any) -> Any:
            return gradients(update, batch, replace(draw, step=step, first=first, rows=rows, counts=counts))

        if id(update) not in cache:
            cache[id(update)] = tf.function(own, jit_compile=True, autograph=False)
        step, first = tf.convert_to_tensor(draw.step), tf.convert_to_tensor(draw.first)
        return cache[id(update)](batch, step, first, draw.rows, draw.counts)

    return xla_gradients


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
        plan: str,
        step: Callable[[Any, Any], None],
        end_epoch: Callable[[Any], Any],
        data: dict[str, np.ndarray],
        batch_size: int,
        seed: int,
        metrics: int,
    ) -> None:
        self._rows, self._seed, self._batch = len(data["inputs"]), seed, min(batch_size, len(data["inputs"]))
        self.full, self.tail_rows = pipeline.steps_per_epoch(self._rows, self._batch)
        self.steps = self.full + (self.tail_rows > 0)
        budget = min(CYCLES_A_CALL, max(INDICES_A_CALL // self._batch, 1))
        self.cycles_a_call = min(self.full, budget)
        # Nothing is compiled by eager, so a call need not span epochs; it would make a tensor for each it could span.
        self.epochs_a_call = 1 if plan == "eager" else max(budget // self.steps, 1)
        device_data = {name: tf.constant(values) for name, values in data.items()}
        self._call = compiled(plan, self._program(step, end_epoch, device_data, metrics))

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
                history = repeat(ends, lambda _, h: h.write(e, end_epoch(epoch + e)), history)
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

    def compile(self) -> None:
        """Compile by a call that does nothing."""
        self.run(Segment(0, 0, 0, 0, 0, 0))


class Streaming:
    """Runs segments over a tf.data pipeline that is opened anew from (seed, epoch, cycle), one call a batch."""

    epochs_a_call = 1

    def __init__(
        self,
        plan: str,
        step: Callable[[Any, Any], None],
        end_epoch: Callable[[Any], Any],
        open_epoch: Callable[[int, int], Iterator[dict[str, tf.Tensor]]],
        rows: int,
        batch_size: int,
    ) -> None:
        batch_size = min(batch_size, rows)
        self.full, self.tail_rows = pipeline.steps_per_epoch(rows, batch_size)
        self.steps = self.full + (self.tail_rows > 0)
        self.cycles_a_call = self.full
        self._open, self._position, self._batches = open_epoch, None, None
        self._step, self._end = compiled(plan, step), compiled(plan, end_epoch)

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
        return self._end(tf.constant(segment.epoch)).numpy()[None]

    def compile(self) -> None:
        """Nothing: a step cannot be compiled without being done."""
