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
        "random", "who proposes the trials; the first one has the default values"
    )
    trials: int = setting(20, "the greatest number of trials, with those of earlier commands", minimum=1)
    jobs: int = setting(
        1, "trials that are trained at a time, each in a process with its share of the cores", minimum=1
    )
    objective: str | None = setting(
        None, "metric of the validation rows that is searched for, such as val_accuracy; none = the app's monitor"
    )
    search: tuple[str, ...] = setting(
        (),
        "only these hyperparameters, such as learning_rate=log:1e-4:1e-1 filters=32,64; none = the app's space",
        parted=False,
    )
    space: str | None = setting(
        None, "YAML file of hyperparameters and their ranges, also with conditions; search wins over it"
    )
    pruner: Literal["median"] | None = setting(
        None, "who stops trials early: median = those that are worse than half of the earlier ones at their epoch"
    )
    folds: int | None = setting(
        None, "score of a trial: the mean over so many runs, each validated on another part of the rows", minimum=2
    )
    seeds_per_trial: int = setting(1, "score of a trial: the mean over runs with so many seeds", minimum=1)
    directory: str | None = setting(
        None, "directory of the search; one that is there goes on; none = searches/<app>-<data>"
    )
    on: Literal["local", "ray"] = setting(
        "local", "where trials are trained: processes here, or tasks of a Ray cluster that shares the directory"
    )
    threads: int | None = setting(
        None, "threads of a trial; none = the cores of this machine, shared out among the jobs", minimum=1
    )
    retries: int = setting(3, "how often a trial whose process died is trained on", minimum=0)

    max_seconds: float | None = setting(
        None, "stop the search after so many seconds; the same command goes on with it; none = train all", above=0
    )
    trial_seconds: float | None = setting(None, "most seconds of a trial, which has failed then; none = any", above=0)
    trial_gigabytes: float | None = setting(
        None, "most memory of the process of a trial, which has failed then; none = any", above=0
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
