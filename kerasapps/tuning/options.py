"""What a search is told beside what its trials share."""

from dataclasses import dataclass
from typing import Any, Literal

from kerasapps.data.options import MAX_SEED
from kerasapps.errors import ConfigError
from kerasapps.settings import check, setting


@dataclass(frozen=True)
class SearchOptions:
    """Which tuner, how many trials and processes, and what is searched for."""

    tuner: Literal["random", "grid", "bayesian", "tpe", "hyperband"] = setting(
        "random", "algorithm that proposes the trials; the first trial has the default values"
    )
    trials: int = setting(20, "number of trials, including those of earlier commands", minimum=1)
    jobs: int = setting(
        1, "number of trials to train at a time, each in a process with its share of the cores", minimum=1
    )
    objective: str | None = setting(
        None, "validation metric to optimise, such as val_accuracy; none = the app's monitor"
    )
    search: tuple[str, ...] = setting(
        (),
        "the hyperparameters to search, such as learning_rate=log:1e-4:1e-1 filters=32,64; none = the app's space",
        parted=False,
    )
    space: str | None = setting(None, "YAML file of hyperparameters, their ranges and conditions; search overrides it")
    pruner: Literal["median"] | None = setting(
        None, "rule to stop trials early: median = trials worse than half of the earlier ones at the same epoch"
    )
    folds: int | None = setting(
        None,
        "number of runs that the score of a trial is the mean of, each validated on another part of the rows",
        minimum=2,
    )
    seeds_per_trial: int = setting(1, "number of seeds that the score of a trial is the mean of", minimum=1)
    directory: str | None = setting(
        None, "directory of the search; an existing search is continued; none = searches/<app>-<data>"
    )
    on: Literal["local", "ray"] = setting(
        "local", "where to train trials: in processes here, or in tasks of a Ray cluster that shares the directory"
    )
    threads: int | None = setting(
        None, "threads of a trial; none = the cores of this machine divided by jobs", minimum=1
    )
    retries: int = setting(3, "number of times that a trial whose process died is resumed", minimum=0)

    max_seconds: float | None = setting(
        None, "stop the search after so many seconds; the same command continues it; none = train all trials", above=0
    )
    trial_seconds: float | None = setting(None, "seconds after which a trial fails; none = no limit", above=0)
    trial_gigabytes: float | None = setting(
        None, "memory at which the process of a trial fails; none = no limit", above=0
    )

    def __post_init__(self) -> None:
        check(self)
        if self.pruner is not None and self.tuner == "hyperband":
            raise ConfigError("tuner=hyperband with pruner=median: hyperband stops trials itself. Leave pruner out.")

    def check_seed(self, seed: int) -> None:
        """Raise ConfigError where the seeds of the runs of a trial go beyond the greatest one."""
        if seed + self.seeds_per_trial - 1 > MAX_SEED:
            raise ConfigError(f"seed={seed} with seeds_per_trial={self.seeds_per_trial}: seeds end at {MAX_SEED}.")

    def repeats(self, seed: int) -> list[dict[str, Any]]:
        """What the runs of one trial differ in; seed: of the search."""
        folds = [{"fold": f"{number}/{self.folds}"} for number in range(1, self.folds + 1)] if self.folds else [{}]
        seeds = [{"seed": seed + i} for i in range(self.seeds_per_trial)] if self.seeds_per_trial > 1 else [{}]
        return [{**fold, **own} for own in seeds for fold in folds]
