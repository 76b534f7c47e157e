"""Learning rates as functions of how many steps were done: a schedule of Keras behind a warm-up."""

from typing import Any, TypeAlias

import keras
import tensorflow as tf

from kerasapps.hparams import Hparams
from kerasapps.tensors import Integer

Rate: TypeAlias = float | keras.optimizers.schedules.LearningRateSchedule
"""A learning rate: of all steps, or as a function of how many were done."""


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Linear growth to another rate: its share (step + 1) / steps in the first `steps` steps.

    No step has rate 0: Keras's Ftrl divides by the rate, and a step of rate 0 is lost to any optimizer. from_zero: the
    share is step / steps, as it was in runs of config.yaml's formats 1 and 2.
    """

    def __init__(self, rate: Rate, steps: int, from_zero: bool = False) -> None:
        self.rate, self.steps, self.from_zero = rate, steps, from_zero

    def __call__(self, step: Integer) -> tf.Tensor:
        """The learning rate after `step` steps, a scalar."""
        rate = self.rate(step) if callable(self.rate) else self.rate
        done = keras.ops.cast(step if self.from_zero else step + 1, "float32")
        return rate * keras.ops.minimum(done / self.steps, 1.0)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {"rate": self.rate, "steps": self.steps, "from_zero": self.from_zero}


class InverseSquareRoot(keras.optimizers.schedules.LearningRateSchedule):
    """rate * sqrt(steps / (step + 1)) after the first `steps` steps, in which it is the rate (Vaswani et al. 2017)."""

    def __init__(self, rate: float, steps: int) -> None:
        self.rate, self.steps = rate, max(steps, 1)

    def __call__(self, step: Integer) -> tf.Tensor:
        """The learning rate after `step` steps, a scalar."""
        done = keras.ops.cast(step + 1, "float32")
        return self.rate * keras.ops.sqrt(self.steps / keras.ops.maximum(done, float(self.steps)))

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {"rate": self.rate, "steps": self.steps}


def learning_rate(hparams: Hparams, steps_per_epoch: int) -> Rate:
    """The learning rate that `hparams` name.

    cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, eq. 5, one period) and inverse_square_root begin after the
    warm-up; exponential and step are learning_rate * decay_rate^(epoch / decay_epochs) from the first epoch on, step
    with whole exponents. All but plateau warm up. Constant without warm-up, and plateau, are numbers, which can be
    changed during training.
    """
    steps = hparams.epochs * steps_per_epoch
    warmup = min(round(hparams.warmup_epochs * steps_per_epoch), steps // 2)
    if hparams.schedule == "plateau" or not warmup:
        return _after_warmup(hparams, steps_per_epoch, 0)
    if hparams.schedule == "cosine" and hparams.warmup_from_zero:  # TensorFlow rounds another expression otherwise
        return keras.optimizers.schedules.CosineDecay(
            0.0, steps - warmup, warmup_target=hparams.learning_rate, warmup_steps=warmup
        )
    return WarmUp(_after_warmup(hparams, steps_per_epoch, warmup), warmup, hparams.warmup_from_zero)


def depends_on_epochs(hparams: Hparams, epochs: int) -> str:
    """Why some step may have another learning rate in a training of `epochs` than in one of hparams.epochs; "" = none.

    A warm-up that is shorter than half of either training is as long in both.
    """
    if hparams.schedule == "cosine":
        return "with schedule=cosine the learning rate of every step depends on the number of epochs"
    if hparams.schedule != "plateau" and 2 * hparams.warmup_epochs >= min(hparams.epochs, epochs):
        return f"warmup_epochs={hparams.warmup_epochs:g} was cut to half of the epochs"
    return ""


def _after_warmup(hparams: Hparams, steps_per_epoch: int, warmup: int) -> Rate:
    """The rate that a warm-up of so many steps grows to."""
    rate, schedules = hparams.learning_rate, keras.optimizers.schedules
    if hparams.schedule == "cosine":
        decay = hparams.epochs * steps_per_epoch - warmup
        # To Keras this is a warm-up, too: from the rate to the same rate.
        return schedules.CosineDecay(rate, decay, warmup_target=rate if warmup else None, warmup_steps=warmup)
    if hparams.schedule == "inverse_square_root":
        return InverseSquareRoot(rate, warmup)
    if hparams.schedule in ("exponential", "step"):
        between = max(hparams.decay_epochs * steps_per_epoch, 1)
        return schedules.ExponentialDecay(rate, between, hparams.decay_rate, staircase=hparams.schedule == "step")
    return rate
