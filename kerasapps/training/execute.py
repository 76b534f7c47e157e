"""Does what is left of a run: epochs with their listeners, evaluation of the best weights, the record."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from kerasapps.data.baselines import constant_baseline, linear_baseline
from kerasapps.distribute.cluster import command_to_go_on, is_chief
from kerasapps.distribute.peers import lost_workers_told
from kerasapps.engine.listeners import Listener, Stop
from kerasapps.engine.loop import run_epochs
from kerasapps.engine.segments import Limits, Pace, Progress
from kerasapps.errors import Interrupted, KerasappsError, TrainingError
from kerasapps.runs import directory
from kerasapps.runs.load import draw
from kerasapps.runs.record import seconds_of, versions
from kerasapps.runs.run import Run
from kerasapps.settings import values_of
from kerasapps.streams import say
from kerasapps.training import summary
from kerasapps.training.example import example
from kerasapps.training.job import Job
from kerasapps.training.listeners.monitor import Monitor
from kerasapps.training.listeners.progress import Work, shown, working
from kerasapps.training.listeners.sampler import Sampler
from kerasapps.training.listeners.saver import Saver
from kerasapps.training.listeners.scorer import Scorer
from kerasapps.training.listeners.time_limit import TimeLimit


def execute(job: Job, at: Progress) -> Run:
    """Train from `at` to the end, evaluate, and write the record, also of what failed or was interrupted.

    Raises TrainingError, Interrupted on Ctrl-C, and what a listener raises.
    """
    session, pace, traces = job.session, Pace(), job.session.program.compiler.traces
    session.replicas.exchange("the chief has made the directory")
    _say(job, summary.before(job, at))
    failure: BaseException | None = None
    try:
        outcome = _train(job, at, pace)
    except (KeyboardInterrupt, Interrupted) as stop:
        failure = Interrupted(f"{str(stop) or 'Stopped.'} Go on: {command_to_go_on(job.app.name, job.path)}")
        outcome = {"status": "interrupted", "error": str(failure)}
    except (Exception, SystemExit) as error:  # also those of listeners
        said = str(error) if isinstance(error, KerasappsError) else repr(error)
        failure, outcome = error, {"status": "failed", "error": said}
    record = {
        **_origin(job),
        **_execution(job, traces),
        "epochs": at.epoch,
        "steps": at.epoch * session.program.steps + at.cycle,
        "examples_per_second": pace.median() * session.data.training_rows / session.program.steps,
        "history": at.history,
        "best_epoch": session.state.best_epoch + 1,
        **outcome,
        "seconds": seconds_of(job.clock, at.seconds),
    }
    run = Run(job.path, job.app, job.options, session.hparams, session.data.preprocess, session.parts, record, draw)
    if failure is None and at.history and job.options.tensorboard and is_chief():
        _add_plots(run)  # before the record: a run that is killed here is not completed yet, and draws them again
    try:
        directory.write_record(job.path, record)
    except TrainingError as error:  # where a full disk is what failed already, that error is the one to tell
        raise failure or error from error
    if failure is not None:
        raise failure
    _say(job, summary.after(run))
    session.replicas.peers.leave()  # none says that the run is done before worker 0 has recorded it
    return run


def _say(job: Job, lines: Iterable[str]) -> None:
    """Write lines on stderr, of all workers that of the chief."""
    if job.session.replicas.peers.worker == 0:
        say(*lines)


def _add_plots(run: Run) -> None:
    """Give TensorBoard the plots; one that cannot be drawn or written is a warning, as training is done."""
    from kerasapps.training.listeners.tensorboard import write_plots  # which imports Matplotlib

    try:
        write_plots(run)
    except KerasappsError as error:
        warnings.warn(f"TensorBoard lacks plots: {error}", stacklevel=2)


@lost_workers_told()
def _train(job: Job, at: Progress, pace: Pace) -> dict[str, Any]:
    """Train and evaluate; status, and metrics of validation and test, of which there are none before an epoch ends."""
    stop = _run_epochs(job, at, pace)
    if not at.history:
        return {"status": "interrupted", "stopped": stop.reason if stop else ""}
    with working("evaluating"):
        metrics = _evaluated(job) | {"example": example(job)}
    job.clock.mark("evaluate")
    if at.epoch >= job.session.hparams.epochs:  # whatever asked to stop after the last epoch
        return {"status": "completed", **metrics}
    stopped = {"stopped": stop.reason} if stop else {}
    return {"status": "completed" if stop is not None and stop.completed else "interrupted", **stopped, **metrics}


def _run_epochs(job: Job, at: Progress, pace: Pace) -> Stop | None:
    """Train; what asked to stop before the last epoch, if anything did. Raises Interrupted on Ctrl-C."""
    session, options, epochs = job.session, job.options, job.session.hparams.epochs
    monitor, sampler = Monitor(session.hparams, session.state.direction), Sampler(job)
    monitor.restore(at.history)
    sampler.sample(at, is_last=monitor.stopped)  # a kill may have come between a checkpoint and its samples
    last = min(options.stop_at_epoch or epochs, epochs)
    scorer = Scorer(job, options.scored_rows) if options.scored_rows else None
    every_epoch = monitor.every_epoch or bool(job.listeners)
    ends = sampler.epochs if scorer is None else range(1, last)  # after which calls end, maybe without a checkpoint
    limits = Limits(last, every_epoch, options.checkpoint_every_steps, ends)
    saver = Saver(job, limits, at.seconds)
    told: list[Listener] = [monitor, *job.listeners, saver, sampler]
    if scorer is not None:
        told.insert(0, scorer)  # the others see its scores
    if options.max_seconds:
        told.insert(0, TimeLimit(options.max_seconds))
    if options.tensorboard and is_chief():
        from kerasapps.training.listeners.tensorboard import TensorBoard  # which imports Matplotlib

        told.append(TensorBoard(job.path, values_of(session.hparams), at.history))
    stop = monitor.wish or (Stop(job.stop, completed=True) if job.stop else None)
    work = Work(epochs, session.program.steps, session.batch_size, session.hparams.monitor)
    with _log_of(job) as log, shown(work, at.epoch, log) as shower:
        if stop is None:
            with saver:
                stop = run_epochs(session, at, limits, [*told, shower], pace)
    job.clock.mark("train", within={"scores": scorer.seconds} if scorer else {})
    with directory.written(job.path):  # a kill may have come between a checkpoint and its metrics, too
        directory.write_metrics(job.path, at.history)
    if stop is not None and stop.interrupted and at.epoch < last:
        raise Interrupted(stop.reason)
    return stop


@contextmanager
def _log_of(job: Job) -> Iterator[TextIO]:
    """Where progress is shown: on stderr, but of a worker that is not the chief in a file of its own."""
    if job.session.replicas.peers.worker == 0:
        yield sys.stderr
        return
    file = job.path / "workers" / f"{job.session.replicas.peers.worker}.log"
    with directory.written(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        log = file.open("a", encoding="utf-8")
    try:
        yield log
    finally:
        with suppress(OSError):  # of a full disk, as of each line before: it is progress alone
            log.close()


def _evaluated(job: Job) -> dict[str, Any]:
    """Metrics on validation, and on test where that is wanted, of the weights that are kept."""
    session = job.session
    session.state.take_best()
    data = {"validation": session.data.validation, **({"test": session.data.test} if job.options.evaluate_test else {})}
    found = {split: job.evaluate(rows, split) for split, rows in data.items()}
    metrics: dict[str, Any] = {split: results.metrics for split, results in found.items()}
    classes = {split: results.classes for split, results in found.items() if results.classes}
    beside = _baselines(job, found["validation"].metrics)
    return metrics | ({"classes": classes} if classes else {}) | ({"baselines": beside} if beside else {})


def _baselines(job: Job, metrics: Iterable[str]) -> dict[str, dict[str, float]]:
    """By split what models of the target have to beat, beside the metrics that there are."""
    if job.takes_any_target:
        return {}
    data, target = job.session.data, job.session.task.layout.target
    linear, constant = linear_baseline(data.preprocess.spec, data.rows), dict[str, dict[str, float]]()
    if "labels" in data.test and ("accuracy" in metrics or "rmse" in metrics):
        labels = {split: rows["labels"] for split, rows in (("validation", data.validation), ("test", data.test))}
        constant = constant_baseline(target, data.training_labels(), labels)
    return {split: {**constant.get(split, {}), **linear.get(split, {})} for split in {**constant, **linear}}


def _origin(job: Job) -> dict[str, Any]:
    """What was trained, on what, from what."""
    session, options = job.session, job.options
    return {
        "app": job.app.name,
        "data": options.data,
        **({"texts": session.data.texts} if session.data.texts else {}),
        **({"notes": session.data.notes} if session.data.notes else {}),
        "rows": {split: len(rows) for split, rows in session.data.rows.items()},
        "builder": options.builder,
        "seed": options.seed,
        "warm_start": job.warm_start,
        "hparams": values_of(session.hparams),
        "parameters": job.parameters,
    }


def _execution(job: Job, traces: int) -> dict[str, Any]:
    """How it was trained; traces: those made before training."""
    session, compiler, replicas = job.session, job.session.program.compiler, job.session.replicas
    return {
        "strategy": {"name": replicas.name, "replicas": replicas.number, "workers": replicas.workers},
        "precision": session.options.precision,
        "determinism": job.determinism,
        "execution": {
            "requested": session.options.execution,
            "chosen": session.plan,
            "xla": compiler.plan.xla or replicas.compiles,
            "measured": session.measured,
            "traces": traces,
            "retraces": compiler.traces - traces,
            "xla_compiles": compiler.xla_compiles,
            "compile_seconds": round(session.compile_seconds, 4),
            "resident": session.data.train is not None,
        },
        "versions": versions(),
        "checkpoints_passed_over": job.problems,
    }
