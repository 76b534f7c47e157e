"""Optimizers and learning-rate schedules, by name, from Keras."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from kerasapps.errors import ConfigError, unknown_name
from kerasapps.hparams import Hparams

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


def optimizer_classes() -> dict[str, type]:
    """Every class of keras.optimizers with a learning rate (the others wrap optimizers), by its name in lower case."""
    members = inspect.getmembers(keras.optimizers, inspect.isclass)
    own = [(name, cls) for name, cls in members if "learning_rate" in inspect.signature(cls.__init__).parameters]
    return {name.lower(): cls for name, cls in own if cls is not keras.optimizers.Optimizer}


def _learning_rate(hparams: Hparams, steps_per_epoch: int) -> Any:
    rate, schedules = hparams.learning_rate, keras.optimizers.schedules
    if hparams.schedule == "cosine":
        warmup = round(hparams.warmup_epochs * steps_per_epoch)
        decay = max(hparams.epochs * steps_per_epoch - warmup, 1)
        if warmup:
            return schedules.CosineDecay(0.0, decay, warmup_target=rate, warmup_steps=warmup)
        return schedules.CosineDecay(rate, decay)
    if hparams.schedule in ("exponential", "step"):
        steps = max(hparams.decay_epochs * steps_per_epoch, 1)
        return schedules.ExponentialDecay(rate, steps, hparams.decay_rate, staircase=hparams.schedule == "step")
    return rate


def make_optimizer(
    hparams: Hparams, steps_per_epoch: int, overrides: Mapping[str, Any] | None = None
) -> keras.optimizers.Optimizer:
    """The optimizer that `hparams` name, with fields replaced by `overrides`; raises ConfigError.

    constant and plateau rates are variables; the others are functions of the optimizer's own step count:
    cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5, one period, with linear warm-up),
    exponential and step: learning_rate * decay_rate^(epoch / decay_epochs), step with whole exponents.
    """
    hparams = type(hparams)(**{**hparams.__dict__, **(overrides or {})})
    classes = optimizer_classes()
    name = hparams.optimizer.lower().replace("_", "")
    if name not in classes:
        raise unknown_name("optimizer", hparams.optimizer, classes)
    accepted = set(inspect.signature(classes[name].__init__).parameters) - _NOT_HONOURED
    for given in hparams.optimizer_settings:
        if given not in accepted:
            raise unknown_name(f"setting of {name}", given, accepted)
    try:
        return classes[name](_learning_rate(hparams, steps_per_epoch), **hparams.optimizer_settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} refuses {hparams.optimizer_settings}: {error}") from error
