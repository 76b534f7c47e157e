"""Learning rates as the hyperparameters name them, for PyTorch, which this does not import."""

import math
from collections.abc import Callable, Mapping
from typing import Any


def share_of_rate(hparams: Mapping[str, Any], steps: int) -> Callable[[int], float]:
    """The share of the learning rate at a step: a linear warm-up, then 1 or a cosine, as kerasapps has it."""
    if hparams["schedule"] not in ("constant", "cosine"):
        raise ValueError(f"schedule={hparams['schedule']!r} is not written for PyTorch: constant and cosine are.")
    whole = hparams["epochs"] * steps
    warmup = min(round(hparams["warmup_epochs"] * steps), whole // 2)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        if hparams["schedule"] == "constant":
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * min((step - warmup) / (whole - warmup), 1.0)))

    return factor
