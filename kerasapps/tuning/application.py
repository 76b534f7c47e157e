"""An application whose hyperparameters are searched."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras_tuner

from kerasapps.app import App, Direction, SearchSpace
from kerasapps.data.rows import open_rows
from kerasapps.distribute.replicas import open_replicas
from kerasapps.engine.optimizer import make_optimizer
from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.names import SOURCES, names_in
from kerasapps.runs.config import resolve, resolve_hparams
from kerasapps.runs.load import load
from kerasapps.runs.options import Options
from kerasapps.runs.run import Run
from kerasapps.settings import settings
from kerasapps.training.effects import check_effects
from kerasapps.training.prepare import build_task, fit_preprocess
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.space import Values, chosen_fields, parameters
from kerasapps.tuning.written import read_space, space_of

_OF_TRIALS = {"deterministic": True, "evaluate_test": False}
"""What differs from plain training, where it is not given: equal bits whenever a trial is trained again, and test rows
that nothing was chosen by."""
_OF_SEARCHES = {"run_dir", "stop_at_epoch"}


@dataclass(frozen=True)
class Application:
    """What trials train: runs of one application.

    given: arguments of train that all trials share. hparams: theirs, before a trial's own values. ranges: of the file
    that the space is read from.
    """

    name: str
    label: str
    given: Mapping[str, Any]
    search_space: SearchSpace
    hparams: Hparams
    objective: str
    direction: Direction
    seed: int
    ranges: Mapping[str, Any] | None = None
    trainer: str = "app"

    @property
    def space(self) -> keras_tuner.HyperParameters:
        """All parameters; the defaults are the hyperparameters."""
        return parameters(self.search_space, self.hparams)

    @property
    def epochs(self) -> int:
        """Of a whole training."""
        return self.hparams.epochs

    def fields(self, values: Values) -> dict[str, Any]:
        """The hyperparameters that differ."""
        return chosen_fields(self.search_space, self.hparams, values)

    def arguments(self, values: Values, directory: Path) -> dict[str, Any]:
        """Those of train, and the app."""
        return {"app": self.name, **self.given, **self.fields(values)}

    def prepare(self, directory: Path) -> None:
        """Trials open the data themselves."""

    def load(self, run_dir: Path, values: Values) -> Run:
        """The run of a trial."""
        return load(run_dir)


def application(app: App, options: SearchOptions, given: Mapping[str, Any]) -> Application:
    """What trials train; raises ConfigError and DataError for arguments that train does not take, or a search."""
    given = {**_OF_TRIALS, **_plain(app, given)}
    for name in _OF_SEARCHES & given.keys():
        raise ConfigError(f"{name}={shown(given[name])} is for one run, but a search trains many. Leave {name} out.")
    if options.folds and given.get("fold"):
        raise ConfigError(f"fold={given['fold']} with folds={options.folds}: give one of the two.")
    ranges = read_space(options.space) if options.space else None
    space = space_of(app, options.search, ranges)
    run_options, _ = resolve(app, given)
    options.check_seed(run_options.seed)
    repeats = options.repeats(run_options.seed)
    for repeat in repeats[-1:] if options.folds else ():  # the smallest part, and the highest seed
        open_rows(dataclasses.replace(run_options, **repeat))
    rows = open_rows(dataclasses.replace(run_options, **repeats[0]))
    preprocess = fit_preprocess(app, run_options, rows)
    check_effects(app, given, run_options, preprocess)
    hparams = resolve_hparams(app, given, run_options.source, preprocess.spec)
    _check_optimizers(space, hparams)
    objective = options.objective or hparams.monitor
    direction = _direction(app, run_options, hparams, preprocess.layout, objective)
    named = run_options.source if run_options.source in names_in(SOURCES) else Path(run_options.source).stem
    label = f"{app.name}-{named}"
    return Application(app.name, label, given, space, hparams, objective, direction, run_options.seed, ranges)


def _check_optimizers(space: SearchSpace, hparams: Hparams) -> None:
    """Raise ConfigError for one that there is not; what other values fit together, trials tell."""
    named = [each for each in parameters(space, hparams).space if each.name == "optimizer"]
    for optimizer in (value for parameter in named for value in parameter.values):
        make_optimizer(dataclasses.replace(hparams, optimizer=optimizer, optimizer_settings={}), 1)


def _plain(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as JSON holds them; raises ConfigError for values out of range."""
    known = {**settings(Options), **settings(app.hparams)}
    return {name: known[name].check(value) if name in known else value for name, value in given.items()}


def _direction(app: App, options: Options, hparams: Hparams, layout: Any, objective: str) -> Direction:
    """Which values of the objective are better; raises ConfigError for a metric that the app does not report."""
    task = build_task(app, options, hparams, layout, open_replicas("one_device", None))
    metrics = {f"val_{name}": direction for name, direction in task.directions.items()}
    if objective not in metrics:
        raise unknown_name(f"objective of {app.name}", objective, metrics)
    return metrics[objective]
