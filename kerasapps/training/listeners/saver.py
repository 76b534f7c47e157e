"""Checkpoints, and metrics.csv with them, written while training goes on."""

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np

from kerasapps.engine import segments
from kerasapps.engine.listeners import Call, Stop, states_of
from kerasapps.engine.segments import Limits, Progress
from kerasapps.errors import TrainingError
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.checkpoint import Checkpoint
from kerasapps.training.job import Job


class Saver:
    """Saves after every call that ends an epoch, or after some seconds; and a multiple of limits.every_steps.

    But not after one that is short only because it ends at one of limits.epochs. What is saved is taken before the next
    call; it is written during that. Within a with statement, at whose end all is written.
    """

    def __init__(self, job: Job, limits: Limits, saved_seconds: float) -> None:
        """saved_seconds: what the last checkpoint says of the time in calls."""
        self._job, self._limits, self._saved = job, limits, saved_seconds
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def __enter__(self) -> "Saver":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._thread.shutdown()
        if error is None:
            self._check()

    def on_call_end(self, call: Call) -> None:
        """Save where there is reason to; raises TrainingError on a full disk and for weights that are not finite."""
        if self._writing is not None and self._writing.done():
            self._check()
        ends = bool(call.stop) or call.is_last
        if ends or self._is_due(call):
            self._check()  # waits for the one before
            states = states_of(self._job.listeners)
            step, content = snapshot(self._job, call.at, states, call.stop)
            history = {name: list(values) for name, values in call.at.history.items()}
            self._writing = self._thread.submit(self._write, step, content, history)
            self._saved = call.at.seconds
        if ends:
            self._check()

    def _is_due(self, call: Call) -> bool:
        at, every, seconds = call.at, self._limits.every_steps, self._job.options.checkpoint_every_seconds
        if every and (at.epoch * self._job.session.program.steps + at.cycle) % every == 0:
            return True
        if seconds is not None:
            return at.seconds - self._saved >= seconds
        early = at.epoch in self._limits.epochs and at.seconds - self._saved < segments.CALL_SECONDS
        return bool(call.ended) and not early

    def _write(self, step: int, content: Checkpoint, history: dict[str, list[float]]) -> None:
        with directory.written(self._job.path):
            checkpoint.save(self._job.path / "checkpoints", step, content, self._job.options.keep_checkpoints)
            directory.write_metrics(self._job.path, history)

    def _check(self) -> None:
        """Wait for what is being written; raises TrainingError where it could not be."""
        if self._writing is not None:
            self._writing.result()


def snapshot(job: Job, at: Progress, states: Sequence[object] = (), stop: Stop | None = None) -> tuple[int, Checkpoint]:
    """The number of steps done, and what a checkpoint says there; raises TrainingError where weights are not finite.

    states: of the job's listeners, as of states_of. stop: what ends training here; a resumed run does not train on
    where that completes it.
    """
    session = job.session
    state = {
        **dataclasses.asdict(at),
        "plan": session.plan,
        "measured": session.measured,
        "warm_start": job.warm_start,
        "listeners": list(states),
        "listener_names": [type(listener).__name__ for listener in job.listeners],
        "stop": stop.reason if stop is not None and stop.completed and at.history else None,
    }
    step = at.epoch * session.program.steps + at.cycle
    arrays = session.state.arrays()
    bad = [name for name in session.state.weights if not np.isfinite(arrays[name]).all()]
    if bad:
        raise TrainingError(
            f"The weights {bad[0]} are not finite after step {step}. Lower learning_rate; the checkpoints before are "
            "intact."
        )
    return step, Checkpoint(arrays, state)


def save_first(job: Job, run_dir: Path, at: Progress, states: Sequence[object]) -> None:
    """Save what training begins with; run_dir: the temporary directory that becomes the run's."""
    checkpoint.save(run_dir / "checkpoints", *snapshot(job, at, states))
