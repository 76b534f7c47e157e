"""Compiles functions as a plan of execution has it."""

from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from kerasapps.app import Batch, Update
from kerasapps.engine.loss_scale import LossScale
from kerasapps.engine.plan import PLANS
from kerasapps.engine.reuse import reusing
from kerasapps.engine.step import Totals, gradients
from kerasapps.noise import Noise


class Compiler:
    """Compiles functions as a plan has it, and counts: `traces` of any, `xla_compiles` those that XLA compiled.

    loss_scale: what gradients are scaled by, or None.
    """

    def __init__(self, plan: str, loss_scale: LossScale | None = None) -> None:
        self.plan, self.loss_scale = PLANS[plan], loss_scale
        self.traces = self.xla_compiles = 0
        self._of_updates: dict[int, Callable] = {}

    def _compiled(self, function: Callable, jit: bool) -> Callable:
        def counted(*arguments: object) -> object:
            self.traces += 1
            self.xla_compiles += jit
            return function(*arguments)

        return tf.function(counted, jit_compile=jit, autograph=False)

    def whole(self, function: Callable) -> Callable:
        """`function` as the plan runs it as a whole."""
        return reusing(self._compiled(function, jit=self.plan.jits_whole)) if self.plan.traced else function

    def descent(self, function: Callable) -> Callable:
        """What applies gradients, as the plan does it inside its program."""
        return self._compiled(function, jit=True) if self.plan.jits_descent else function

    def gradients(self, update: Update, batch: Batch, noise: Noise) -> Totals:
        """step.gradients, as the plan computes them inside its program."""
        if not self.plan.jits_gradients:
            return gradients(update, batch, noise, self.loss_scale)

        def own(batch: Batch, step: tf.Tensor, first: tf.Tensor, rows: int, present: tf.Tensor | None) -> Totals:
            part = replace(noise, step=step, first=first, rows=rows, present=present)
            return gradients(update, batch, part, self.loss_scale)

        if id(update) not in self._of_updates:
            self._of_updates[id(update)] = self._compiled(own, jit=True)
        step, first = tf.convert_to_tensor(noise.step), tf.convert_to_tensor(noise.first)
        return self._of_updates[id(update)](batch, step, first, noise.rows, noise.present)
