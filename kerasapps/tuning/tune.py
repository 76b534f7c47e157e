"""The line from an application to the hyperparameters that score best on its validation rows."""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasapps.app import App, Direction, SearchSpace, load_app
from kerasapps.data.rows import open_rows
from kerasapps.distribute.replicas import open_replicas, visible_gpus
from kerasapps.errors import Interrupted, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.names import SOURCES, names_in
from kerasapps.runs.config import resolve, resolve_hparams
from kerasapps.runs.load import load
from kerasapps.runs.options import Options
from kerasapps.runs.run import Run
from kerasapps.settings import settings
from kerasapps.training.prepare import build_task, fit_preprocess
from kerasapps.tuning import outcomes as files
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.outcomes import Outcome, ranked
from kerasapps.tuning.search import Plan, Searcher, Shower, Watcher
from kerasapps.tuning.space import parameters
from kerasapps.tuning.workers import Limits, Workers
from kerasapps.tuning.written import read_space, space_of

_OF_TRIALS = {"deterministic": True, "evaluate_test": False}
"""What differs from plain training, where it is not given: equal bits whenever a trial is trained again, and test rows
that nothing was chosen by."""


@dataclass(frozen=True)
class Search:
    """What a search has found. outcomes: of trials, by number. direction: which scores of the objective are better.

    is_done: whether all trials have ended; else max_seconds were over, and the same call goes on.
    """

    directory: Path
    objective: str
    direction: Direction
    outcomes: Mapping[int, Outcome]
    is_done: bool

    @property
    def ranked(self) -> list[Outcome]:
        """The trials that have a score, the best first."""
        return ranked(self.outcomes, self.direction)

    @property
    def best(self) -> Run:
        """The run of the trial that scored best on validation; the first one, where it has several."""
        return load(files.first_run(files.trial_path(self.directory, self.ranked[0].trial)))


def tune(
    app: str | App, *, show: Shower = lambda outcome: None, watch: Watcher = lambda searcher: None, **given: Any
) -> Search:
    """Search hyperparameters; keyword arguments are the flags of `kerasapps tune APP --help`, with _ for -.

    They are fields of SearchOptions, and of what all trials share: Options and the app's Hparams. show: told of each
    trial that ends. watch: told how the search stands, twice a second. A search that was stopped or killed goes on when
    it is asked for again, and ends as it would have. Raises ConfigError and DataError before anything is trained;
    TrainingError where every trial failed, and Interrupted on Ctrl-C.
    """
    os.environ.setdefault(
        "TF_FORCE_GPU_ALLOW_GROWTH", "true"
    )  # or this process, which trains nothing, takes a GPU whole
    app = load_app(app) if isinstance(app, str) else app
    own = settings(SearchOptions)
    options = SearchOptions(**{name: value for name, value in given.items() if name in own})
    shared = {**_OF_TRIALS, **{name: value for name, value in given.items() if name not in own}}
    content = read_space(options.space) if options.space else None
    directory, plan = _planned(app, options, shared, space_of(app, options.search, content))
    limits = Limits(options.trial_seconds, options.trial_gigabytes)
    threads = max(1, len(os.sched_getaffinity(0)) // plan.jobs)
    config = {
        **{name: getattr(plan, name) for name in ("app", "tuner", "trials", "jobs", "objective", "direction", "seed")},
        **{name: getattr(options, name) for name in ("search", "pruner", "folds", "seeds_per_trial")},
        "given": shared,
        "space": content,
        "parameters": parameters(plan.space, plan.hparams).get_config()["space"],
        "threads": threads,
    }
    with (
        files.opened(directory, config) as lock,
        Workers(plan.jobs, threads, lock, directory / "workers.log", limits, visible_gpus()) as workers,
    ):
        searcher = Searcher(plan, directory, workers, show, files.read_outcomes(directory), watch=watch)
        try:
            is_done = searcher.run()
        except KeyboardInterrupt as stop:
            raise Interrupted(f"Stopped. The same command goes on with {directory}.") from stop
    return Search(directory, plan.objective, plan.direction, searcher.outcomes, is_done)


def _planned(app: App, options: SearchOptions, shared: Mapping[str, Any], space: SearchSpace) -> tuple[Path, Plan]:
    """The directory of the search, and what is searched in it."""
    run_options, _ = resolve(app, shared)
    repeats = options.repeats(run_options.seed)
    rows = open_rows(dataclasses.replace(run_options, **repeats[0]))
    preprocess = fit_preprocess(app, run_options, rows)
    hparams = resolve_hparams(app, shared, run_options.source, preprocess.spec)
    parameters(space, hparams)
    objective = options.objective or hparams.monitor
    direction = _direction(app, run_options, hparams, preprocess.layout, objective)
    named = run_options.source if run_options.source in names_in(SOURCES) else Path(run_options.source).stem
    directory = Path(options.directory or Path("searches") / f"{app.name}-{named}").absolute()
    return directory, Plan(
        app.name,
        shared,
        space,
        hparams,
        options.tuner,
        options.trials,
        options.jobs,
        objective,
        direction,
        run_options.seed,
        options.retries,
        options.max_seconds,
        options.pruner is not None,
        repeats,
    )


def _direction(app: App, options: Options, hparams: Hparams, layout: Any, objective: str) -> Direction:
    """Which values of the objective are better; raises ConfigError for a metric that the app does not report."""
    task = build_task(app, options, hparams, layout, open_replicas("one_device", None))
    metrics = {f"val_{name}": direction for name, direction in task.directions.items()}
    if objective not in metrics:
        raise unknown_name(f"objective of {app.name}", objective, metrics)
    return metrics[objective]
