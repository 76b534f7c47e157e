"""PyTorch's optimizers as the hyperparameters name them."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from experiments.peers.pytorch_schedule import share_of_rate


def kernels(model: nn.Module) -> list[nn.Parameter]:
    """What L2 penalises: weights of more than one dimension."""
    return [parameter for parameter in model.parameters() if parameter.dim() > 1]


def make_optimizer(model: nn.Module, hparams: Mapping[str, Any], steps: int) -> tuple[Any, Any]:
    """Optimizer and its schedule, which is to be stepped after every step; `steps`: steps an epoch.

    Raises ValueError for what is not written for PyTorch.
    """
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    groups = [{"params": kernels(model), "weight_decay": 2 * hparams["l2"]}, {"params": others}]
    name, rate = hparams["optimizer"], hparams["learning_rate"]
    if name not in ("sgd", "adam", "adamw") or hparams["l1"]:
        raise ValueError(f"{name} with l1={hparams['l1']} is not written for PyTorch: sgd, adam or adamw, 0 are.")
    if name == "adamw":
        optimizer: Any = _adamw(model, rate, **hparams["optimizer_settings"])
    elif name == "sgd":
        optimizer = torch.optim.SGD(groups, lr=rate, **hparams["optimizer_settings"])
    else:
        optimizer = torch.optim.Adam(groups, lr=rate, eps=1e-7, **hparams["optimizer_settings"])
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share_of_rate(hparams, steps))


def _adamw(
    model: nn.Module, rate: float, beta_1: float = 0.9, beta_2: float = 0.999, weight_decay: float = 0.004
) -> Any:
    """Of the settings of Keras's AdamW, which decays all weights."""
    return torch.optim.AdamW(model.parameters(), rate, (beta_1, beta_2), eps=1e-7, weight_decay=weight_decay)
