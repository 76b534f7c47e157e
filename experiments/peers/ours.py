"""The side of kerasapps: the Session that `train` uses.

Metrics, validation every epoch and the best weights kept are part of it, checkpoints are not. Compiling is done anew:
TensorFlow is imported without kerasapps.startup's cache of compiled programs. It includes the plans that were tried.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from experiments.peers import worker
from experiments.peers.cases import Target
from experiments.peers.handover import read_task
from experiments.peers.sessions import open_session
from kerasapps.training import loop
from kerasapps.training.monitor import Monitor

EPOCHS_APART = 1000


class _ReachedError(Exception):
    """Ends training when the target is met."""


class Ours(worker.Side):
    """Trains with the engine."""

    def __init__(self, folder: Path) -> None:
        task = read_task(folder)
        self.session = open_session(task.case, task.rows, execution=task.execution)
        self.compile_seconds = self.session.clock.seconds["compile"]
        self.first_state, self.pace = self.session.state.arrays(), loop.Pace()

    def train(self, epochs: int) -> None:
        """Train so many epochs."""
        self._run(loop.Progress(), epochs)

    def reach(self, metric: str, value: float, limit: int, turn: int) -> dict[str, float] | None:
        """Seconds and epochs until a validation metric is as good as `value`.

        A call of the engine may do more epochs than were needed: then just those are trained and timed once more.
        """
        target, name, first = Target(metric, value), f"val_{metric}", turn * EPOCHS_APART
        at, spent = self._timed(first, limit, lambda at: any(map(target.met, at.history.get(name, []))))
        needed = next((number for number, seen in enumerate(at.history[name], 1) if target.met(seen)), None)
        if needed is not None and at.epoch - first > needed:
            at, spent = self._timed(first, needed, lambda at: False)
        return needed and {"seconds": spent, "epochs": needed}

    def about(self) -> dict[str, str]:
        """The plan of execution that was chosen."""
        return {"plan": self.session.plan}

    def _timed(self, first: int, epochs: int, ends: Callable[[loop.Progress], bool]) -> tuple[loop.Progress, float]:
        """Train from the first weights, with the order of rows of the epochs from `first` on."""
        at = loop.Progress(epoch=first)

        def show(at: loop.Progress, rate: float) -> None:
            if ends(at):
                raise _ReachedError

        self.session.state.restore(self.first_state)
        started = time.perf_counter()
        with contextlib.suppress(_ReachedError):
            self._run(at, first + epochs, show)
        return at, time.perf_counter() - started

    def _run(self, at: loop.Progress, last: int, show: Callable = lambda at, rate: None) -> None:
        session, limits = self.session, loop.Limits(last, False, None)
        monitor = Monitor(session.hparams, session.direction)
        loop.run_epochs(session, monitor, at, limits, self.pace, lambda: None, show)


if __name__ == "__main__":
    worker.serve(lambda folder, words: Ours(folder))
