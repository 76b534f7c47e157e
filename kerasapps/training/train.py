"""The line from data to a trained and evaluated model: train, resume, load."""

import dataclasses
import warnings
from functools import partial
from pathlib import Path
from typing import Any

from kerasapps.app import App, load_app
from kerasapps.data.fingerprint import check_same
from kerasapps.errors import CheckpointError
from kerasapps.training import checkpoint, directory
from kerasapps.training.config import refuse_changes, resolve, resolve_saved
from kerasapps.training.execute import execute, save_checkpoint
from kerasapps.training.loop import Progress
from kerasapps.training.record import environment
from kerasapps.training.run import Run
from kerasapps.training.session import Session, build_parts
from kerasapps.training.state import assign_best
from kerasapps.training.strategy import open_replicas
from kerasapps.training.warm_start import prepare, take_over

FEW_WINDOWS = 5
"""Of fewer rows for validation a run that forecasts warns."""
_MOST_OF_FIRST = 0.1
"""Share of the first weights in averages that is not worth a warning."""


def train(app: str | App, **given: Any) -> Run:
    """Train an app; keyword arguments are fields of Options and of the app's Hparams.

    Raises ConfigError, DataError, CheckpointError, TrainingError, and Interrupted on Ctrl-C; the last two leave a run
    directory that says so.
    """
    app = load_app(app) if isinstance(app, str) else app
    options, hparams = resolve(app, given)
    path = directory.new_directory(app, options)
    replicas = open_replicas(options.strategy, options.devices)  # before the weights of another run are loaded
    rows = preprocess = warm_start = None
    if options.from_run:
        other = load(options.from_run)
        options, rows, preprocess = prepare(other, app, options, given)
        warm_start = partial(take_over, other)
    session = Session(app, options, hparams, preprocess, warm_start=warm_start, replicas=replicas, rows=rows)
    _warn_of_few_windows(session)
    _warn_of_first_weights(session)
    at = Progress()
    with directory.created(path, directory.constants_of(session, environment())) as temporary:
        save_checkpoint(session, temporary, at)
    with directory.locked(path):
        return execute(session, path, at, [])


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
    rows, hparams = len(session.rows["validation"]), session.hparams
    chosen = hparams.keep == "best" and hparams.monitor.startswith("val_")
    if session.preprocess.layout.forecast and rows < FEW_WINDOWS and chosen:
        warnings.warn(
            f"{session.options.data} has {rows} row{'s' * (rows > 1)} for validation: which epoch is kept is left to "
            "chance. Give a longer series or a shorter horizon, or keep=last.",
            stacklevel=3,
        )


def resume(run_dir: str | Path, **given: Any) -> Run:
    """Go on with an interrupted run exactly where its last checkpoint lies; a completed one is only loaded.

    Raises ConfigError naming an argument that differs from the run's own, CheckpointError where nothing usable is
    left.
    """
    path = Path(run_dir)
    app, options, hparams = resolve_saved(path)
    refuse_changes(app, directory.config_of(app, options, hparams), given)
    kept, problems = _last_checkpoint(path)
    if directory.read_record(path).get("status") == "completed" and not problems:
        return load(path)
    options = dataclasses.replace(options, stop_at_epoch=given.get("stop_at_epoch"))
    session = Session(app, options, hparams, directory.read_preprocess(path), kept.state["plan"])
    for split, expected in directory.read_fingerprints(path).items():
        check_same(options.data, split, session.fingerprints[split], expected)
    session.state.restore(kept.arrays)
    session.warm_start = kept.state.get("warm_start", kept.state.get("start", {}))  # earlier versions wrote "start"
    session.measured = kept.state.get("measured", {})
    at = Progress(**{field.name: kept.state[field.name] for field in dataclasses.fields(Progress)})
    with directory.locked(path):
        checkpoint.set_aside(problems)
        return execute(session, path, at, list(problems.values()))


def load(path: str | Path) -> Run:
    """A trained run with the weights that it kept; raises CheckpointError, also where no epoch was finished."""
    path = Path(path)
    app, options, hparams = resolve_saved(path)
    kept, _ = _last_checkpoint(path)
    if not kept.state["history"]:
        raise CheckpointError(f"{path} has no finished epoch, so there is no model yet: --resume it, or train anew.")
    preprocess = directory.read_preprocess(path)
    parts = build_parts(app, options.builder, hparams, preprocess.layout, options.seed, options.precision)
    assign_best(parts, kept.arrays)
    record = directory.read_record(path)
    if record.get("history") != kept.state["history"]:  # the record of an earlier stop, say, before a kill
        record = {name: value for name, value in record.items() if name not in ("validation", "test", "best_epoch")}
        record["history"] = kept.state["history"]
    return Run(path, app, options, hparams, preprocess, parts, record)


def _last_checkpoint(path: Path) -> tuple[checkpoint.Checkpoint, dict[Path, str]]:
    """The newest whole checkpoint; warns of damaged ones that were passed over."""
    kept, problems = checkpoint.read_last(path / "checkpoints")
    for problem in problems.values():
        warnings.warn(f"{problem} The checkpoint before it is used.", stacklevel=3)
    return kept, problems
