"""Plans of execution: what is compiled around what.

loop: XLA around everything, many epochs a call, over resident rows.
step: XLA around the gradients, TensorFlow's graph around the rest.
halves: as step, but of the two halves of every batch at once, on a core each; and around what applies the gradients.
graph: TensorFlow's graph, no XLA. eager: neither, for debugging.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf

from kerasapps.app import Batch, Parts, Update
from kerasapps.draw import Draw
from kerasapps.errors import ConfigError
from kerasapps.training.loss_scale import LossScale
from kerasapps.training.step import Totals, gradients
from kerasapps.training.strategy import Replicas


@dataclass(frozen=True)
class Conditions:
    """What decides which plans are possible.

    resident: the rows are in memory. synchronizes: layers reduce over the rows of all replicas in the forward pass.
    """

    resident: bool = True
    require_xla: bool = False
    replicas: Replicas = Replicas()
    micro_batches: int = 1
    synchronizes: bool = False


def candidates(requested: str, parts: Parts, conditions: Conditions) -> list[str]:
    """The plans that may run: the one requested; of `auto` all that are possible, the likely fastest first.

    Likely is what was measured on CPUs: XLA loses on convolutions and wins elsewhere, and a loop of convolutions is so
    slow there that it is not worth compiling; steps of recurrent layers are too small for several cores, but halves of
    a batch are not. A weight of four dimensions is the kernel of a convolution. Raises ConfigError where no plan is
    possible.
    """
    refused = refusals(conditions)
    if requested in refused:
        raise ConfigError(refused[requested])
    if requested != "auto":
        return [requested]
    weights = [variable for part in parts.values() for variable in part.trainable_variables]
    order = ("loop", "step", "graph")
    if not tf.config.list_physical_devices("GPU"):
        if any(len(weight.shape) == 4 for weight in weights):
            order = ("graph", "step")
        elif any(weight.name == "recurrent_kernel" for weight in weights):
            order = ("halves", "step", "loop", "graph")
    possible = [plan for plan in order if plan not in refused]
    if not possible:
        raise ConfigError(refused["step"])
    return possible


def refusals(conditions: Conditions) -> dict[str, str]:
    """The plans that cannot be, each with the reason."""
    refused, replicas = {}, conditions.replicas
    if replicas.number > 1:
        refused["loop"] = (
            f"execution=loop runs on one device, but there are {replicas.number} replicas. Use execution=step or graph."
        )
        if conditions.synchronizes:
            refused["step"] = (
                f"XLA cannot compile batch normalization over {replicas.number} replicas, which reduces between them "
                "in the forward pass. Use execution=graph without require_xla; or one device; or, of resnet, "
                "normalization=group."
            )
    if not conditions.resident:
        refused["loop"] = (
            "execution=loop needs the training rows in memory, but they are streamed: pipeline=streaming was given, or "
            "pipeline=auto met more than 2 GiB of them. Use execution=step, graph or eager; or, where the memory "
            "allows it, pipeline=resident; or fewer rows."
        )
    if replicas.number * conditions.micro_batches > 1 or conditions.synchronizes:
        refused["halves"] = (
            "execution=halves divides whole batches on one device, and not those whose rows are normalised together. "
            "Use execution=step or graph; or one device and gradient_accumulation_steps=1."
        )
    if conditions.require_xla:
        refused |= {
            plan: f"require_xla: execution={plan} does not use XLA; use loop or step." for plan in ("graph", "eager")
        }
    return refused


class Compiler:
    """Compiles functions as a plan has it, and counts: `traces` of any, `xla_compiles` those that XLA compiled.

    loss_scale: what gradients are scaled by, or None.
    """

    def __init__(self, plan: str, loss_scale: LossScale | None = None) -> None:
        self.plan, self._loss_scale = plan, loss_scale
        self.traces = self.xla_compiles = 0
        self._of_updates: dict[int, Callable] = {}

    def _compiled(self, function: Callable, jit: bool) -> Callable:
        def counted(*arguments: Any) -> Any:
            self.traces += 1
            self.xla_compiles += jit
            return function(*arguments)

        return tf.function(counted, jit_compile=jit, autograph=False)

    def whole(self, function: Callable) -> Callable:
        """`function` as the plan runs it as a whole."""
        return function if self.plan == "eager" else self._compiled(function, jit=self.plan == "loop")

    def descent(self, function: Callable) -> Callable:
        """What applies gradients, as the plan does it inside its program."""
        return self._compiled(function, jit=True) if self.plan == "halves" else function

    def gradients(self, update: Update, batch: Batch, draw: Draw) -> Totals:
        """step.gradients, as the plan computes them inside its program."""
        if self.plan not in ("step", "halves"):
            return gradients(update, batch, draw, self._loss_scale)

        def own(batch: Any, step: Any, first: Any, rows: int, counts: Any) -> Totals:
            part = replace(draw, step=step, first=first, rows=rows, counts=counts)
            return gradients(update, batch, part, self._loss_scale)

        if id(update) not in self._of_updates:
            self._of_updates[id(update)] = self._compiled(own, jit=True)
        step, first = tf.convert_to_tensor(draw.step), tf.convert_to_tensor(draw.first)
        return self._of_updates[id(update)](batch, step, first, draw.rows, draw.counts)
