"""One cycle: every update's gradients on one batch, and the optimizer steps they lead to."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from kerasapps.app import Augment, Batch, Sums, Update
from kerasapps.training.draw import AUGMENT, Draw

Gradients = Callable[[Update, Batch, Draw], tuple[list, tf.Tensor, Sums]]


def gradients(update: Update, batch: Batch, draw: Draw) -> tuple[list, tf.Tensor, Sums]:
    """Gradients of sum(loss * counts) + n * penalties, the count n, and the metrics' sums.

    They are sums, not means, so that parts of a batch can be added up exactly before dividing by n.
    """
    counts = update.counts(batch)
    number = tf.reduce_sum(counts)
    with tf.GradientTape() as tape:
        values, outputs = update.loss(batch, draw)
        total = tf.reduce_sum(values * counts) + number * update.penalties()
    sums = {"loss": (total, number), **update.metrics(batch, outputs)}
    return tape.gradient(total, list(update.variables)), number, sums


def metric_name(updates: Sequence[Update], update: Update, metric: str) -> str:
    """A metric's name in the history: prefixed with its update's where there are several."""
    return metric if len({id(u) for u in updates}) == 1 else f"{update.name}_{metric}"


def make_cycle(
    updates: Sequence[Update],
    optimizers: dict[str, Any],
    seed: int,
    gradients: Gradients = gradients,
    augment: Augment | None = None,
) -> Callable[[Batch, Any], Sums]:
    """A function (batch, step) -> Sums that augments the batch and applies all updates once, in order."""

    def cycle(batch: Batch, step: Any) -> Sums:
        sums: Sums = {}
        if augment is not None:
            batch = augment(batch, Draw(seed, step, AUGMENT))
        for position, update in enumerate(updates):
            draw = Draw(seed, step * len(updates) + position)
            grads, number, own = gradients(update, batch, draw)
            means = [grad if grad is None else grad / number for grad in grads]
            optimizers[update.name].apply(means, list(update.variables))
            for metric, (total, count) in own.items():
                name = metric_name(updates, update, metric)
                before = sums.get(name, (0.0, 0.0))
                sums[name] = (before[0] + total, before[1] + count)
        return sums

    return cycle
