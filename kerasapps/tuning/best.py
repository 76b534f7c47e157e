"""The best trial of a search, trained again with other seeds: what it reaches on test, and how much of that is luck."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.errors import ConfigError
from kerasapps.runs.run import Run
from kerasapps.training.train import resume, train
from kerasapps.tuning.outcomes import Outcome, ranked, read_outcomes, read_search


@dataclass(frozen=True)
class Retrained:
    """Runs of one setting with different seeds. lead: of the best in the search over the second, None = another trial.

    trials: that it was chosen from. objective: as in the search, of the validation rows.
    """

    runs: list[Run]
    outcome: Outcome
    trials: int
    objective: str
    lead: float | None

    def metrics(self, split: str) -> dict[str, np.ndarray]:
        """Of "validation" or "test", by name: the values of all runs."""
        return {name: np.array([run.record[split][name] for run in self.runs]) for name in self.runs[0].record[split]}

    @property
    def spread(self) -> float:
        """Standard deviation of the objective over the seeds; 0 for one seed."""
        values = self.metrics("validation")[self.objective.removeprefix("val_")]
        return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0

    @property
    def is_luck(self) -> bool:
        """Whether the lead over the second is no greater than the spread: other seeds might choose another trial."""
        return self.lead is not None and self.lead <= self.spread


def retrain(directory: str | Path, seeds: int = 5, trial: int | None = None) -> Retrained:
    """Train a trial of a search, None = the best, with `seeds` seeds that the search has not used; evaluate on test.

    The runs lie in DIR/best/; those that are there are gone on with. Raises ConfigError where the trial has no score,
    CheckpointError where there is no search.
    """
    path = Path(directory).absolute()
    search, outcomes = read_search(path), read_outcomes(path)
    if search.get("trainer", "app") != "app":
        raise ConfigError(f"{path} is a search of a model of your own; kerasapps.tune(...).best is its best one.")
    best = ranked(outcomes, search["direction"])
    if not best:
        raise ConfigError(f"{path} has no trial with a score yet. Go on with the search first.")
    outcome = best[0] if trial is None else next((each for each in best if each.trial == trial), None)
    if outcome is None:
        raise ConfigError(f"Trial {trial} of {path} has no score. Expected one of {[each.trial for each in best]}.")
    scores = [each.score for each in best if each.score is not None]
    lead = abs(scores[0] - scores[1]) if len(scores) > 1 and outcome is best[0] else None
    runs = list(_runs(path, search, outcome, seeds))
    return Retrained(runs, outcome, len(outcomes), search["objective"], lead)


def _runs(path: Path, search: Mapping[str, Any], outcome: Outcome, seeds: int) -> Iterator[Run]:
    given = {**search["given"], **outcome.fields, "evaluate_test": True}
    first = search["seed"] + search.get("seeds_per_trial", 1)
    for seed in range(first, first + seeds):
        run_dir = path / "best" / f"{outcome.trial:04d}-{seed}"
        if (run_dir / "config.yaml").is_file():
            yield resume(run_dir)
        else:
            yield train(search["app"], **{**given, "seed": seed, "run_dir": str(run_dir)})
