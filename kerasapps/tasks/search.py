"""What search spaces of applications are written with."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasapps.app import SearchSpace
from kerasapps.settings import NONE

if TYPE_CHECKING:
    import keras_tuner


def among(**values: Sequence[object]) -> SearchSpace:
    """Hyperparameters with each of the fields `values` chosen from these, and a learning rate near their own.

    What they have themselves is the default. The rate is within a factor of 10 of it, on a logarithmic scale.
    """

    def choose(hparams: Any, hp: "keras_tuner.HyperParameters") -> Any:
        middle = hparams.learning_rate
        chosen = {"learning_rate": hp.Float("learning_rate", middle / 10, middle * 10, sampling="log", default=middle)}
        for name, some in values.items():
            own = getattr(hparams, name)
            named = {_as_told(value, [own, *some]): value for value in (own, *some)}
            chosen[name] = named[hp.Choice(name, list(named), default=_as_told(own, [own, *some]))]
        return dataclasses.replace(hparams, **chosen)

    return choose


def _as_told(value: object, values: Sequence[object]) -> object:
    """What KerasTuner, which takes values of one plain type, is told: texts, such as "128-64", where one is no such."""
    if not any(each is None or isinstance(each, tuple) for each in values):
        return value
    return "-".join(map(str, value)) if isinstance(value, tuple) else NONE if value is None else str(value)
