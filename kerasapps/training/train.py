"""The line from data to a trained and evaluated model: train, resume, load."""

import dataclasses
import json
import os
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kerasapps.app import App, Parts, load_app
from kerasapps.data.fingerprint import check_same
from kerasapps.data.sources import source_names
from kerasapps.errors import CheckpointError, ConfigError, DataError, unknown_name
from kerasapps.hparams import Hparams, settings
from kerasapps.training import checkpoint, directory
from kerasapps.training.execute import execute, saver
from kerasapps.training.hooks import Hooks
from kerasapps.training.loop import Progress
from kerasapps.training.options import Options
from kerasapps.training.record import environment
from kerasapps.training.run import Run
from kerasapps.training.session import Session, build_parts
from kerasapps.training.state import assign_best, copy_weights
from kerasapps.training.strategy import open_replicas

FEW_WINDOWS = 5
"""Of fewer rows for validation a run that forecasts warns."""


def split_arguments(app: App, given: Mapping[str, Any]) -> tuple[Options, Hparams]:
    """Options and hyperparameters from keyword arguments; what is not given is the app's best for the source."""
    known, own = settings(Options), settings(app.hparams)
    for name in given:
        if name not in known and name not in own:
            raise unknown_name(f"argument of {app.name}", name, [*known, *own])
    options = _located(Options(**{name: value for name, value in given.items() if name in known}), app.default_data)
    tuned = app.tuned.get(options.data, {})
    chosen = {name: value for name, value in given.items() if name in own}
    if chosen.get("optimizer", "") not in ("", {**_defaults(app), **tuned}["optimizer"]):
        chosen = {"optimizer_settings": {}, **chosen}  # the defaults are another optimizer's
    return options, app.hparams(**{**tuned, **chosen})


def _located(options: Options, default_data: str) -> Options:
    """With the full name of the source: paths are absolute, so that a run can be used from any directory."""
    data = options.data.replace("-", "_")
    if data not in source_names():
        data = options.data or default_data
        if not options.data_dir and os.path.exists(data):
            data = os.path.abspath(data)
    return dataclasses.replace(options, data=data, data_dir=options.data_dir and os.path.abspath(options.data_dir))


def _defaults(app: App) -> dict[str, Any]:
    return dataclasses.asdict(app.hparams())


def train(app: str | App, **given: Any) -> Run:
    """Train an app; keyword arguments are fields of Options and of the app's Hparams.

    Raises ConfigError, DataError, CheckpointError, TrainingError, and Interrupted on Ctrl-C; the last two leave a run
    directory that says so.
    """
    app = load_app(app) if isinstance(app, str) else app
    options, hparams = split_arguments(app, given)
    path = directory.new_directory(app, options)
    replicas = open_replicas(options.strategy, options.devices)  # before the weights of another run are loaded
    start = _starting_run(app, options)
    if start is not None:
        options = _with_preprocessing_of(start, options, given)
    take = start and partial(_take_weights, start, hparams)
    session = Session(app, options, hparams, start and start.preprocess, start=take, replicas=replicas)
    if start is not None and start.options.data == options.data:
        _refuse_other_test_rows(start, session)
    _warn_of_few_windows(session)
    at, hooks = Progress(), Hooks(hparams)
    with directory.created(path, directory.constants_of(session, environment())) as temporary:
        saver(session, temporary, at, hooks)()
    with directory.locked(path):
        return execute(session, path, at, hooks, [])


def _warn_of_few_windows(session: Session) -> None:
    """A short series with a long horizon leaves next to nothing to choose the best epoch by."""
    rows, hparams = len(session.rows["validation"]), session.hparams
    chosen = hparams.keep == "best" and hparams.monitor.startswith("val_")
    if session.preprocess.layout.forecast and rows < FEW_WINDOWS and chosen:
        warnings.warn(
            f"{session.options.data} has {rows} row{'s' * (rows > 1)} for validation: which epoch is kept is left to "
            "chance. Give a longer series or a shorter horizon, or keep=last.",
            stacklevel=3,
        )


def _starting_run(app: App, options: Options) -> Run | None:
    """The run that options.from_run names, whose weights and preprocessing a new one takes over."""
    if not options.from_run:
        return None
    start = load(options.from_run)
    if start.app.name != app.name:
        raise ConfigError(f"The run {options.from_run} is of {start.app.name!r}; {app.name!r} cannot start from it.")
    if start.options.data == options.data and start.options.split_seed != options.split_seed:
        raise ConfigError(
            f"The run {options.from_run} was trained on rows that split_seed={options.split_seed} has for test. Give "
            f"split_seed={start.options.split_seed}, which is its own."
        )
    return start


def _with_preprocessing_of(start: Run, options: Options, given: Mapping[str, Any]) -> Options:
    """The options, with those that made the preprocessing of `start`; raises ConfigError where others were given."""
    texts = {"max_tokens": start.options.max_tokens, "sequence_length": start.preprocess.tokens}
    windows = {}
    if start.layout.forecast:
        windows = {"history": start.preprocess.spec.inputs[0].shape[0], "horizon": start.layout.target.size}
    for name, own in {**texts, **windows}.items():
        if (given.get(name) or own) != own:  # 0 is the source's own
            raise ConfigError(
                f"{name}={given[name]} was given, but {start.directory}, whose preprocessing is taken over, was "
                f"trained with {name}={own}. Give {name}={own}, or train without starting from that run."
            )
    return dataclasses.replace(options, **texts)


def _refuse_other_test_rows(start: Run, session: Session) -> None:
    """Rows that were added since then move others from one split to another."""
    try:
        expected = directory.read_fingerprints(start.directory)["test"]
        check_same(start.options.data, "test", session.fingerprints["test"], expected)
    except DataError as error:
        raise ConfigError(
            f"{start.directory} cannot be started from: {error} Rows of the test split may have been trained on."
        ) from error


def _take_weights(start: Run, hparams: Hparams, parts: Parts) -> None:
    try:
        copy_weights(start.parts, parts)
    except CheckpointError as error:
        theirs, own = dataclasses.asdict(start.hparams), dataclasses.asdict(hparams)
        different = [f"{name}={theirs[name]!r} (given {own[name]!r})" for name in own if own[name] != theirs[name]]
        raise ConfigError(
            f"The weights of {start.directory} do not fit: {error} Hyperparameters are not taken over; its own that "
            f"differ are {', '.join(different) or 'none'}."
        ) from error


def resume(run_dir: str | Path, **given: Any) -> Run:
    """Go on with an interrupted run exactly where its last checkpoint lies; a completed one is only loaded.

    Raises ConfigError naming an argument that differs from the run's own, CheckpointError where nothing usable is
    left.
    """
    path = Path(run_dir)
    config = directory.read_config(path)
    app, options, hparams = _saved_arguments(path, config)
    _refuse_changes(app, directory.config_of(app, options, hparams), given)
    kept, problems = _last_checkpoint(path)
    if directory.is_completed(path) and not problems:
        return load(path)
    options = dataclasses.replace(options, stop_at_epoch=given.get("stop_at_epoch", 0))
    session = Session(app, options, hparams, directory.read_preprocess(path), kept.state["plan"])
    for split, expected in directory.read_fingerprints(path).items():
        check_same(options.data, split, session.fingerprints[split], expected)
    session.state.restore(kept.arrays)
    session.chosen = dataclasses.replace(session.chosen, measured=kept.state.get("measured", {}))
    at = Progress(**{field.name: kept.state[field.name] for field in dataclasses.fields(Progress)})
    hooks = Hooks(hparams)
    hooks.restore(kept.state["hooks"])
    with directory.locked(path):
        checkpoint.set_aside_damaged(path / "checkpoints")
        return execute(session, path, at, hooks, problems)


def _refuse_changes(app: App, config: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    saved = {name: value for name, value in config.items() if name != "app"}
    places = {name: given[name] for name in ("data", "data_dir") if name in given}
    located = dataclasses.asdict(_located(Options(**{"data_dir": config["data_dir"], **places}), app.default_data))
    for name, value in {**given, **{name: located[name] for name in places}}.items():
        if name not in settings(Options) and name not in settings(app.hparams):
            raise unknown_name(f"argument of {app.name}", name, saved)
        if name in saved and json.loads(json.dumps(value, default=str)) != saved[name]:
            raise ConfigError(
                f"--resume goes on with {name}={saved[name]!r}, but {name}={value!r} was given. Leave {name} out, or "
                "start a new run."
            )


def load(path: str | Path) -> Run:
    """A trained run with the weights that it kept; raises CheckpointError, also where no epoch was finished."""
    path = Path(path)
    config = directory.read_config(path)
    kept, _ = _last_checkpoint(path)
    if not kept.state["history"]:
        raise CheckpointError(f"{path} has no finished epoch, so there is no model yet: --resume it, or train anew.")
    app, options, hparams = _saved_arguments(path, config)
    preprocess = directory.read_preprocess(path)
    parts = build_parts(app, options.builder, hparams, preprocess.layout, options.seed, options.precision)
    assign_best(parts, kept.arrays)
    record = directory.read_record(path)
    if record.get("history") != kept.state["history"]:  # the record of an earlier stop, say, before a kill
        record = {name: value for name, value in record.items() if name not in ("validation", "test", "best_epoch")}
        record["history"] = kept.state["history"]
    return Run(path, app, options, hparams, preprocess, parts, record)


def _last_checkpoint(path: Path) -> tuple[checkpoint.Checkpoint, list[str]]:
    """The newest whole checkpoint; warns of damaged ones that were passed over."""
    kept, problems = checkpoint.read_last(path / "checkpoints")
    for problem in problems:
        warnings.warn(f"{problem} The checkpoint before it is used.", stacklevel=3)
    return kept, problems


def _saved_arguments(path: Path, config: Mapping[str, Any]) -> tuple[App, Options, Hparams]:
    """What config.yaml says; raises CheckpointError where that is not possible any more."""
    try:
        app = load_app(config["app"])
        return app, *split_arguments(app, {name: value for name, value in config.items() if name != "app"})
    except ConfigError as error:
        raise CheckpointError(f"{path / 'config.yaml'} does not fit this version of kerasapps: {error}") from error
