"""Gradients of one batch: sums over its rows, which its parts on several replicas add up to exactly."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import tensorflow as tf

from kerasapps.app import Batch, Sums, Update
from kerasapps.data.buckets import bucket_of, cut
from kerasapps.data.spec import Layout
from kerasapps.distribute.replicas import ONE_DEVICE, Replicas
from kerasapps.engine.loss_scale import LossScale
from kerasapps.noise import NO_STEP, Noise, step_noise
from kerasapps.tensors import Integer

Totals = tuple[list[tf.Tensor], tf.Tensor, Sums]
"""Gradients, the sum of the weights and the metrics' sums: all of them sums over rows."""

Answers = tuple[Sums, tf.Tensor]
"""Sums over rows, and what belongs to each row, [rows, ...]."""

Gradients = Callable[[Update, Batch, Noise], Totals]

_Carried = TypeVar("_Carried")


def gradients(update: Update, batch: Batch, noise: Noise, loss_scale: LossScale | None = None) -> Totals:
    """Gradients of sum(values * weights) + n * penalties, n = sum(weights), and the metrics' sums.

    They are sums, not means, so that parts of a batch can be added up exactly before dividing by n. With a loss scale
    the gradients are multiplied by its factor.
    """
    with step_noise(noise), tf.GradientTape() as tape:
        loss = update.loss(batch, noise)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * update.penalties()
        scaled = total if loss_scale is None else total * loss_scale.factor()
    sums = {"loss": (total, number), **update.metrics(batch, loss)}
    grads = tape.gradient(scaled, list(update.variables), unconnected_gradients=tf.UnconnectedGradients.ZERO)
    # That of an embedding comes as slices, which neither add up nor divide.
    return [tf.convert_to_tensor(grad) for grad in grads], number, sums


@dataclass(frozen=True)
class Division:
    """How a batch is divided: among replicas, and on each into micro-batches, whose gradients are added up.

    unrolled: micro-batches are written out in the program, so that they can run at the same time, and since what is
    reduced between replicas in the forward pass cannot lie in a loop; else one after the other by a loop, so that the
    memory of one serves all.
    layout: a batch is cut to the first of its lengths that all rows fit in; None = not at all.
    """

    replicas: Replicas = ONE_DEVICE
    micro_batches: int = 1
    unrolled: bool = False
    layout: Layout | None = None

    def totals(self, gradients: Gradients, update: Update, batch: Batch, noise: Noise) -> Totals:
        """`gradients` of the whole batch; a batch that does not divide is padded with rows of weight 0."""
        parts = self.replicas.number * self.micro_batches
        if self.layout is not None and self.layout.lengths:
            gradients = _of_cut(gradients, self.layout, batch)
        if parts == 1:
            return gradients(update, batch, noise)
        padded, noise_of = _padded(batch, noise, parts)

        def on_replica(replica: Integer) -> Totals:
            def of(micro_batch: Integer) -> Totals:
                part = replica * self.micro_batches + micro_batch
                rows = tf.nest.map_structure(lambda values: values[part], padded)
                return gradients(update, rows, noise_of(part))

            def add(i: Integer, total: Totals) -> Totals:
                return tf.nest.map_structure(tf.add, total, of(i + 1))

            if self.unrolled:
                return functools.reduce(lambda total, i: add(i, total), range(self.micro_batches - 1), of(0))
            return repeat(self.micro_batches - 1, add, of(0))

        return self.replicas.sum(on_replica)

    def own_rows(self, rows: int) -> slice:
        """Which rows of a batch of so many are those of this worker's replicas, as `totals` divides it."""
        parts, peers = self.replicas.number * self.micro_batches, self.replicas.peers
        each = -(-rows // parts) * (parts // peers.workers)
        start = min(peers.worker * each, rows)
        return slice(start, min(start + each, rows))

    def sums(self, function: Callable[[Batch], Sums], batch: Batch) -> Sums:
        """`function` of the whole batch, whose rows are shared out among the replicas."""
        return self.answers(lambda rows: (function(rows), tf.zeros([rows["weights"].shape[0], 0])), batch)[0]

    def answers(self, function: Callable[[Batch], Answers], batch: Batch) -> Answers:
        """`function` of the whole batch, whose rows are shared out among the replicas."""
        number, kinds = self.replicas.number, []
        if number == 1:
            return function(batch)
        padded, noise_of = _padded(batch, NO_STEP, number)

        def on_replica(replica: Integer) -> Answers:
            with step_noise(noise_of(replica)):
                found, outputs = function(tf.nest.map_structure(lambda values: values[replica], padded))
            kinds.append(outputs.dtype)
            # Those of the other replicas are 0 here, so that a sum over all of them puts them together.
            place = tf.reshape(tf.equal(tf.range(number), replica), [number] + [1] * len(outputs.shape))
            placed = tf.where(place, tf.cast(outputs, tf.float32)[None], 0.0)
            return tf.nest.map_structure(lambda value: tf.cast(value, tf.float32), dict(found)), placed

        sums, placed = self.replicas.sum(on_replica)
        rows = tf.reshape(placed, [-1, *placed.shape[2:]])[: batch["weights"].shape[0]]
        return sums, tf.cast(rows, kinds[0])


def _of_cut(gradients: Gradients, layout: Layout, batch: Batch) -> Gradients:
    """`gradients` of `batch` or of parts of it, cut to the first length that all of its rows fit in.

    Each length is a branch of the program, since XLA wants to know all shapes beforehand. All parts take the branch of
    the whole batch, so that noise has the same shape in each.
    """
    bucket = bucket_of(layout, batch)

    def of_cut(update: Update, part: Batch, noise: Noise) -> Totals:
        def of_length(length: int) -> Totals:
            return gradients(update, cut(layout, part, length), noise)

        return tf.switch_case(bucket, [functools.partial(of_length, length) for length in layout.lengths])

    return of_cut


ONE_PART = Division()
"""All rows at once on one device."""


def _padded(batch: Batch, noise: Noise, parts: int) -> tuple[Batch, Callable[[Integer], Noise]]:
    """The batch as [parts, rows of a part, ...], and the Noise of a part, by its number."""
    rows = batch["weights"].shape[0]
    size = -(-rows // parts)
    missing = parts * size - rows

    def divide(values: tf.Tensor) -> tf.Tensor:
        # The first row again, lest a layer meets numbers that data never have.
        filled = tf.concat([values, tf.repeat(values[:1], missing, 0)], 0) if missing else values
        return tf.reshape(filled, [parts, size, *values.shape[1:]])

    padded = tf.nest.map_structure(divide, dict(batch))
    present = tf.reshape(tf.cast(tf.range(parts * size) < rows, tf.float32), [parts, size])
    padded["weights"] *= present

    def noise_of(part: Integer) -> Noise:
        here = present[part] if missing else None
        return Noise(noise.seed, noise.step, noise.prefix, part * size, parts * size, here)

    return padded, noise_of


def repeat(times: Integer, body: Callable[[tf.Tensor, _Carried], _Carried], start: _Carried) -> _Carried:
    """body(i, carried) for i in range(times); `times` may be a tensor, also 0, so that it serves as a condition."""
    if isinstance(times, int) and times == 0:
        return start
    return tf.while_loop(
        lambda i, _: i < times,
        lambda i, carried: (i + 1, body(i, carried)),
        (tf.constant(0), start),
        parallel_iterations=1,
    )[1]


def metric_name(updates: Sequence[Update], update: Update, metric: str) -> str:
    """A metric's name in the history: prefixed with its update's where there are several."""
    return metric if len({id(u) for u in updates}) == 1 else f"{update.name}_{metric}"
