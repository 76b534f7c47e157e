"""Hyperparameters that every application has."""

from dataclasses import dataclass
from typing import Any, Literal

from kerasapps.settings import check, setting

Schedule = Literal["constant", "cosine", "inverse_square_root", "exponential", "step", "plateau"]
Keep = Literal["best", "last"]
Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish", "gelu"]


@dataclass(frozen=True)
class Hparams:
    """What every application's training can be tuned by; an app adds its own fields."""

    epochs: int = setting(10, "passes over the training rows", minimum=1)
    global_batch_size: int | None = setting(
        32, "rows of a step, over all replicas; none = all rows, a full batch", minimum=1
    )
    gradient_accumulation_steps: int = setting(
        1, "number of micro-batches that a batch is divided into; must divide the rows of a batch", minimum=1
    )
    optimizer: str = setting("adam", "optimizer: a class of keras.optimizers, in lower case")
    optimizer_settings: dict[str, Any] = setting({}, "further arguments of the optimizer, such as {momentum: 0.9}")
    learning_rate: float = setting(1e-3, "step size at the peak of the schedule", above=0)
    schedule: Schedule = setting("constant", "schedule of the learning rate")
    warmup_epochs: float = setting(
        0.0,
        "epochs of linear warm-up from learning_rate / steps (not with plateau), at most half of all epochs",
        minimum=0,
    )
    decay_rate: float = setting(0.5, "factor of one decay (exponential, step, plateau)", above=0, maximum=1)
    decay_epochs: float = setting(10.0, "epochs between decays (exponential, step)", above=0)
    plateau_patience: int = setting(5, "epochs without improvement before a decay (plateau)", minimum=1)
    l1: float = setting(0.0, "weight of the L1 penalty sum|w| on kernels", minimum=0)
    l2: float = setting(0.0, "weight of the L2 penalty sum w^2 on kernels", minimum=0)
    ema_momentum: float | None = setting(
        None,
        "momentum of moving averages of the weights, which are then evaluated and saved; none = no averages",
        above=0,
        below=1,
    )
    early_stopping_patience: int | None = setting(
        None, "epochs without improvement of the monitored metric before training stops; none = never", minimum=1
    )
    monitor: str = setting("val_loss", "metric that selects the best epoch; val_ means the validation rows")
    keep: Keep = setting("best", "weights to evaluate and export: those of the best epoch or of the last")
    warmup_from_zero: bool = False
    """No setting: true of runs whose config.yaml has format 1 or 2, whose warm-up began at 0."""

    def __post_init__(self) -> None:
        check(self)
