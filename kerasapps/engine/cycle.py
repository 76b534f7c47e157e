"""One cycle: every update's gradients on one batch, and the optimizer steps they lead to."""

from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

from kerasapps.app import Augment, Batch, Sums, Update
from kerasapps.engine.compiler import Compiler
from kerasapps.engine.optimizer import Optimizer
from kerasapps.engine.step import ONE_PART, Division, metric_name
from kerasapps.noise import AUGMENT, Noise
from kerasapps.tensors import Integer


def make_cycle(
    updates: Sequence[Update],
    optimizers: Mapping[str, Optimizer],
    seed: int,
    augment: Augment | None = None,
    division: Division = ONE_PART,
    compiler: Compiler | None = None,
) -> Callable[[Batch, Integer], Sums]:
    """A function (batch, step) -> Sums that augments the batch and applies all updates once, in order.

    compiler: None = nothing is compiled. Gradients are applied outside of the replicas, to sums over them: so clipping
    sees the gradient of the whole batch, and Keras, which would add up the replicas' gradients, has only one to add.
    """
    compiler = compiler or Compiler("eager")
    descents = {update.name: _descent(update, optimizers[update.name], compiler) for update in updates}

    def cycle(batch: Batch, step: Integer) -> Sums:
        sums: Sums = {}
        if augment is not None:
            batch = augment(batch, Noise(seed, step, AUGMENT))
        for position, update in enumerate(updates):
            noise = Noise(seed, step * len(updates) + position)
            grads, number, own = division.totals(compiler.gradients, update, batch, noise)
            descents[update.name](grads, number)
            for metric, (total, count) in own.items():
                name = metric_name(updates, update, metric)
                before = sums.get(name, (0.0, 0.0))
                sums[name] = (before[0] + total, before[1] + count)
        return sums

    return cycle


def _descent(update: Update, optimizer: Optimizer, compiler: Compiler) -> Callable[[list[tf.Tensor], tf.Tensor], None]:
    """What applies the sums of gradients over `number` weights."""
    variables, loss_scale = list(update.variables), compiler.loss_scale

    def descend(gradients: list[tf.Tensor], number: tf.Tensor) -> None:
        means = [tf.math.divide_no_nan(gradient, number) for gradient in gradients]  # a batch may have none
        if loss_scale is None:
            optimizer.apply(means, variables)
        else:
            loss_scale.apply(optimizer, means, variables)

    return compiler.descent(descend)
