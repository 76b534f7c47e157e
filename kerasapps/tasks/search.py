"""Helpers that search spaces of applications are written with."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasapps.app import SearchSpace
from kerasapps.settings import NONE

if TYPE_CHECKING:
    import keras_tuner


RATES = {"adam": 1e-3, "adamw": 1e-3, "sgd": 1e-2}
"""Optimizers that are tried beside the default one, and the middle of the learning rates tried with each."""
SETTINGS: dict[str, dict[str, Any]] = {"sgd": {"momentum": 0.9, "nesterov": True}}


def among(**values: Sequence[object]) -> SearchSpace:
    """A search space: chooses the fields in `values` from these, and optimizer, learning rate and batch size.

    The values of the given hyperparameters are the defaults. Learning rates are within a factor of 10 of the middle
    one of the optimizer, on a logarithmic scale. Batches have half, the same or twice the number of rows.
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
    """An optimizer, its settings and its learning rate; settings of another optimizer are dropped."""
    own, rates = hparams.optimizer, {hparams.optimizer: hparams.learning_rate}
    rates |= {name: rate for name, rate in RATES.items() if name != own}
    optimizer, chosen = hp.Choice("optimizer", list(rates), default=own), dict[str, Any]()
    for name, middle in rates.items():
        # KerasTuner allows one hyperparameter of each name.
        own_name = "learning_rate" if name == own else f"learning_rate_{name}"
        with hp.conditional_scope("optimizer", [name]):
            rate = hp.Float(own_name, middle / 10, middle * 10, sampling="log", default=middle)
        if name == optimizer:
            chosen["learning_rate"] = rate
    if optimizer != own:
        chosen |= {"optimizer": optimizer, "optimizer_settings": SETTINGS.get(optimizer, {})}
    return chosen


def _as_told(value: object, values: Sequence[object]) -> object:
    """The choices for KerasTuner, which takes values of one plain type: texts, such as "128-64", for all others."""
    if not any(each is None or isinstance(each, tuple) for each in values):
        return value
    return "-".join(map(str, value)) if isinstance(value, tuple) else NONE if value is None else str(value)
