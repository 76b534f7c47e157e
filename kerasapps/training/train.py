"""The line from data to a trained and evaluated model: train, resume, load."""

import dataclasses
import json
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import kerasapps
from kerasapps.app import App, load_app
from kerasapps.data.sources import source_names
from kerasapps.errors import CheckpointError, ConfigError, Interrupted, KerasappsError, unknown_name
from kerasapps.hparams import Hparams, settings
from kerasapps.training import checkpoint, directory
from kerasapps.training.evaluate import evaluate_parts
from kerasapps.training.hooks import Hooks
from kerasapps.training.loop import Limits, Pace, Progress, run_epochs
from kerasapps.training.options import Options
from kerasapps.training.progress import shown
from kerasapps.training.record import environment, new_record, timed
from kerasapps.training.run import Run
from kerasapps.training.session import Session, build_parts
from kerasapps.training.state import assign_best

_import_seconds = iter([time.perf_counter() - kerasapps.STARTED])


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

    Raises ConfigError, DataError, TrainingError, and Interrupted on Ctrl-C; all but the first two leave a run
    directory that says so.
    """
    app = load_app(app) if isinstance(app, str) else app
    options, hparams = split_arguments(app, given)
    path = directory.new_directory(app, options)
    session = Session(app, options, hparams, None)
    at, hooks = Progress(), Hooks(hparams)
    temporary = directory.create(path, directory.config_of(app, options, hparams), session.preprocess, environment())
    _saver(session, temporary, at, hooks)()
    directory.publish(temporary, path)
    with directory.locked(path):
        return _train(session, path, at, hooks)


def resume(run_dir: str | Path, **given: Any) -> Run:
    """Go on with an interrupted run exactly where its last checkpoint lies; a completed one is only loaded.

    Raises ConfigError naming an argument that differs from the run's own, CheckpointError where nothing usable is
    left.
    """
    path = Path(run_dir)
    config = directory.read_config(path)
    app, saved_options, saved_hparams = _saved_arguments(path, config)
    saved = {name: value for name, value in config.items() if name != "app"}
    for name, value in given.items():
        if name not in settings(Options) and name not in settings(app.hparams):
            raise unknown_name(f"argument of {app.name}", name, saved)
        if name in saved and json.loads(json.dumps(value)) != saved[name]:
            raise ConfigError(
                f"--resume goes on with {name}={saved[name]!r}, but {name}={value!r} was given. Leave {name} out, or "
                "start a new run."
            )
    kept, problems = _last_checkpoint(path)
    if directory.is_completed(path) and not problems:
        return load(path)
    options = dataclasses.replace(saved_options, stop_at_epoch=given.get("stop_at_epoch", 0))
    hparams = saved_hparams
    preprocess = directory.read_preprocess(path)
    session = Session(app, options, hparams, preprocess, kept.state["plan"])
    session.state.restore(kept.arrays)
    at = Progress(kept.state["epoch"], kept.state["cycle"], kept.state["history"])
    hooks = Hooks(hparams)
    hooks.restore(kept.state["hooks"])
    with directory.locked(path):
        return _train(session, path, at, hooks, problems)


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


def _saver(session: Session, path: Path, at: Progress, hooks: Hooks) -> Callable[[], None]:
    def save() -> None:
        state = {
            "epoch": at.epoch,
            "cycle": at.cycle,
            "plan": session.plan,
            "hooks": hooks.state(),
            "history": at.history,
        }
        step = at.epoch * session.program.steps + at.cycle
        checkpoint.save(path / "checkpoints", step, checkpoint.Checkpoint(session.state.arrays(), state))

    return save


def _scale_learning_rate(session: Session) -> Callable[[float], None]:
    def scale(factor: float) -> None:
        if factor != 1.0:
            for optimizer in session.optimizers.values():
                optimizer.learning_rate = float(optimizer.learning_rate.numpy()) * factor

    return scale


def _train(session: Session, path: Path, at: Progress, hooks: Hooks, problems: list[str] | None = None) -> Run:
    """Run the epochs that are left, evaluate the best weights, write the record."""
    record = new_record(session, problems or [])
    pace, failure, evaluated = Pace(), None, {}
    try:
        _run_epochs(session, path, at, hooks, pace)
        session.clock.mark("train")
        evaluated = _evaluated(session)
        session.clock.mark("evaluate")
    except KeyboardInterrupt:
        failure = Interrupted("Stopped between calls; resumable.")
    except KerasappsError as error:
        failure = error
    steps = at.epoch * session.program.steps + at.cycle
    rate = pace.median() * len(session.rows["train"]) / session.program.steps
    record |= {"status": _status(session, at, hooks, failure), "epochs": at.epoch, "steps": steps}
    record |= {"examples_per_second": rate, "history": at.history, "best_epoch": session.state.best_epoch + 1}
    record |= evaluated if failure is None else {"error": str(failure)}
    record = timed(record, session.clock, next(_import_seconds, 0.0))
    directory.write_record(path, record)
    if failure is not None:
        raise failure
    return Run(path, session.app, session.options, session.hparams, session.preprocess, session.parts, record)


def _run_epochs(session: Session, path: Path, at: Progress, hooks: Hooks, pace: Pace) -> None:
    options, hparams, program = session.options, session.hparams, session.program
    last = min(options.stop_at_epoch or hparams.epochs, hparams.epochs)
    limits = Limits(last, hooks.every_epoch, options.checkpoint_every_steps)
    save_state, written = _saver(session, path, at, hooks), 0

    def save() -> None:
        nonlocal written
        save_state()
        written = directory.write_metrics(path, at.history, written)

    with shown(hparams.epochs, program.steps, session.batch_size) as show:
        scale = _scale_learning_rate(session)
        run_epochs(program, session.state, hooks, at, session.metrics, limits, scale, save, show, pace)
    directory.write_metrics(path, at.history, 0)


def _status(session: Session, at: Progress, hooks: Hooks, failure: Exception | None) -> str:
    if failure is not None:
        return "interrupted" if isinstance(failure, Interrupted) else "failed"
    return "completed" if at.epoch >= session.hparams.epochs or hooks.stopped else "interrupted"


def _evaluated(session: Session) -> dict[str, dict[str, float]]:
    """Metrics of the best weights on validation, which chose them, and on test."""
    session.state.take_best()
    layout = session.preprocess.layout
    splits = {"validation": session.validation, "test": session.test}
    return {name: evaluate_parts(session.app, session.parts, layout, data) for name, data in splits.items()}
