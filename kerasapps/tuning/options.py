"""What a search is told beside what its trials share."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.settings import check, setting


@dataclass(frozen=True)
class SearchOptions:
    """Which tuner, how many trials and processes, and what is searched for."""

    tuner: Literal["random", "grid", "bayesian", "tpe", "hyperband"] = setting(
        "random", "who proposes the trials; the first one has the default values"
    )
    trials: int = setting(20, "most trials, those of before included", minimum=1)
    jobs: int = setting(
        1, "trials that are trained at a time, each in a process with its share of the cores", minimum=1
    )
    objective: str | None = setting(
        None, "metric of the validation rows that is searched for, such as val_accuracy; none = the app's monitor"
    )
    search: tuple[str, ...] = setting(
        (), "only these hyperparameters, such as learning_rate=log:1e-4:1e-1 filters=32,64; none = the app's space"
    )
    directory: str | None = setting(
        None, "directory of the search; one that is there goes on; none = searches/<app>-<data>"
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
