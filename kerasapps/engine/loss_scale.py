"""Loss scaling: keeps float16 gradients from vanishing, and from overflowing into the weights."""

import math
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasapps.engine.optimizer import Optimizer, changed_by
from kerasapps.tensors import Values

INITIAL = 2.0**15
GROWTH_STEPS = 2000


class LossScale:
    """A factor of the loss that halves where gradients overflow and doubles after GROWTH_STEPS steps without.

    Micikevicius et al. 2018, arXiv:1710.03740, section 3.2. The numbers are those of Keras's LossScaleOptimizer, whose
    step cannot be compiled under replicas.
    """

    def __init__(self, counted: int) -> None:
        """counted: the weights of a batch. Gradients are sums over its losses, and what is scaled is the mean."""
        self._counted = 2.0 ** round(math.log2(counted))
        self.scale = tf.Variable(INITIAL, trainable=False)
        self.good_steps = tf.Variable(0, dtype=tf.int64, trainable=False)

    def factor(self) -> tf.Tensor:
        """What the sum of the losses is multiplied by: the scale over about as many of them, a power of two."""
        return self.scale / self._counted

    @property
    def variables(self) -> dict[str, tf.Variable]:
        """What a checkpoint must hold of it, by name."""
        return {"loss_scale/scale": self.scale, "loss_scale/good_steps": self.good_steps}

    def apply(self, optimizer: Optimizer, gradients: Sequence[tf.Tensor], variables: list[keras.Variable]) -> None:
        """Divide gradients of the scaled loss by the factor and apply them; where one is not finite, change nothing.

        That is: neither the variables nor the optimizer's. The scale is changed for the next step.
        """
        unscaled = [gradient / self.factor() for gradient in gradients]
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in unscaled])
        touched = [*variables, *changed_by(optimizer).values()]
        before = [tf.identity(variable.value) for variable in touched]
        optimizer.apply([tf.where(finite, gradient, tf.zeros_like(gradient)) for gradient in unscaled], variables)
        for variable, value in zip(touched, before, strict=True):
            variable.assign(tf.where(finite, variable.value, value))
        self._adapt(finite)

    def _adapt(self, finite: tf.Tensor) -> None:
        good_steps = tf.where(finite, self.good_steps + 1, tf.zeros_like(self.good_steps))
        grows = good_steps >= GROWTH_STEPS
        factor = tf.where(finite, tf.where(grows, 2.0, 1.0), 0.5)
        self.scale.assign(tf.clip_by_value(self.scale * factor, 1.0, 2.0**60))
        self.good_steps.assign(tf.where(grows, tf.zeros_like(good_steps), good_steps))


def make_loss_scale(precision: str, batch_size: int, weights_of_a_row: Values) -> LossScale | None:
    """The loss scale of float16, None of other precisions."""
    return LossScale(batch_size * np.size(weights_of_a_row)) if precision == "mixed_float16" else None
