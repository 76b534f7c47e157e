"""Plans of execution: what is compiled around what, and which of them are possible."""

from dataclasses import dataclass

import tensorflow as tf

from kerasapps.data.spec import Layout
from kerasapps.distribute.replicas import ONE_DEVICE, Replicas
from kerasapps.engine.step import Division
from kerasapps.errors import ConfigError
from kerasapps.tasks.plans import Plans


@dataclass(frozen=True)
class Plan:
    """One plan; `name` is what options, records and checkpoints call it.

    jits_whole: XLA around everything, many epochs a call. jits_gradients, jits_descent: around the gradients, and
    around what applies them, within the rest. traced: the rest is TensorFlow's graph, else it is run by Python.
    at_once: so many equal parts of every batch are computed at once, on a core each.
    """

    name: str
    jits_whole: bool = False
    jits_gradients: bool = False
    jits_descent: bool = False
    traced: bool = True
    at_once: int = 1

    @property
    def xla(self) -> bool:
        """Whether XLA compiles any of it."""
        return self.jits_whole or self.jits_gradients or self.jits_descent

    def division(self, conditions: "Conditions", layout: Layout | None = None) -> Division:
        """How batches are divided; layout: of rows that are cut to its lengths."""
        reduces = conditions.replicas.number > 1 and conditions.synchronizes
        parts, unrolled = self.at_once * conditions.micro_batches, self.at_once > 1 or reduces
        return Division(conditions.replicas, parts, unrolled, layout)


_ALL = (
    Plan("loop", jits_whole=True),
    Plan("step", jits_gradients=True),
    Plan("halves", jits_gradients=True, jits_descent=True, at_once=2),
    Plan("graph"),
    Plan("eager", traced=False),  # for debugging
)
PLANS = {plan.name: plan for plan in _ALL}


@dataclass(frozen=True)
class Conditions:
    """What decides which plans are possible.

    resident: the rows are in memory. synchronizes: layers reduce over the rows of all replicas in the forward pass.
    """

    resident: bool = True
    require_xla: bool = False
    replicas: Replicas = ONE_DEVICE
    micro_batches: int = 1
    synchronizes: bool = False


def candidates(requested: str, suiting: Plans, conditions: Conditions) -> list[str]:
    """The plans that may run: the one requested; of `auto` those that suit the task and are possible, in their order.

    Raises ConfigError where no plan is possible.
    """
    refused = refusals(conditions)
    if requested in refused:
        raise ConfigError(refused[requested])
    if requested != "auto":
        return [requested]
    device = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    possible = [plan for plan in suiting[device] if plan not in refused]
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
    if replicas.compiles:
        reason = "strategy=tpu: TensorFlow compiles for the TPU all that its replicas run. Use execution=graph."
        refused |= {name: reason for name in PLANS if name != "graph"}
    elif conditions.require_xla:
        without = [name for name, plan in PLANS.items() if not plan.xla]
        refused |= {name: f"require_xla: execution={name} does not use XLA; use loop or step." for name in without}
    return refused
