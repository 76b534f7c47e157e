"""What search spaces of applications are written with."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasapps.app import SearchSpace
from kerasapps.settings import NONE

if TYPE_CHECKING:
    import keras_tuner


RATES = {"adam": 1e-3, "adamw": 1e-3, "sgd": 1e-2}
"""Optimizers beside an application's own, and the middle of the learning rates that are tried with each."""
SETTINGS: dict[str, dict[str, Any]] = {"sgd": {"momentum": 0.9, "nesterov": True}}


def among(**values: Sequence[object]) -> SearchSpace:
    """Hyperparameters with the fields `values` chosen from these; optimizer, learning rate and batch size, too.

    What they have themselves is the default. A learning rate is within a factor of 10 of the middle one of its
    optimizer, on a logarithmic scale; a batch has half or twice the rows.
    """

    def choose(hparams: Any, hp: "keras_tuner.HyperParameters") -> Any:
        size = hparams.global_batch_size
        sizes = {"global_batch_size": (size // 2, 2 * size)} if size and size > 1 else {}
        chosen = _optimizer(hparams, hp)
        for name, some in {**sizes, **values}.items():
            own = getattr(hparams, name)
            named = {_as_told(value, [own, *some]): value for value in (own, *some)}
            chosen[name] = named[hp.Choice(name, list(named), default=_as_told(own, [own, *some]))]
        return dataclasses.replace(hparams, **chosen)

    return choose


def _optimizer(hparams: Any, hp: "keras_tuner.HyperParameters") -> dict[str, Any]:
    """An optimizer, what it is told, and its learning rate; the settings of another optimizer are not taken over."""
    own, rates = hparams.optimizer, {hparams.optimizer: hparams.learning_rate}
    rates |= {name: rate for name, rate in RATES.items() if name != own}
    optimizer, chosen = hp.Choice("optimizer", list(rates), default=own), dict[str, Any]()
    for name, middle in rates.items():
        own_name = "learning_rate" if name == own else f"learning_rate_{name}"  # KerasTuner wants one of each name
        with hp.conditional_scope("optimizer", [name]):
            rate = hp.Float(own_name, middle / 10, middle * 10, sampling="log", default=middle)
        if name == optimizer:
            chosen["learning_rate"] = rate
    if optimizer != own:
        chosen |= {"optimizer": optimizer, "optimizer_settings": SETTINGS.get(optimizer, {})}
    return chosen


def _as_told(value: object, values: Sequence[object]) -> object:
    """What KerasTuner, which takes values of one plain type, is told: texts, such as "128-64", where one is no such."""
    if not any(each is None or isinstance(each, tuple) for each in values):
        return value
    return "-".join(map(str, value)) if isinstance(value, tuple) else NONE if value is None else str(value)
