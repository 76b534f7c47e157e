"""The line from data to a trained and evaluated model: train, resume, load."""

import dataclasses
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasapps.app import App, load_app
from kerasapps.data.sources import source_names
from kerasapps.errors import CheckpointError, ConfigError, unknown_name
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


def split_arguments(app: App, given: Mapping[str, Any]) -> tuple[Options, Hparams]:
    """Options and hyperparameters from keyword arguments; what is not given is the app's best for the source."""
    known, own = settings(Options), settings(app.hparams)
    for name in given:
        if name not in known and name not in own:
            raise unknown_name(f"argument of {app.name}", name, [*known, *own])
    options = Options(**{name: value for name, value in given.items() if name in known})
    data = options.data.replace("-", "_")
    options = dataclasses.replace(options, data=data if data in source_names() else options.data or app.default_data)
    tuned = app.tuned.get(options.data, {})
    chosen = {name: value for name, value in given.items() if name in own}
    if chosen.get("optimizer", "") not in ("", {**_defaults(app), **tuned}["optimizer"]):
        chosen = {"optimizer_settings": {}, **chosen}  # the defaults are another optimizer's
    return options, app.hparams(**{**tuned, **chosen})


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
    start = _starting_run(app, options)
    session = Session(app, options, hparams, start and start.preprocess)
    if start is not None:
        copy_weights(start.parts, session.parts)
    at, hooks = Progress(), Hooks(hparams)
    config = directory.config_of(app, options, hparams)
    with directory.created(path, config, session.preprocess, environment()) as temporary:
        saver(session, temporary, at, hooks)()
    with directory.locked(path):
        return execute(session, path, at, hooks, [])


def _starting_run(app: App, options: Options) -> Run | None:
    """The run that options.from_run names, whose weights and preprocessing a new one takes over."""
    if not options.from_run:
        return None
    start = load(options.from_run)
    if start.app.name != app.name:
        raise ConfigError(f"The run {options.from_run} is of {start.app.name!r}; {app.name!r} cannot start from it.")
    return start


def resume(run_dir: str | Path, **given: Any) -> Run:
    """Go on with an interrupted run exactly where its last checkpoint lies; a completed one is only loaded.

    Raises ConfigError naming an argument that differs from the run's own, CheckpointError where nothing usable is
    left.
    """
    path = Path(run_dir)
    config = directory.read_config(path)
    app, options, hparams = _saved_arguments(path, config)
    _refuse_changes(app, config, given)
    kept, problems = _last_checkpoint(path)
    if directory.is_completed(path) and not problems:
        return load(path)
    options = dataclasses.replace(options, stop_at_epoch=given.get("stop_at_epoch", 0))
    session = Session(app, options, hparams, directory.read_preprocess(path), kept.state["plan"])
    session.state.restore(kept.arrays)
    at = Progress(**{field.name: kept.state[field.name] for field in dataclasses.fields(Progress)})
    hooks = Hooks(hparams)
    hooks.restore(kept.state["hooks"])
    with directory.locked(path):
        return execute(session, path, at, hooks, problems)


def _refuse_changes(app: App, config: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    saved = {name: value for name, value in config.items() if name != "app"}
    for name, value in given.items():
        if name not in settings(Options) and name not in settings(app.hparams):
            raise unknown_name(f"argument of {app.name}", name, saved)
        if name in saved and json.loads(json.dumps(value, default=str)) != saved[name]:
            raise ConfigError(
                f"--resume goes on with {name}={saved[name]!r}, but {name}={value!r} was given. Leave {name} out, or "
                "start a new run."
            )


def load(path: str | Path) -> Run:
    """A trained run, its best weights in its parts; raises CheckpointError."""
    path = Path(path)
    config = directory.read_config(path)
    app, options, hparams = _saved_arguments(path, config)
    preprocess = directory.read_preprocess(path)
    parts = build_parts(app, options.builder, hparams, preprocess.layout, options.seed)
    kept, _ = _last_checkpoint(path)
    assign_best(parts, kept.arrays)
    record = directory.read_record(path) or {"history": kept.state["history"]}
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
