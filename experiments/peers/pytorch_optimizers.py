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
    if hparams["optimizer"] not in ("sgd", "adam") or hparams["l1"]:
        raise ValueError(
            f"{hparams['optimizer']} with l1={hparams['l1']} is not written for PyTorch: sgd or adam, 0 are."
        )
    rate, given = hparams["learning_rate"], hparams["optimizer_settings"]
    if hparams["optimizer"] == "sgd":
        optimizer = torch.optim.SGD(groups, lr=rate, **given)
    else:
        optimizer = torch.optim.Adam(groups, lr=rate, eps=1e-7, **given)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share_of_rate(hparams, steps))
