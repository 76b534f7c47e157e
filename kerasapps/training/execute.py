"""Does what is left of a run: epochs with checkpoints and samples, evaluation of the weights kept, the record."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from kerasapps.errors import Interrupted, KerasappsError, TrainingError
from kerasapps.training import checkpoint, directory
from kerasapps.training.evaluation import evaluate_task
from kerasapps.training.loop import Limits, Pace, Progress, run_epochs
from kerasapps.training.monitor import Monitor
from kerasapps.training.progress import shown
from kerasapps.training.record import record_of, seconds_of
from kerasapps.training.run import Run
from kerasapps.training.session import Session


def execute(session: Session, path: Path, at: Progress, problems: list[str]) -> Run:
    """Train from `at` to the end, evaluate, and write the record, also of what failed or was interrupted.

    problems: damaged checkpoints that a resume passed over. Raises TrainingError, and Interrupted on Ctrl-C.
    """
    pace, failure, traces = Pace(), None, session.program.compiler.traces
    monitor = Monitor(session.hparams, session.direction)
    monitor.restore(at.history)
    try:
        _run_epochs(session, path, at, monitor, pace)
        session.clock.mark("train")
        outcome = _evaluated(session)
        session.clock.mark("evaluate")
        status = "completed" if at.epoch >= session.hparams.epochs or monitor.stopped else "interrupted"
    except (KeyboardInterrupt, Interrupted) as stop:
        go_on = f"Go on: kerasapps train {session.app.name} --run-dir {path} --resume."
        failure, status = Interrupted(f"{str(stop) or 'Stopped.'} {go_on}"), "interrupted"
    except KerasappsError as error:
        failure, status = error, "failed"
    record = {
        **record_of(session, traces, problems),
        "status": status,
        "epochs": at.epoch,
        "steps": at.epoch * session.program.steps + at.cycle,
        "examples_per_second": pace.median() * len(session.rows["train"]) / session.program.steps,
        "history": at.history,
        "best_epoch": session.state.best_epoch + 1,
        **({"error": str(failure)} if failure else outcome),
        "seconds": seconds_of(session.clock, at.seconds),
    }
    try:
        directory.write_record(path, record)
    except TrainingError as error:  # where a full disk is what failed already, that error is the one to tell
        raise failure or error from error
    if failure is not None:
        raise failure
    return Run(path, session.app, session.options, session.hparams, session.preprocess, session.parts, record)


def save_checkpoint(session: Session, path: Path, at: Progress) -> None:
    """Save where training is in the run directory `path`; raises TrainingError where weights are not finite."""
    state = {
        **dataclasses.asdict(at),
        "plan": session.plan,
        "measured": session.measured,
        "warm_start": session.warm_start,
    }
    step = at.epoch * session.program.steps + at.cycle
    arrays = session.state.arrays()
    bad = [name for name in session.state.weights if not np.isfinite(arrays[name]).all()]
    if bad:
        raise TrainingError(
            f"The weights {bad[0]} are not finite after step {step}. Lower learning_rate; the checkpoints before are "
            "intact."
        )
    checkpoint.save(path / "checkpoints", step, checkpoint.Checkpoint(arrays, state))


def _run_epochs(session: Session, path: Path, at: Progress, monitor: Monitor, pace: Pace) -> None:
    options, hparams, program = session.options, session.hparams, session.program
    last = min(options.stop_at_epoch or hparams.epochs, hparams.epochs)
    sampled, sample = _sampler(session, path, at, monitor)
    limits = Limits(last, monitor.every_epoch, options.checkpoint_every_steps, sampled)

    def save() -> None:
        with directory.written(path):
            save_checkpoint(session, path, at)
            directory.write_metrics(path, at.history)

    sample()  # a kill may have come between a checkpoint and its samples
    with shown(hparams.epochs, program.steps, session.batch_size, at.epoch) as show:
        run_epochs(session, monitor, at, limits, pace, save, show, sample)
    with directory.written(path):  # a kill may have come between a checkpoint and its metrics, too
        directory.write_metrics(path, at.history)


def epochs_to_sample(epochs: int) -> tuple[int, ...]:
    """1, 2, 3, ..., each at least 1.1 times the one before, and the last: of many epochs ever fewer."""
    chosen, epoch = [], 1
    while epoch < epochs:
        chosen.append(epoch)
        epoch += -(-epoch // 10)
    return (*chosen, epochs)


def _sampler(session: Session, path: Path, at: Progress, monitor: Monitor) -> tuple[Sequence[int], Callable[[], None]]:
    """The epochs after which the app samples, and a function that does it if training is after one of them.

    It does so, too, after the epoch at which the monitor stopped the run. No epochs where there is nothing to sample.
    """
    if session.task.samples is None:
        return (), lambda: None
    epochs = epochs_to_sample(session.hparams.epochs)
    traced = tf.function(lambda: session.state.with_averages(session.task.samples), autograph=False)

    def keep() -> None:
        if at.cycle == 0 and (at.epoch in epochs or monitor.stopped):
            with directory.written(path):
                directory.write_samples(path, at.epoch, traced().numpy())

    return epochs, keep


def _evaluated(session: Session) -> dict[str, dict[str, float]]:
    """Metrics on validation and on test of the weights that are kept."""
    session.state.take_best()
    splits = {"validation": session.validation, "test": session.test}
    found = evaluate_task(session.task, splits)
    for split, metrics in found.items():
        bad = [name for name, value in metrics.items() if not np.isfinite(value)]
        if bad:
            raise TrainingError(
                f"{', '.join(bad)} of the {split} rows are not finite, though the weights are. Expected inputs that "
                f"{session.options.precision} can hold: look for outliers, or give --precision float32."
            )
    return found
