"""The side of kerasapps: the Session that `train` uses.

Metrics, validation every epoch and the best weights kept are part of it, checkpoints are not. Compiling is done anew:
TensorFlow is imported without kerasapps.startup's cache of compiled programs. It includes the plans that were tried.
"""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from experiments.peers import worker
from experiments.peers.cases import Target
from experiments.peers.handover import read_task
from experiments.peers.sessions import open_session
from kerasapps.engine.listeners import Call, Listener, Stop
from kerasapps.engine.loop import run_epochs
from kerasapps.engine.segments import Limits, Pace, Progress

EPOCHS_APART = 1000


@dataclasses.dataclass(frozen=True)
class _Until:
    """Ends training when the target is met."""

    met: Callable[[Progress], bool]

    def on_call_end(self, call: Call) -> Stop | None:
        """A Stop once it is met."""
        return Stop("The target is met.") if self.met(call.at) else None


class Ours(worker.Side):
    """Trains with the engine."""

    def __init__(self, folder: Path) -> None:
        task = read_task(folder)
        self.session = open_session(task.case, task.rows, execution=task.execution)
        self.compile_seconds = self.session.compile_seconds
        self.first_state, self.pace = self.session.state.arrays(), Pace()

    def train(self, epochs: int) -> None:
        """Train so many epochs."""
        self._run(Progress(), epochs)

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

    def _timed(self, first: int, epochs: int, ends: Callable[[Progress], bool]) -> tuple[Progress, float]:
        """Train from the first weights, with the order of rows of the epochs from `first` on."""
        at = Progress(epoch=first)
        self.session.state.restore(self.first_state)
        started = time.perf_counter()
        self._run(at, first + epochs, _Until(ends))
        return at, time.perf_counter() - started

    def _run(self, at: Progress, last: int, *listeners: Listener) -> None:
        run_epochs(self.session, at, Limits(last, False, None), listeners, self.pace)


if __name__ == "__main__":
    worker.serve(lambda folder, words: Ours(folder))
