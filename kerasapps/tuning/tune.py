"""The line from an application, or a model of the caller's own, to what scores best on validation rows."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasapps.app import App, Direction, load_app
from kerasapps.data.memory import as_text, on_disk
from kerasapps.distribute.cluster import this_cluster
from kerasapps.distribute.replicas import visible_gpus
from kerasapps.docstrings import takes
from kerasapps.errors import ConfigError, Interrupted
from kerasapps.hparams import Hparams
from kerasapps.printable import printable
from kerasapps.runs.options import Options
from kerasapps.settings import settings, text_of
from kerasapps.streams import lenient
from kerasapps.tuning import outcomes as files
from kerasapps.tuning.application import application
from kerasapps.tuning.chief import Chief, Place, place_of, train_for
from kerasapps.tuning.hypermodel import HyperModel, own_model
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.outcomes import Outcome, ranked
from kerasapps.tuning.ray_workers import RayWorkers
from kerasapps.tuning.search import Searcher, Shower, Watcher, proposals_of
from kerasapps.tuning.trainable import Trainable
from kerasapps.tuning.workers import Limits, LocalWorkers


@dataclass(frozen=True)
class Search:
    """What a search has found.

    Attributes:
        directory: Where the search lies.
        outcomes: What became of each trial, by its number.
        is_done: Whether all trials have ended. Otherwise `max_seconds` were over, and the same call continues.
    """

    directory: Path
    trainable: Trainable
    outcomes: Mapping[int, Outcome]
    is_done: bool

    def __repr__(self) -> str:
        best = [f"best {self.objective} {text_of(each.score)} of trial {each.trial}" for each in self.ranked[:1]]
        return f"Search({', '.join([repr(str(self.directory)), f'{len(self.outcomes)} trials', *best])})"

    @property
    def objective(self) -> str:
        """The metric that trials are ranked by."""
        return self.trainable.objective

    @property
    def direction(self) -> Direction:
        """Whether lower ("min") or higher ("max") values of the objective are better."""
        return self.trainable.direction

    @property
    def ranked(self) -> list[Outcome]:
        """The trials that have a score, the best first."""
        return ranked(self.outcomes, self.direction)

    @property
    def best(self) -> Any:
        """The run, or the keras.Model, of the best trial; of a trial with several runs the first.

        Raises:
            ConfigError: No trial has a score yet.
        """
        if not self.ranked:
            raise ConfigError(f"{self.directory} has no trial with a score yet. Go on with the search first.")
        best = self.ranked[0]
        return self.trainable.load(files.first_run(files.trial_path(self.directory, best.trial)), best.values)


@takes(SearchOptions, Options, Hparams)
def tune(
    app: str | App | HyperModel,
    *,
    show: Shower | None = None,
    watch: Watcher = lambda searcher: None,
    **given: Any,
) -> Search:
    """Search the hyperparameters that score best on the validation rows.

    A search that was stopped continues when you call tune again with the same arguments.

    Args:
        app: Name of an application, an App, a keras_tuner.HyperModel, or a function that takes
            keras_tuner.HyperParameters and returns a compiled model.
        show: Called with each trial that ends. By default a line is written to stderr.
        watch: Called with the state of the search, twice a second.
        **given: Settings of the search, and settings or arguments of `fit` that all trials share.

    Returns:
        The search, whose `best` is the run or model of the best trial.

    Raises:
        ConfigError: A setting is wrong, or differs from that of the search in this directory.
        DataError: The data cannot be used, or have changed.
        TrainingError: Every trial failed, or the machine did, as by a full disk.
        Interrupted: The search was stopped by Ctrl-C.
    """
    if this_cluster().workers > 1:
        raise ConfigError("TF_CONFIG names other workers, but each trial trains alone. Unset it; see also on=ray.")
    # Or this process, which trains nothing, takes a GPU whole.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    own, objective = settings(SearchOptions), given.get("objective")
    searched = {name: value for name, value in given.items() if name in own}
    options = SearchOptions(**{**searched, "objective": getattr(objective, "name", objective)})
    shared = {name: value for name, value in given.items() if name not in own}
    trainable = _trainable(app, options, objective, shared)
    return _searched(trainable, options, show or _told, watch)


def _searched(trainable: Trainable, options: SearchOptions, show: Shower, watch: Watcher) -> Search:
    """What is found by this process, or by those that it is the chief of."""
    proposals_of(trainable, options)  # refuses what no tuner can propose, before anything is made
    directory, place = Path(options.directory or Path("searches") / trainable.label).absolute(), place_of(os.environ)
    try:
        if place and not place.is_chief:
            done = train_for(place)
            return Search(done, trainable, files.read_outcomes(done), is_done=True)
        with _opened(trainable, options, directory, place) as workers:
            known = files.read_outcomes(directory)
            searcher = Searcher(trainable, options, directory, workers, show, known, watch)
            is_done = searcher.run()
        return Search(directory, trainable, searcher.outcomes, is_done)
    except KeyboardInterrupt as stop:
        raise Interrupted(f"Stopped. The same command goes on with {directory}.") from stop


def _trainable(
    app: str | App | HyperModel, options: SearchOptions, objective: Any, shared: Mapping[str, Any]
) -> Trainable:
    if isinstance(app, (str, App)):
        folder = Path(options.directory or "searches/new").absolute().parent
        shared = on_disk(shared.get("data"), as_text(shared), folder)
        return application(load_app(app) if isinstance(app, str) else app, options, shared)
    return own_model(app, options, objective, shared)


def _told(outcome: Outcome) -> None:
    print(printable(outcome.line), file=lenient(sys.stderr))


@contextmanager
def _opened(
    trainable: Trainable, options: SearchOptions, directory: Path, chief: Place | None
) -> Iterator[LocalWorkers | RayWorkers | Chief]:
    """The workers of a search, in its directory, which no other search has meanwhile."""
    threads = options.threads or max(1, len(os.sched_getaffinity(0)) // options.jobs)
    config = {
        "app": trainable.name,
        "trainer": trainable.trainer,
        **{name: getattr(trainable, name) for name in ("objective", "direction", "seed")},
        **{name: getattr(options, name) for name in ("tuner", "trials", "jobs", "search", "pruner", "folds")},
        "seeds_per_trial": options.seeds_per_trial,
        "given": trainable.given,
        "space": trainable.ranges,
        "parameters": trainable.space.get_config()["space"],
        "threads": threads,
    }
    limits = Limits(options.trial_seconds, options.trial_gigabytes)
    with files.opened(directory, config) as lock:
        trainable.prepare(directory)
        workers: LocalWorkers | RayWorkers | Chief
        if chief:
            workers = Chief(options.jobs, threads, directory, limits, chief)
        elif options.on == "ray":
            workers = RayWorkers(options.jobs, threads, directory, limits)
        else:
            workers = LocalWorkers(options.jobs, threads, lock, directory / "workers.log", limits, visible_gpus())
        with workers:
            yield workers
