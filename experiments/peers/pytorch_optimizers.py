"""PyTorch's optimizers and learning rates as the hyperparameters name them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn


def kernels(model: nn.Module) -> list[nn.Parameter]:
    """What L2 penalises: weights of more than one dimension."""
    return [parameter for parameter in model.parameters() if parameter.dim() > 1]


def make_optimizer(model: nn.Module, hparams: Mapping[str, Any], steps: int) -> tuple[Any, Any]:
    """Optimizer and its schedule, which is to be stepped after every step; `steps`: steps an epoch.

    Raises ValueError for what is not written for PyTorch.
    """
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    groups = [{"params": kernels(model), "weight_decay": 2 * hparams["l2"]}, {"params": others}]
    if hparams["optimizer"] not in ("sgd", "adam") or hparams["l1"]:
        raise ValueError(
            f"{hparams['optimizer']} with l1={hparams['l1']} is not written for PyTorch: sgd or adam, 0 are."
        )
    rate, given = hparams["learning_rate"], hparams["optimizer_settings"]
    if hparams["optimizer"] == "sgd":
        optimizer = torch.optim.SGD(groups, lr=rate, **given)
    else:
        optimizer = torch.optim.Adam(groups, lr=rate, eps=1e-7, **given)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, _factor(hparams, steps))


def _factor(hparams: Mapping[str, Any], steps: int) -> Callable[[int], float]:
    """The share of the learning rate at a step: 1, or a cosine after a linear warm-up, as Keras has it."""
    if hparams["schedule"] == "constant":
        return lambda step: 1.0
    if hparams["schedule"] != "cosine":
        raise ValueError(f"schedule={hparams['schedule']!r} is not written for PyTorch: constant and cosine are.")
    whole = hparams["epochs"] * steps
    warmup = min(round(hparams["warmup_epochs"] * steps), whole // 2)

    def factor(step: int) -> float:
        if step < warmup:
            return step / warmup
        return 0.5 * (1 + math.cos(math.pi * min((step - warmup) / (whole - warmup), 1.0)))

    return factor
