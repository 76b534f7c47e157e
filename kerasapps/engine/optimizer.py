"""Optimizers, by name, from Keras."""

import dataclasses
import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import keras
import tensorflow as tf

from kerasapps.app import Update
from kerasapps.engine.schedule import learning_rate
from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.settings import Limits, Setting, declared

_SCOPE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.-]*")
"""Names that both Keras and TensorFlow allow."""
# The learning rate is a hyperparameter of its own; the others need what only fit does after each step.
_NOT_HONOURED = {
    "self",
    "kwargs",
    "learning_rate",
    "loss_scale_factor",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "gradient_accumulation_steps",
}
# The others are numbers: of a negative default any, else none below 0.
_KNOWN = {
    **dict.fromkeys(("momentum", "rho", "beta_1", "beta_2", "adam_beta_1", "adam_beta_2"), (float, Limits(0, below=1))),
    **dict.fromkeys(("clipnorm", "clipvalue", "global_clipnorm"), (float, Limits(above=0))),
    **dict.fromkeys(("ns_steps", "warmup_steps"), (int, Limits(0))),
    "name": (str, Limits()),
    "exclude_layers": (tuple[str, ...], Limits()),
}
_OF_ONE = {("schedulefreeadamw", "beta_1"): (float, Limits(above=0, below=1))}
"""Settings that an optimizer, by name, has in other limits: this one divides by its beta_1."""


class Optimizer(Protocol):
    """What the engine asks of an optimizer, as each of Keras's is."""

    @property
    def variables(self) -> list[keras.Variable]:
        """What it changes of its own at each step: how far it is, moments; a checkpoint holds them."""

    @property
    def iterations(self) -> keras.Variable:
        """Steps done."""

    @property
    def learning_rate(self) -> keras.Variable:
        """The rate of the next step; where no schedule gives it, another can be assigned."""

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None: ...

    def build(self, variables: list[keras.Variable]) -> None:
        """Make its own variables for those that it will move."""

    def apply(self, grads: list[tf.Tensor], trainable_variables: list[keras.Variable]) -> None:
        """Move the variables by a step."""


def optimizer_classes() -> dict[str, type[keras.optimizers.Optimizer]]:
    """Every class of keras.optimizers with a learning rate (the others wrap optimizers), by its name in lower case."""
    members = inspect.getmembers(keras.optimizers, inspect.isclass)
    own = [(name, cls) for name, cls in members if "learning_rate" in inspect.signature(cls.__init__).parameters]
    return {name.lower(): cls for name, cls in own if cls is not keras.optimizers.Optimizer}


def _check_settings(optimizer: str, parameters: Mapping[str, inspect.Parameter], given: Mapping[Any, Any]) -> None:
    """Raise ConfigError for an unknown setting, or a value with which every step would fail or lead nowhere.

    Keras itself checks few of them, and only when the optimizer first steps.
    """
    known = {name: _setting(optimizer, name, p.default) for name, p in parameters.items() if name not in _NOT_HONOURED}
    for name, value in given.items():
        if name not in known:
            raise unknown_name(f"setting of {optimizer}", str(name), known)
        if name == "name" and isinstance(value, str) and not _SCOPE.fullmatch(value):
            raise ConfigError(
                f"optimizer_settings of {optimizer}: name={shown(value)}. Expected letters, digits and any of _ . -, "
                "a letter or digit first, as TensorFlow names things; or leave it out."
            )
        try:
            known[name].check(value)
        except ConfigError as error:
            text = f"optimizer_settings of {optimizer}: {name}={shown(value)}, a {type(value).__name__}."
            wanted = f"Expected {known[name].wanted}; Keras's default is {known[name].default}."
            raise ConfigError(f"{text} {wanted}") from error
    _check_patterns(optimizer, given.get("exclude_layers") or ())


def _check_patterns(optimizer: str, patterns: Sequence[str]) -> None:
    """Raise ConfigError for what is no regular expression, which Keras finds out when variables are made."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(
                f"optimizer_settings of {optimizer}: exclude_layers has {shown(pattern)} in it: {error}. Expected "
                "regular expressions, looked for in the paths of variables; write \\ before signs that are none."
            ) from error


def _setting(optimizer: str, name: str, default: Any) -> Setting:
    """The setting that an argument of a Keras optimizer is, as its name and its default tell."""
    annotation, limits = _OF_ONE.get((optimizer, name)) or _KNOWN.get(name, (float, Limits(minimum=0)))
    if isinstance(default, bool):
        annotation, limits = bool, Limits()
    elif name not in _KNOWN and default is not None and default < 0:
        limits = Limits()
    return declared(name, annotation | None if default is None else annotation, default, limits=limits)


def make_optimizer(hparams: Hparams, steps_per_epoch: int, overrides: Mapping[str, Any] | None = None) -> Optimizer:
    """The optimizer that `hparams` name, with fields replaced by `overrides`; raises ConfigError.

    Its learning rate is a variable where it is constant, else a function of its own step count.
    """
    hparams = dataclasses.replace(hparams, **overrides or {})
    classes = optimizer_classes()
    name = hparams.optimizer.lower().replace("_", "")
    if name not in classes:
        raise unknown_name("optimizer", hparams.optimizer, classes)
    _check_settings(name, inspect.signature(classes[name].__init__).parameters, hparams.optimizer_settings)
    try:
        optimizer = classes[name](learning_rate(hparams, steps_per_epoch), **hparams.optimizer_settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} refuses {shown(hparams.optimizer_settings)}: {error}") from error
    # The engine adds up what replicas have. Keras would once more, and for a derivative of that sum, which nobody asks,
    # TensorFlow holds every graph that has one for the life of the process.
    optimizer._all_reduce_sum_gradients = lambda pairs: pairs
    return optimizer


def changed_by(optimizer: Optimizer) -> dict[str, keras.Variable]:
    """What steps change of an optimizer's own, by its number among all its variables.

    Left out are int32 ones: Keras's Adafactor has them in place of moments of weights that have fewer than two
    dimensions, and never reads them. They would be held in the host's memory, where XLA on a GPU refuses them.
    """
    return {f"{i:03d}": variable for i, variable in enumerate(optimizer.variables) if variable.dtype != "int32"}


def make_optimizers(updates: Sequence[Update], hparams: Hparams, steps_per_epoch: int) -> dict[str, Optimizer]:
    """An optimizer for each update by its name, with its variables made; raises ConfigError."""
    unique = {update.name: update for update in updates}
    made = {
        name: make_optimizer(hparams, steps_per_epoch * updates.count(update), update.settings)
        for name, update in unique.items()
    }
    for name, update in unique.items():
        made[name].build(list(update.variables))
    return made
