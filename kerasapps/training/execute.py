"""Does what is left of a run: epochs with checkpoints, evaluation of the weights kept, the record."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kerasapps import startup
from kerasapps.errors import Interrupted, KerasappsError, TrainingError
from kerasapps.training import checkpoint, directory
from kerasapps.training.evaluation import evaluate_task
from kerasapps.training.loop import Limits, Pace, Progress, run_epochs
from kerasapps.training.monitor import Monitor
from kerasapps.training.progress import shown
from kerasapps.training.record import new_record, timed
from kerasapps.training.run import Run
from kerasapps.training.samples import sampler
from kerasapps.training.session import Session


def execute(session: Session, path: Path, at: Progress, monitor: Monitor, problems: list[str]) -> Run:
    """Train from `at` to the end, evaluate, and write the record, also of what failed or was interrupted.

    problems: damaged checkpoints that a resume passed over. Raises TrainingError, and Interrupted on Ctrl-C.
    """
    record = new_record(session, problems)
    pace, failure, evaluated = Pace(), None, {}
    try:
        _run_epochs(session, path, at, monitor, pace)
        session.clock.mark("train")
        evaluated = _evaluated(session)
        session.clock.mark("evaluate")
    except (KeyboardInterrupt, Interrupted) as stop:
        failure = Interrupted(
            f"{str(stop) or 'Stopped.'} Go on: kerasapps train {session.app.name} --run-dir {path} --resume."
        )
    except KerasappsError as error:
        failure = error
    steps = at.epoch * session.program.steps + at.cycle
    rate = pace.median() * len(session.rows["train"]) / session.program.steps
    traces = session.chosen.compiler.traces - record["execution"]["traces"]
    record["execution"] |= {"retraces": traces}
    record |= {"status": _status(session, at, monitor, failure), "epochs": at.epoch, "steps": steps}
    record |= {"examples_per_second": rate, "history": at.history, "best_epoch": session.state.best_epoch + 1}
    record |= evaluated if failure is None else {"error": str(failure)}
    record = timed(record, session.clock, startup.take_import_seconds(), at.seconds)
    _write_record(path, record, failure)
    if failure is not None:
        raise failure
    return Run(path, session.app, session.options, session.hparams, session.preprocess, session.parts, record)


def _write_record(path: Path, record: dict, failure: Exception | None) -> None:
    """Write the record; where a full disk is what failed already, that error is the one to tell."""
    try:
        with directory.written(path / "record.json"):
            directory.write_record(path, record)
    except KerasappsError as error:
        raise failure or error from error


def saver(session: Session, path: Path, at: Progress, monitor: Monitor) -> Callable[[], None]:
    """A function that saves a checkpoint of where training is in the run directory `path`.

    It raises TrainingError rather than save weights that are not finite.
    """

    def save() -> None:
        state = {
            **dataclasses.asdict(at),
            "plan": session.plan,
            "measured": session.chosen.measured,
            "hooks": monitor.state(),
            "start": session.started,
        }
        step = at.epoch * session.program.steps + at.cycle
        arrays = session.state.arrays()
        bad = [name for name in session.state.weights if not np.isfinite(arrays[name]).all()]
        if bad:
            raise TrainingError(
                f"The weights {bad[0]} are not finite after step {step}. Lower learning_rate; the checkpoints before "
                "are intact."
            )
        checkpoint.save(path / "checkpoints", step, checkpoint.Checkpoint(arrays, state))

    return save


def _scale_learning_rate(session: Session) -> Callable[[float], None]:
    def scale(factor: float) -> None:
        if factor != 1.0:
            for optimizer in session.optimizers.values():
                optimizer.learning_rate = float(optimizer.learning_rate.numpy()) * factor

    return scale


def _run_epochs(session: Session, path: Path, at: Progress, monitor: Monitor, pace: Pace) -> None:
    options, hparams, program = session.options, session.hparams, session.program
    last = min(options.stop_at_epoch or hparams.epochs, hparams.epochs)
    sampled, sample = sampler(session, path, at, monitor)
    limits = Limits(last, monitor.every_epoch, options.checkpoint_every_steps, sampled)
    save_state, written = saver(session, path, at, monitor), 0

    def save() -> None:
        nonlocal written
        with directory.written(path):
            save_state()
            written = directory.write_metrics(path, at.history, written)

    sample()  # a kill may have come between a checkpoint and its samples
    with shown(hparams.epochs, program.steps, session.batch_size, at.epoch) as show:
        scale = _scale_learning_rate(session)
        run_epochs(program, session.state, monitor, at, session.metrics, limits, scale, save, show, pace, sample)
    with directory.written(path):
        directory.write_metrics(path, at.history, 0)


def _status(session: Session, at: Progress, monitor: Monitor, failure: Exception | None) -> str:
    if failure is not None:
        return "interrupted" if isinstance(failure, Interrupted) else "failed"
    return "completed" if at.epoch >= session.hparams.epochs or monitor.stopped else "interrupted"


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
