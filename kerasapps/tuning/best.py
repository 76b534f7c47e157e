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
    """Runs of one setting with different seeds. lead: of its score in the search over the second, None = the only one.

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


def retrain(directory: str | Path, seeds: int = 5) -> Retrained:
    """Train the best of a search with `seeds` seeds that the search has not used, and evaluate on test.

    The runs lie in DIR/best/; those that are there are gone on with. Raises ConfigError where no trial has a score,
    CheckpointError where there is no search.
    """
    path = Path(directory).absolute()
    search, outcomes = read_search(path), read_outcomes(path)
    best = ranked(outcomes, search["direction"])
    if not best:
        raise ConfigError(f"{path} has no trial with a score yet. Go on with the search first.")
    scores = [outcome.score for outcome in best if outcome.score is not None]
    lead = abs(scores[0] - scores[1]) if len(scores) > 1 else None
    runs = list(_runs(path, search, best[0], seeds))
    return Retrained(runs, best[0], len(outcomes), search["objective"], lead)


def _runs(path: Path, search: Mapping[str, Any], best: Outcome, seeds: int) -> Iterator[Run]:
    given = {**search["given"], **best.fields, "evaluate_test": True}
    for seed in range(search["seed"] + 1, search["seed"] + 1 + seeds):
        run_dir = path / "best" / f"{best.trial:04d}-{seed}"
        if (run_dir / "config.yaml").is_file():
            yield resume(run_dir)
        else:
            yield train(search["app"], **{**given, "seed": seed, "run_dir": str(run_dir)})
