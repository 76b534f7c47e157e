"""The line from data to a trained and evaluated model: train and resume."""

import dataclasses
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from kerasapps.app import App, load_app
from kerasapps.data.fingerprint import check_same
from kerasapps.data.rows import open_rows
from kerasapps.distribute.replicas import open_replicas
from kerasapps.engine.determinism import set_determinism
from kerasapps.engine.listeners import Listener, Stateful, check_listeners, states_of
from kerasapps.engine.segments import Progress
from kerasapps.engine.session import Session
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import refuse_changes, resolve, resolve_saved
from kerasapps.runs.load import last_checkpoint, load
from kerasapps.runs.record import Clock, environment
from kerasapps.runs.run import Run
from kerasapps.training.execute import execute
from kerasapps.training.job import Job
from kerasapps.training.listeners.saver import save_checkpoint
from kerasapps.training.prepare import build_task, fit_preprocess, read_data
from kerasapps.training.warm_start import prepare_from, take_over

FEW_WINDOWS = 5
"""Of fewer rows for validation a run that forecasts warns."""
_MOST_OF_FIRST = 0.1
"""Share of the first weights in averages that is not worth a warning."""


def train(app: str | App, *, listeners: Sequence[Listener] = (), **given: Any) -> Run:
    """Train an app; keyword arguments are fields of Options and of the app's Hparams.

    listeners: told of training while it runs, at the end of each epoch at least; see kerasapps.engine.listeners.
    Raises ConfigError, DataError, CheckpointError, TrainingError, and Interrupted on Ctrl-C; the last two leave a run
    directory that says so.
    """
    app, clock = load_app(app) if isinstance(app, str) else app, Clock()
    check_listeners(listeners)
    options, hparams = resolve(app, given)
    path = directory.new_directory(app, options)
    determinism = set_determinism(options.deterministic)
    replicas = open_replicas(options.strategy, options.devices)  # before the weights of another run are loaded
    other, preprocess = load(options.from_run) if options.from_run else None, None
    if other is None:
        rows = open_rows(options)
    else:
        options, rows, preprocess = prepare_from(other, app, options, given)
    preprocess = preprocess or fit_preprocess(app, options, rows)
    data = read_data(options, hparams, rows, preprocess, replicas)
    clock.mark("data")
    task = build_task(app, options, hparams, preprocess.layout, replicas)
    report = take_over(other, options, data, task.parts) if other else {}
    session = Session(task, data, options, replicas)
    clock.mark("build", within={"compile": session.compile_seconds})
    job, at = Job(path, app, options, session, clock, determinism, report), Progress()
    _warn_of_few_windows(session)
    _warn_of_first_weights(session)
    with directory.created(path, _constants(job)) as temporary:
        save_checkpoint(job, temporary, at, states_of(listeners))
    with directory.locked(path):
        return execute(job, at, listeners)


def _constants(job: Job) -> dict[str, str]:
    """The files that never change during a run: how it was made, on what data, and where."""
    config, data = directory.config_of(job.app, job.options, job.session.hparams), job.session.data
    return {
        "config.yaml": yaml.safe_dump(config, sort_keys=False),
        "preprocess.json": data.preprocess.to_json(),
        "data.json": json.dumps(data.fingerprints, indent=2),
        "environment.json": json.dumps(environment(), indent=2),
    }


def _warn_of_first_weights(session: Session) -> None:
    """Averages over few steps are mostly what the weights were before any."""
    momentum, steps = session.hparams.ema_momentum or 0.0, session.hparams.epochs * session.steps_per_epoch
    if momentum**steps > _MOST_OF_FIRST:
        warnings.warn(
            f"ema_momentum={momentum:g} over {steps} steps: the averages of the weights, which are evaluated and kept, "
            f"will be the first weights by {momentum**steps:.0%}. Give more epochs, or no ema_momentum.",
            stacklevel=3,
        )


def _warn_of_few_windows(session: Session) -> None:
    """A short series with a long horizon leaves next to nothing to choose the best epoch by."""
    rows, hparams = len(session.data.rows["validation"]), session.hparams
    chosen = hparams.keep == "best" and hparams.monitor.startswith("val_")
    if session.task.layout.forecast and rows < FEW_WINDOWS and chosen:
        warnings.warn(
            f"{session.data.name} has {rows} row{'s' * (rows > 1)} for validation: which epoch is kept is left to "
            "chance. Give a longer series or a shorter horizon, or keep=last.",
            stacklevel=3,
        )


def resume(run_dir: str | Path, *, listeners: Sequence[Listener] = (), **given: Any) -> Run:
    """Go on with an interrupted run exactly where its last checkpoint lies; a completed one is only loaded.

    listeners: those that were given to train, in the same order; they take over their state. Raises ConfigError naming
    an argument that differs from the run's own, CheckpointError where nothing usable is left.
    """
    path, clock = Path(run_dir), Clock()
    check_listeners(listeners)
    app, options, hparams = resolve_saved(path)
    refuse_changes(app, directory.config_of(app, options, hparams), given)
    kept, problems = last_checkpoint(path)
    if directory.read_record(path).get("status") == "completed" and not problems:
        return load(path)
    options = dataclasses.replace(
        options, stop_at_epoch=given.get("stop_at_epoch"), max_seconds=given.get("max_seconds")
    )
    determinism = set_determinism(options.deterministic)
    replicas, preprocess = open_replicas(options.strategy, options.devices), directory.read_preprocess(path)
    data = read_data(options, hparams, open_rows(options, preprocess.spec), preprocess, replicas)
    for split, expected in directory.read_fingerprints(path).items():
        check_same(options.source, split, data.fingerprints[split], expected)
    clock.mark("data")
    task = build_task(app, options, hparams, preprocess.layout, replicas)
    session = Session(task, data, options, replicas, kept.state["plan"])
    session.state.restore(kept.arrays)
    session.measured = kept.state.get("measured", {})
    clock.mark("build", within={"compile": session.compile_seconds})
    report = kept.state.get("warm_start", kept.state.get("start", {}))  # earlier versions wrote "start"
    _restore(listeners, kept.state.get("listeners", []))
    at = Progress(**{field.name: kept.state[field.name] for field in dataclasses.fields(Progress)})
    with directory.locked(path):
        checkpoint.set_aside(problems)
        job = Job(path, app, options, session, clock, determinism, report, list(problems.values()))
        return execute(job, at, listeners)


def _restore(listeners: Sequence[Listener], states: Sequence[Any]) -> None:
    """Give listeners the states that the checkpoint has, in their order; warns of those that nobody takes."""
    if any(state is not None for state in states[len(listeners) :]):
        warnings.warn(
            f"The checkpoint has the states of {len(states)} listeners, but {len(listeners)} are given. Give those of "
            "the run to go on with them.",
            stacklevel=3,
        )
    for listener, state in zip(listeners, states, strict=False):
        if isinstance(listener, Stateful) and state is not None:
            listener.set_state(state)
