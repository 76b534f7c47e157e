"""What search spaces of applications are written with."""

from collections.abc import Sequence
from typing import Any

from kerasapps.hparams import Hparams


def choice(hp: Any, name: str, values: Sequence[Any], default: Any) -> Any:
    """A choice of a search space that has `default` among its values, whatever it is."""
    return hp.Choice(name, list(dict.fromkeys([default, *values])), default=default)


def sizes(hp: Any, name: str, values: Sequence[str], default: Sequence[int]) -> tuple[int, ...]:
    """A choice of the sizes of layers, each written as "128-64"; `default` is among them."""
    chosen = choice(hp, name, values, "-".join(map(str, default)))
    return tuple(int(size) for size in chosen.split("-") if size)


def rate(hp: Any, hparams: Hparams) -> float:
    """The learning rate of a search space: within a factor of 10 of the default, on a logarithmic scale."""
    middle = hparams.learning_rate
    return hp.Float("learning_rate", middle / 10, middle * 10, sampling="log", default=middle)
