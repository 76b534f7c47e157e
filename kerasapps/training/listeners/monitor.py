"""Early stopping and the plateau schedule: what happens on the host at the end of an epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kerasapps.app import Direction
from kerasapps.engine.listeners import Call, Stop
from kerasapps.hparams import Hparams


@dataclass
class Monitor:
    """Early stopping, and the plateau schedule, which multiplies the learning rate by decay_rate.

    direction: of the monitored metric. best: its best value, times -1 where higher is better. waited: epochs since
    then; waited_for_decay: since then or since the last decay.
    """

    hparams: Hparams
    direction: Direction
    stopped: bool = False
    best: float | None = None
    waited: int = 0
    waited_for_decay: int = 0

    @property
    def every_epoch(self) -> bool:
        """Whether calls must end with each epoch."""
        return self.hparams.early_stopping_patience is not None or self.hparams.schedule == "plateau"

    def on_call_end(self, call: Call) -> Stop | None:
        """Scale the learning rate at a plateau; a Stop where the monitored metric has not improved for too long."""
        if call.ended:
            last = {name: values[-1] for name, values in call.at.history.items()}
            call.session.scale_learning_rate(self.epoch_end(last))
        return self.wish

    @property
    def wish(self) -> Stop | None:
        """A Stop where training should end."""
        if not self.stopped:
            return None
        reason = f"{self.hparams.monitor} has not improved for {self.hparams.early_stopping_patience} epochs."
        return Stop(reason, completed=True)

    def epoch_end(self, metrics: Mapping[str, float]) -> float:
        """Factor for the learning rate; sets `stopped` when training should end."""
        if not self.every_epoch:
            return 1.0
        patience, value = self.hparams.early_stopping_patience, metrics[self.hparams.monitor]
        value = -value if self.direction == "max" else value
        self.waited, self.waited_for_decay = self.waited + 1, self.waited_for_decay + 1
        if self.best is None or value < self.best:
            self.best, self.waited, self.waited_for_decay = value, 0, 0
        self.stopped = patience is not None and self.waited >= patience
        if self.hparams.schedule == "plateau" and self.waited_for_decay >= self.hparams.plateau_patience:
            self.waited_for_decay = 0
            return self.hparams.decay_rate
        return 1.0

    def restore(self, history: Mapping[str, Sequence[float]]) -> None:
        """Be as after the epochs of `history`, the first of a run; the learning rate is the optimizers' own."""
        for value in history.get(self.hparams.monitor, ()):
            self.epoch_end({self.hparams.monitor: value})
