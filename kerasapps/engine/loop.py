"""The host's side of training: which call comes next, and who is told after it."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType

import numpy as np

from kerasapps.distribute.replicas import Replicas
from kerasapps.engine.listeners import Call, Listener, Stop
from kerasapps.engine.segments import Limits, Pace, Progress, next_segment
from kerasapps.engine.session import Session
from kerasapps.engine.state import State
from kerasapps.errors import TrainingError


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turns Ctrl-C and SIGTERM into a question that is asked between calls; a second Ctrl-C is what it always is.

    A signal that the process ignores, as a shell lets scripts in the background ignore Ctrl-C, stays ignored.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(kind: int, _: FrameType | None) -> None:
        asked.set()
        if kind == signal.SIGINT:  # not so SIGTERM, which the command timeout sends twice at once
            signal.signal(kind, before[signal.SIGINT])

    heard = [kind for kind in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(kind) is not signal.SIG_IGN]
    before = {kind: signal.signal(kind, ask) for kind in heard}
    try:
        yield asked.is_set
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _check_finite(at: Progress, state: State, rows: np.ndarray, steps: int) -> None:
    step, metric = state.bad
    where, bad = f"in epoch {step // steps + 1}, step {step + 1}", np.argwhere(~np.isfinite(rows))
    if step < 0 and len(bad):
        epoch, metric = at.epoch + bad[0, 0] + 1, state.metrics[bad[0, 1]]
        where = f"after epoch {epoch}, step {epoch * steps}"
    if step >= 0 or len(bad):
        raise TrainingError(
            f"{metric} is not finite {where}. Lower learning_rate or check the data; the checkpoints before it are "
            "intact."
        )


def run_epochs(
    session: Session, at: Progress, limits: Limits, listeners: Sequence[Listener] = (), pace: Pace | None = None
) -> Stop | None:
    """Train from `at` to the limits' last epoch, or until a listener asks to stop: what it asked is returned.

    Ctrl-C and SIGTERM are such a wish, too, whichever worker hears them. All listeners are told of each call, in their
    order. Raises TrainingError where a number is no longer finite, before any listener is told of it.
    """
    program, state, pace = session.program, session.state, pace or Pace()
    stop = None
    with _interruptible() as interrupted:
        while at.epoch < limits.last_epoch and stop is None:
            segment = next_segment(at, program, limits, pace.steps())
            started = time.perf_counter()
            rows = program.run(segment)
            spent, asked = _agreed(session.replicas, time.perf_counter() - started, interrupted())
            at.seconds += spent
            pace.observe(segment.epochs * (segment.full + segment.tail), spent)
            _check_finite(at, state, rows, program.steps)
            at.move(segment, dict(zip(state.metrics, rows.T, strict=True)) if segment.ends else {})
            if asked:
                where = f"in epoch {at.epoch + 1}" if at.cycle else f"after epoch {at.epoch}"
                stop = Stop(f"Stopped {where}, step {at.epoch * program.steps + at.cycle}.", interrupted=True)
            call = Call(session, at, segment.epochs * segment.ends, at.epoch >= limits.last_epoch, pace.median(), stop)
            for listener in listeners:
                call.ask(listener.on_call_end(call))
            stop = _of_chief(session.replicas, call.stop)
    return stop


def _agreed(replicas: Replicas, seconds: float, interrupted: bool) -> tuple[float, bool]:
    """What all workers go by: the seconds of the slowest, and whether any was interrupted.

    They have to cut training into the same calls, since in each they wait for each other.
    """
    if replicas.workers == 1:
        return seconds, interrupted
    times, signals = zip(*replicas.exchange([seconds, interrupted]), strict=True)
    return max(times), any(signals)


def _of_chief(replicas: Replicas, stop: Stop | None) -> Stop | None:
    """What worker 0 was asked for by its listeners; those of others may wish something else."""
    if replicas.workers == 1:
        return stop
    said = replicas.exchange(stop and asdict(stop))[0]
    return said and Stop(**said)
