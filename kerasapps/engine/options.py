"""Run options that say how training is computed."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.data.options import MAX_SEED
from kerasapps.settings import setting


@dataclass(frozen=True)
class EngineOptions:
    """The seed, the plan of execution and the precision."""

    seed: int = setting(0, "seed of weights, row order and noise", minimum=0, maximum=MAX_SEED)
    execution: Literal["auto", "loop", "step", "halves", "graph", "eager"] = setting("auto", "plan of execution")
    require_xla: bool = setting(False, "fail if XLA is not used")
    deterministic: bool | None = setting(
        None,
        "same bits in every run, with the first plan that is possible; none = same bits only on "
        "CPUs, and only with the same plan",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = setting(
        "float32", "type that layers compute in; weights, the last layer and the loss are always float32"
    )
