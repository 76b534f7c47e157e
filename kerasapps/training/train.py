"""The line from data to a trained and evaluated model: train and resume."""

import dataclasses
import itertools
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from kerasapps.app import App, load_app
from kerasapps.data.fingerprint import check_same
from kerasapps.data.memory import as_text, lies_in_memory, on_disk
from kerasapps.data.prepared import PreparedData
from kerasapps.data.rows import check_there, open_rows
from kerasapps.data.sources import notes_of
from kerasapps.distribute.peers import check_alike, lost_workers_told
from kerasapps.distribute.replicas import Replicas, open_replicas
from kerasapps.docstrings import takes
from kerasapps.engine.determinism import set_determinism
from kerasapps.engine.listeners import Listener, Stateful, check_listeners, states_of
from kerasapps.engine.segments import Progress
from kerasapps.engine.session import Session
from kerasapps.errors import ConfigError, DataError
from kerasapps.hparams import Hparams
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import (
    check_length,
    lengthened,
    moved,
    refuse_changes,
    resolve,
    resolve_hparams,
    resolve_saved,
)
from kerasapps.runs.load import is_finished, last_checkpoint, load
from kerasapps.runs.migrate import renamed
from kerasapps.runs.options import Options
from kerasapps.runs.record import Clock, environment, versions
from kerasapps.runs.run import Run, rows_of_run
from kerasapps.streams import say
from kerasapps.training.effects import check_effects
from kerasapps.training.execute import execute
from kerasapps.training.job import Job
from kerasapps.training.listeners.progress import working
from kerasapps.training.listeners.saver import save_first
from kerasapps.training.prepare import build_task, fit_preprocess, read_data
from kerasapps.training.warm_start import prepare_from, take_over

FEW_WINDOWS = 5
"""Of fewer rows for validation a run that forecasts warns."""
_SUMMARISED = {"app", "data", "history", "best_epoch", "validation", "seconds"}
"""What the record of a completed run has."""
_MOST_OF_FIRST = 0.1
"""Share of the first weights in averages that is not worth a warning."""


@takes(Options, Hparams)
@lost_workers_told()
def train(app: str | App, data: Any = None, *, listeners: Iterable[Listener] = (), **settings: Any) -> Run:
    """Train an application and return the run.

    Args:
        app: Name of an application such as "cnn", a dotted module name such as "my_package.my_app", or an App.
        data: A source by its name or path, or data in memory: a pandas.DataFrame, a pair (X, y), a pair of such pairs
            for training and test, a dict of arrays, a list of dicts, or a tf.data.Dataset. Data in memory are saved in
            a file beside the run. None is the default data of the application.
        listeners: Objects that are told of training while it runs, and can stop it (docs/training.md).
        **settings: Settings of the run and of the application, such as epochs=5.

    Returns:
        The trained run, with the weights that were kept.

    Raises:
        ConfigError: A setting is wrong.
        DataError: The data cannot be read or used.
        CheckpointError: The run that training starts from is damaged or does not fit.
        TrainingError: Training failed. The run's directory says why.
        Interrupted: Ctrl-C or SIGTERM stopped the training. `kerasapps.resume` continues it.
    """
    app, clock = load_app(app) if isinstance(app, str) else app, Clock()
    listening = check_listeners(listeners)
    return _trained(app, clock, listening, *_planned(app, data, settings))


def _trained(
    app: App, clock: Clock, listening: tuple[Listener, ...], given: dict[str, Any], options: Options, path: Path
) -> Run:
    """A new run in the directory `path`; given: the arguments, with a path as data."""
    determinism = set_determinism(options.deterministic)
    replicas = open_replicas(options.strategy, options.devices)  # before the weights of another run are loaded
    path = Path(replicas.exchange(str(path))[0])
    other = load(options.from_run) if options.from_run else None
    with working("reading the data"):
        options, hparams, data = _read(app, options, given, other, replicas)
    _compare_workers(replicas, app, options, hparams, data)
    clock.mark("data")
    with working("compiling"):
        task = build_task(app, options, hparams, data.preprocess.layout, replicas)
        report = take_over(other, options, data, task.parts) if other else {}
        session = Session(task, data, options, replicas)
    clock.mark("build", within={"compile": session.compile_seconds})
    job, at = Job(path, app, options, session, clock, determinism, listening, report), Progress()
    _warn_of_few_windows(session)
    _warn_of_first_weights(session)
    states = states_of(listening)
    with ExitStack() as stack:
        with directory.created(path, _constants(job)) as temporary:
            save_first(job, temporary, at, states)
            stack.enter_context(directory.locked(temporary))  # before others can see it
        return execute(job, at)


def _planned(app: App, data: Any, given: Mapping[str, Any]) -> tuple[dict[str, Any], Options, Path]:
    """The arguments with a path as data, the options, and where the run will lie; all are checked before data are."""
    given = as_text(given)
    options, _ = resolve(app, given if data is None or lies_in_memory(data) else {**given, "data": data})
    path = directory.new_directory(app, options)
    given = on_disk(data, given, path.parent)
    return given, resolve(app, given)[0], path


def _read(
    app: App, options: Options, given: Mapping[str, Any], other: Run | None, replicas: Replicas
) -> tuple[Options, Hparams, PreparedData]:
    """The data of a new run, and its options and hyperparameters, which may depend on them; other: see prepare_from."""
    preprocess = None
    if other is None:
        rows = open_rows(options)
    else:
        options, rows, preprocess = prepare_from(other, app, options, given)
    try:
        preprocess = fit_preprocess(app, options, rows, preprocess)
        check_effects(app, given, options, preprocess)
        hparams = resolve_hparams(app, given, options.source, preprocess.spec)
        return options, hparams, read_data(options, hparams, rows, preprocess, replicas)
    except (ConfigError, DataError):
        say(*notes_of(rows["train"].source))  # which may tell the reason
        raise


def _compare_workers(
    replicas: Replicas, app: App, options: Options, hparams: Hparams, data: PreparedData, at: Progress | None = None
) -> None:
    """Raise ConfigError naming a worker that would train something else, or from another step on.

    The data may lie elsewhere on each.
    """
    if replicas.workers > 1:
        config = directory.config_of(app, options, hparams)
        given = {name: value for name, value in config.items() if name not in ("data", "data_dir")}
        given["stop_at_epoch"] = options.stop_at_epoch  # which is not saved
        about: dict[str, Any] = {"versions": versions(), "config": given, "data": data.fingerprints}
        about |= {"epoch": at.epoch, "batch": at.cycle} if at else {}
        answers = replicas.exchange(about)
        try:
            check_alike(answers)
        except ConfigError:
            replicas.peers.leave()
            raise


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
            stacklevel=4,
        )


def _warn_of_few_windows(session: Session) -> None:
    """A short series with a long horizon leaves next to nothing to choose the best epoch by."""
    rows, hparams = len(session.data.rows["validation"]), session.hparams
    chosen = hparams.keep == "best" and hparams.monitor.startswith("val_")
    if session.task.layout.forecast and rows < FEW_WINDOWS and chosen:
        warnings.warn(
            f"{session.data.name} has {rows} row{'s' * (rows > 1)} for validation: which epoch is kept is left to "
            "chance. Give a longer series or a shorter horizon, or keep=last.",
            stacklevel=4,
        )


@takes(Options, Hparams)
@lost_workers_told()
def resume(run_dir: str | Path, *, listeners: Iterable[Listener] = (), **settings: Any) -> Run:
    """Continue an interrupted run from its last checkpoint, with the same result as without the interruption.

    Args:
        run_dir: Directory of the run.
        listeners: The listeners that were given to train. Each gets the state that it had.
        **settings: Settings that must equal those of the run. You may give more `epochs`, also to a completed run, and
            with `data` and `data_dir` the place to which the data were moved.

    Returns:
        The trained run.

    Raises:
        ConfigError: A setting differs from that of the run.
        DataError: The data differ from those of the run.
        CheckpointError: There is no run, or no usable checkpoint.
    """
    path, clock = Path(run_dir).absolute(), Clock()
    listening = check_listeners(listeners)
    app, options, saved = resolve_saved(path)
    refuse_changes(app, directory.config_of(app, options, saved), settings)
    hparams = lengthened(saved, settings, path)
    options = dataclasses.replace(
        moved(options, settings), stop_at_epoch=settings.get("stop_at_epoch"), max_seconds=settings.get("max_seconds")
    )
    places = {name: settings.get(name) for name in ("data", "data_dir")}
    if hparams == saved and _is_completed(path, options, hparams):
        return load(path, **places)
    with directory.locked(path):  # from here on the checkpoints are those that this process goes on from
        if hparams == saved and _is_completed(path, options, hparams):
            return load(path, **places)
        return _go_on(path, app, options, hparams, clock, listening)


def _is_completed(path: Path, options: Options, hparams: Hparams) -> bool:
    """Whether nothing is left to do: a whole record says so of the last checkpoint, which is whole, too."""
    record = directory.read_record(path)
    summary = _SUMMARISED | ({"test"} if options.evaluate_test else set())
    if record.get("status") != "completed" or not record.keys() >= summary:
        return False
    kept, problems = checkpoint.read_last(path / "checkpoints")
    return not problems and record["history"] == kept.state["history"] and is_finished(kept, record, hparams)


def _go_on(
    path: Path, app: App, options: Options, hparams: Hparams, clock: Clock, listeners: Sequence[Listener]
) -> Run:
    """Train on from the last checkpoint, with the run's lock."""
    kept, problems = last_checkpoint(path)
    before = directory.read_config(path)["epochs"]
    check_length(hparams, before, kept.state, path)
    determinism = set_determinism(options.deterministic)
    replicas, preprocess = open_replicas(options.strategy, options.devices), directory.read_preprocess(path)
    check_there(options)
    with working("reading the data"):
        data = read_data(options, hparams, rows_of_run(path, options, preprocess.spec), preprocess, replicas)
    for split, expected in directory.read_fingerprints(path).items():
        check_same(options.source, split, data.fingerprints[split], expected)
    at = Progress(**{field.name: kept.state[field.name] for field in dataclasses.fields(Progress)})
    at.history = renamed(directory.read_config(path), at.history)
    _compare_workers(replicas, app, options, hparams, data, at)
    clock.mark("data")
    with working("compiling"):
        task = build_task(app, options, hparams, preprocess.layout, replicas)
        session = Session(task, data, options, replicas, kept.state["plan"])
    session.state.restore(kept.arrays)
    session.measured = kept.state.get("measured", {})
    clock.mark("build", within={"compile": session.compile_seconds})
    report = kept.state.get("warm_start", kept.state.get("start", {}))  # earlier versions wrote "start"
    _restore(listeners, kept.state)
    with directory.written(path):
        checkpoint.set_aside(problems)
    if hparams.epochs != before:  # once nothing is left that could refuse them
        directory.write_epochs(path, hparams.epochs)
    stop, passed_over = kept.state.get("stop") or "", list(problems.values())
    return execute(Job(path, app, options, session, clock, determinism, listeners, report, stop, passed_over), at)


def _restore(listeners: Sequence[Listener], saved: Mapping[str, Any]) -> None:
    """Give each listener the state of the next one of its class; warns of states that nobody takes.

    saved: the state of a checkpoint; earlier versions wrote no names of classes, only states in their order.
    """
    states, own = saved.get("listeners", []), [type(listener).__name__ for listener in listeners]
    names = saved.get("listener_names") or own
    left = list(itertools.zip_longest(names, states, fillvalue="one more"))[: len(states)]
    for listener, name in zip(listeners, own, strict=True):
        found = next((one for one in left if one[0] == name), None)
        if found is not None and isinstance(listener, Stateful):
            left.remove(found)
            listener.set_state(found[1])
    lost = [name for name, state in left if state is not None]
    if lost:
        warnings.warn(
            f"The checkpoint has states of listeners that are not given: {', '.join(lost)}. Give the listeners of the "
            "run to go on with them.",
            stacklevel=3,
        )
