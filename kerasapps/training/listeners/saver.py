"""Checkpoints, and metrics.csv with them."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasapps.engine import segments
from kerasapps.engine.listeners import Call, Stop, states_of
from kerasapps.engine.segments import Limits, Progress
from kerasapps.errors import TrainingError
from kerasapps.runs import checkpoint, directory
from kerasapps.training.job import Job


class Saver:
    """Saves after every call that ends an epoch, a multiple of limits.every_steps, or training.

    But not after one that is short only because it ends at one of limits.epochs.
    """

    def __init__(self, job: Job, limits: Limits, saved_seconds: float) -> None:
        """saved_seconds: what the last checkpoint says of the time in calls."""
        self._job, self._limits, self._saved = job, limits, saved_seconds

    def on_call_end(self, call: Call) -> None:
        """Save where there is reason to; raises TrainingError on a full disk and for weights that are not finite."""
        at, every = call.at, self._limits.every_steps
        done = at.epoch * self._job.session.program.steps + at.cycle
        early = at.epoch in self._limits.epochs and at.seconds - self._saved < segments.CALL_SECONDS
        if call.stop or call.is_last or (call.ended and not early) or (every and done % every == 0):
            states = states_of(self._job.listeners)
            with directory.written(self._job.path):
                save_checkpoint(self._job, self._job.path, at, states, call.stop)
                directory.write_metrics(self._job.path, at.history)
            self._saved = at.seconds


def save_checkpoint(
    job: Job, run_dir: Path, at: Progress, states: Sequence[object] = (), stop: Stop | None = None
) -> None:
    """Save where training is; raises TrainingError where weights are not finite.

    run_dir: the run's directory, or the temporary one that becomes it. states: of the job's listeners, as of states_of.
    stop: what ends training here; a resumed run does not train on where that completes it.
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
    checkpoint.save(run_dir / "checkpoints", step, checkpoint.Checkpoint(arrays, state))
