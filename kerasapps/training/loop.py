"""The host's side of training: which segment comes next, what is recorded, saved and shown after it."""

import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasapps.errors import Interrupted, TrainingError
from kerasapps.training.monitor import Monitor
from kerasapps.training.program import Segment
from kerasapps.training.state import State

CALL_SECONDS = 0.5


@dataclass
class Progress:
    """Where training is: `cycle` batches into `epoch`; history: metric -> value per finished epoch.

    seconds: time spent in calls, by all processes that took part.
    """

    epoch: int = 0
    cycle: int = 0
    seconds: float = 0.0
    history: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class Pace:
    """Seconds per step, once warm, and how much work fits into one call."""

    steps_per_second: list[float] = field(default_factory=list)

    def observe(self, steps: int, seconds: float) -> None:
        """Remember one call."""
        self.steps_per_second.append(steps / max(seconds, 1e-9))

    def steps(self) -> int:
        """Steps that should fill a call; one before anything is known, lest Ctrl-C waits for many slow ones."""
        return int(self.steps_per_second[-1] * CALL_SECONDS) if self.steps_per_second else 1

    def median(self) -> float:
        """Median steps per second, the first call left out where there are more."""
        return statistics.median(self.steps_per_second[1:] or self.steps_per_second or [0.0])


@dataclass(frozen=True)
class Limits:
    """Where calls must end: after the last epoch, at every epoch, at multiples of some steps, after some epochs."""

    last_epoch: int
    every_epoch: bool
    every_steps: int | None
    epochs: Sequence[int] = ()


def next_segment(at: Progress, program: Any, limits: Limits, steps: int) -> Segment:
    """The next call: about `steps` steps, cut at the limits' grid, which does not depend on where training began."""
    if limits.every_steps:
        done = at.epoch * program.steps + at.cycle
        steps = min(steps, limits.every_steps - done % limits.every_steps)
    end = min((e for e in limits.epochs if at.epoch < e < limits.last_epoch), default=limits.last_epoch)
    epochs = min(steps // program.steps, program.epochs_a_call, end - at.epoch)
    epochs = min(epochs, 1) if limits.every_epoch else epochs
    tail = int(program.tail_rows > 0)
    whole = program.full <= program.cycles_a_call
    if at.cycle == 0 and whole and epochs >= 1:
        return Segment(at.epoch, 0, epochs, program.full, tail, 1)
    full = min(max(steps, 1), program.full - at.cycle, program.cycles_a_call)
    ends = int(at.cycle + full == program.full and (not tail or full < max(steps, 1)))
    return Segment(at.epoch, at.cycle, 1, full, tail * ends, ends)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turns Ctrl-C and SIGTERM into a question that is asked between calls; a second Ctrl-C is what it always is."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(kind: int, _: Any) -> None:
        asked.set()
        if kind == signal.SIGINT:  # not so SIGTERM, which the command timeout sends twice at once
            signal.signal(kind, before[kind])

    before = {kind: signal.signal(kind, ask) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _check_finite(at: Progress, state: State, metrics: list[str], rows: np.ndarray, steps: int) -> None:
    step, metric = state.bad
    where, bad = f"in epoch {step // steps + 1}, step {step + 1}", np.argwhere(~np.isfinite(rows))
    if step < 0 and len(bad):
        epoch, metric = at.epoch + bad[0, 0] + 1, metrics[bad[0, 1]]
        where = f"after epoch {epoch}, step {epoch * steps}"
    if step >= 0 or len(bad):
        raise TrainingError(
            f"{metric} is not finite {where}. Lower learning_rate or check the data; the checkpoints before it are "
            "intact."
        )


def run_epochs(
    session: Any,
    monitor: Monitor,
    at: Progress,
    limits: Limits,
    pace: Pace,
    save: Callable[[], None],
    show: Callable[[Progress, float], None],
    sample: Callable[[], None] = lambda: None,
) -> None:
    """Train a Session from `at` to the limits' last epoch or until the monitor stops it.

    save: after every call that ends an epoch or a multiple of steps, but not after one that is short only since
    `sample`, which is called after every call, needs the weights after its epoch. Raises TrainingError where a number
    is no longer finite, Interrupted (after a checkpoint) on Ctrl-C.
    """
    program, metrics, saved = session.program, session.metrics, at.seconds
    with _interruptible() as interrupted:
        while at.epoch < limits.last_epoch and not monitor.stopped:
            segment = next_segment(at, program, limits, pace.steps())
            started = time.perf_counter()
            rows = program.run(segment)
            spent = time.perf_counter() - started
            at.seconds += spent
            pace.observe(segment.epochs * (segment.full + segment.tail), spent)
            _check_finite(at, session.state, metrics, rows, program.steps)
            for row in rows:
                for name, value in zip(metrics, row, strict=True):
                    at.history.setdefault(name, []).append(float(value))
            if segment.ends:
                at.epoch, at.cycle = at.epoch + segment.epochs, 0
                session.scale_learning_rate(monitor.epoch_end({name: at.history[name][-1] for name in metrics}))
            else:
                at.cycle += segment.full
            done, over = at.epoch * program.steps + at.cycle, at.epoch >= limits.last_epoch or monitor.stopped
            stop = interrupted() or over
            early = at.epoch in limits.epochs and at.seconds - saved < CALL_SECONDS
            if stop or (segment.ends and not early) or (limits.every_steps and done % limits.every_steps == 0):
                save()
                saved = at.seconds
            sample()
            show(at, pace.median())
            if stop and not over:
                raise Interrupted(f"Stopped in epoch {at.epoch + 1}, step {done}.")
