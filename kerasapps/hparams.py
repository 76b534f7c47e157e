"""Hyperparameters: frozen dataclasses whose every field is typed, documented and range-checked."""

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasapps.errors import ConfigError, unknown_name

FULL_BATCH = 1 << 20
"""A global_batch_size that means all rows at once: more than any source for full batches has."""


def setting(
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] | None = None,
    shortest: int = 0,
) -> Any:
    """A dataclass field with its help and range; for a tuple that of each element, of which `shortest` are needed."""
    limits = {">=": minimum, ">": above, "<=": maximum, "<": below}
    limits = {sign: limit for sign, limit in limits.items() if limit is not None}
    metadata = {"help": help, "limits": limits, "choices": choices, "shortest": shortest}
    if isinstance(default, Mapping):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


_HOLDS = {">=": float.__ge__, ">": float.__gt__, "<=": float.__le__, "<": float.__lt__}


def _check_one(name: str, value: Any, kind: type, field: dataclasses.Field) -> Any:
    choices, limits = field.metadata["choices"], field.metadata["limits"]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is str and isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ConfigError(f"{name}={value!r}: expected {kind.__name__}, got {type(value).__name__}.")
    if choices and value not in choices:
        raise unknown_name(f"value of {name}", str(value), choices)
    if kind in (int, float):
        inside = math.isfinite(value) and all(_HOLDS[s](float(value), float(x)) for s, x in limits.items())
        if not inside:
            wanted = " and ".join(f"{s} {x:g}" for s, x in limits.items()) or "finite"
            raise ConfigError(f"{name}={value!r}: expected a number {wanted}.")
    return value


def _check_tuple(name: str, value: Any, default: tuple, field: dataclasses.Field) -> tuple:
    if not isinstance(value, (list, tuple)):
        raise ConfigError(f"{name}={value!r}: expected a list, such as {list(default)}.")
    if len(value) < field.metadata["shortest"]:
        wanted = field.metadata["shortest"]
        raise ConfigError(f"{name}={value!r}: expected at least {wanted} value, such as {list(default)}.")
    kind = type(default[0]) if default else str
    return tuple(_check_one(name, element, kind, field) for element in value)


def check(values: Any) -> None:
    """Check every `setting` of a frozen dataclass instance against its type, range and choices.

    The type is that of the default: lists become tuples, ints become floats where a float is expected, and
    paths become text where text is.
    Raises ConfigError.
    """
    for field in dataclasses.fields(values):
        value = getattr(values, field.name)
        default = field.default if field.default is not dataclasses.MISSING else field.default_factory()
        if "limits" not in field.metadata or (value is None and default is None):
            continue
        if isinstance(default, tuple):
            value = _check_tuple(field.name, value, default, field)
        elif default is not None:
            value = _check_one(field.name, value, type(default), field)
        object.__setattr__(values, field.name, value)


@dataclass(frozen=True)
class Hparams:
    """What every application's training can be tuned by; an app adds its own fields."""

    epochs: int = setting(10, "passes over the training rows", minimum=1)
    global_batch_size: int = setting(
        32, "rows a step, over all replicas; more than there are rows means full batch", minimum=1
    )
    gradient_accumulation_steps: int = setting(
        1, "micro-batches that a batch is computed in, one after the other; must divide its rows", minimum=1
    )
    optimizer: str = setting("adam", "class of keras.optimizers, by its name in lower case")
    optimizer_settings: dict = setting({}, "further arguments of that class, such as {momentum: 0.9}")
    learning_rate: float = setting(1e-3, "step size at the peak of the schedule", above=0)
    schedule: str = setting(
        "constant",
        "course of the learning rate",
        choices=("constant", "cosine", "exponential", "step", "plateau"),
    )
    warmup_epochs: float = setting(0.0, "epochs of linear warm-up (not of plateau), at most half of all", minimum=0)
    decay_rate: float = setting(0.5, "factor of one decay (exponential, step, plateau)", above=0, maximum=1)
    decay_epochs: float = setting(10.0, "epochs between decays (exponential, step)", above=0)
    plateau_patience: int = setting(5, "epochs without improvement before a decay (plateau)", minimum=1)
    l1: float = setting(0.0, "weight of the L1 penalty sum|w| on kernels", minimum=0)
    l2: float = setting(0.0, "weight of the L2 penalty sum w^2 on kernels", minimum=0)
    ema_momentum: float = setting(
        0.0, "evaluate and keep averages of the weights, moved by 1 - this at each step; 0 = none", minimum=0, below=1
    )
    early_stopping_patience: int = setting(
        0, "epochs without improvement of the monitored metric before training stops; 0 = never", minimum=0
    )
    monitor: str = setting("val_loss", "metric that selects the best epoch; val_ means the validation rows")
    keep: str = setting(
        "best", "epoch that is evaluated and exported: the best one or the last", choices=("best", "last")
    )

    def __post_init__(self) -> None:
        check(self)


def redefault(name: str, default: Any) -> Any:
    """The field `name` of Hparams with another default, for an app's own Hparams."""
    field = settings(Hparams)[name]
    if isinstance(default, Mapping):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=field.metadata)
    return dataclasses.field(default=default, metadata=field.metadata)


def settings(kind: type) -> dict[str, dataclasses.Field]:
    """The fields of a dataclass made with `setting`, by name."""
    return {field.name: field for field in dataclasses.fields(kind) if "limits" in field.metadata}
