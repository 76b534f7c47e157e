"""What happens at the end of an epoch on the host: early stopping and plateau. Their state is plain JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kerasapps.app import Direction
from kerasapps.hparams import Hparams


@dataclass
class Patience:
    """Counts epochs since the monitored metric last improved."""

    metric: str
    direction: Direction
    best: float | None = None
    waited: int = 0

    def observe(self, metrics: Mapping[str, float]) -> int:
        """Epochs waited, after this one."""
        value = -metrics[self.metric] if self.direction == "max" else metrics[self.metric]
        improved = self.best is None or value < self.best
        self.best, self.waited = (value, 0) if improved else (self.best, self.waited + 1)
        return self.waited


@dataclass
class Monitor:
    """Early stopping, and the plateau schedule, which multiplies the learning rate by decay_rate.

    direction: of the monitored metric.
    """

    hparams: Hparams
    direction: Direction
    stopping: Patience = field(init=False)
    plateau: Patience = field(init=False)
    stopped: bool = False

    def __post_init__(self) -> None:
        monitored = self.hparams.monitor, self.direction
        self.stopping, self.plateau = Patience(*monitored), Patience(*monitored)

    @property
    def every_epoch(self) -> bool:
        """Whether calls must end with each epoch for these monitor."""
        return self.hparams.early_stopping_patience is not None or self.hparams.schedule == "plateau"

    def epoch_end(self, metrics: Mapping[str, float]) -> float:
        """Factor for the learning rate; sets `stopped` when training should end."""
        if not self.every_epoch:
            return 1.0
        patience, waited = self.hparams.early_stopping_patience, self.stopping.observe(metrics)
        self.stopped = patience is not None and waited >= patience
        if self.hparams.schedule == "plateau" and self.plateau.observe(metrics) >= self.hparams.plateau_patience:
            self.plateau.waited = 0
            return self.hparams.decay_rate
        return 1.0

    def state(self) -> dict:
        """What a checkpoint must hold of them."""
        return {
            "stopped": self.stopped,
            **{name: [p.best, p.waited] for name, p in (("stopping", self.stopping), ("plateau", self.plateau))},
        }

    def restore(self, state: Mapping) -> None:
        """The inverse of `state`."""
        self.stopped = state["stopped"]
        self.stopping.best, self.stopping.waited = state["stopping"]
        self.plateau.best, self.plateau.waited = state["plateau"]
