"""Optimizers and learning-rate schedules, by name, from Keras."""

import inspect
import math
from collections.abc import Callable, Mapping
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
_DECAYS = ("momentum", "rho", "beta_1", "beta_2", "adam_beta_1", "adam_beta_2")
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def optimizer_classes() -> dict[str, type]:
    """Every class of keras.optimizers with a learning rate (the others wrap optimizers), by its name in lower case."""
    members = inspect.getmembers(keras.optimizers, inspect.isclass)
    own = [(name, cls) for name, cls in members if "learning_rate" in inspect.signature(cls.__init__).parameters]
    return {name.lower(): cls for name, cls in own if cls is not keras.optimizers.Optimizer}


class _WarmedUp(keras.optimizers.schedules.LearningRateSchedule):
    """Another schedule, or a number, after linear growth to it from 0."""

    def __init__(self, rate: Any, steps: int) -> None:
        self.rate, self.steps = rate, steps

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a scalar."""
        rate = self.rate(step) if callable(self.rate) else self.rate
        return rate * keras.ops.minimum(keras.ops.cast(step, "float32") / self.steps, 1.0)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {"rate": self.rate, "steps": self.steps}


def _learning_rate(hparams: Hparams, steps_per_epoch: int) -> Any:
    rate, schedules = hparams.learning_rate, keras.optimizers.schedules
    steps = hparams.epochs * steps_per_epoch
    warmup = min(round(hparams.warmup_epochs * steps_per_epoch), steps // 2)
    if hparams.schedule == "cosine":
        decay = steps - warmup
        if warmup:
            return schedules.CosineDecay(0.0, decay, warmup_target=rate, warmup_steps=warmup)
        return schedules.CosineDecay(rate, decay)
    if hparams.schedule == "plateau":
        return rate
    if hparams.schedule in ("exponential", "step"):
        between = max(hparams.decay_epochs * steps_per_epoch, 1)
        rate = schedules.ExponentialDecay(rate, between, hparams.decay_rate, staircase=hparams.schedule == "step")
    return _WarmedUp(rate, warmup) if warmup else rate


def _check_setting(optimizer: str, setting: Any, value: Any, defaults: Mapping[str, Any]) -> None:
    """Raise ConfigError for an unknown setting, or a value with which every step would fail or lead nowhere.

    Keras itself checks few of them, and only when the optimizer first steps.
    """
    if setting not in defaults:
        raise unknown_name(f"setting of {optimizer}", str(setting), defaults)
    default = defaults[setting]
    wanted, holds = _wanted(setting, default)
    if not holds(value) and not (value is None and default is None):
        given = f"optimizer_settings of {optimizer}: {setting}={value!r}"
        raise ConfigError(f"{given}, a {type(value).__name__}. Expected {wanted}; Keras's default is {default}.")


def _wanted(setting: str, default: Any) -> tuple[str, Callable[[Any], bool]]:
    """What a setting has to be: in words, and as a test."""
    if isinstance(default, bool):
        return "true or false", lambda value: isinstance(value, bool)
    if setting == "name":
        return "a text", lambda value: isinstance(value, str)
    if setting == "exclude_layers":
        return "a list of texts", lambda value: isinstance(value, list) and all(isinstance(v, str) for v in value)
    if setting in _DECAYS:
        return "a number >= 0 and < 1", lambda value: _is_number(value) and 0 <= value < 1
    if setting in _CLIPS:
        return "a number > 0", lambda value: _is_number(value) and value > 0
    if setting.endswith("_steps"):
        return "a whole number >= 0", lambda value: _is_number(value) and isinstance(value, int) and value >= 0
    if default is not None and default < 0:
        return "a number", _is_number
    return "a number >= 0", lambda value: _is_number(value) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def make_optimizer(
    hparams: Hparams, steps_per_epoch: int, overrides: Mapping[str, Any] | None = None
) -> keras.optimizers.Optimizer:
    """The optimizer that `hparams` name, with fields replaced by `overrides`; raises ConfigError.

    constant and plateau rates are variables; the others are functions of the optimizer's own step count:
    cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5, one period), exponential and step:
    learning_rate * decay_rate^(epoch / decay_epochs), step with whole exponents. All but plateau grow linearly from 0
    in the first warmup_epochs.
    """
    hparams = type(hparams)(**{**hparams.__dict__, **(overrides or {})})
    classes = optimizer_classes()
    name = hparams.optimizer.lower().replace("_", "")
    if name not in classes:
        raise unknown_name("optimizer", hparams.optimizer, classes)
    parameters = inspect.signature(classes[name].__init__).parameters
    defaults = {setting: p.default for setting, p in parameters.items() if setting not in _NOT_HONOURED}
    for setting, value in hparams.optimizer_settings.items():
        _check_setting(name, setting, value, defaults)
    try:
        return classes[name](_learning_rate(hparams, steps_per_epoch), **hparams.optimizer_settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} refuses {hparams.optimizer_settings}: {error}") from error
