"""A search as it lies on disk: its trials, what of them is best, what failed, and what decided the score."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.tuning.importance import FEWEST, Importance, importance_of
from kerasapps.tuning.outcomes import Outcome, ranked, read_outcomes, read_search
from kerasapps.tuning.parameters import Parameter, parameters_of

_NUMBERS = re.compile(r"\d[\d.e+-]*")


@dataclass(frozen=True)
class Found:
    """search: what search.json says. outcomes: of the trials that have ended, by number."""

    directory: Path
    search: Mapping[str, Any]
    outcomes: Mapping[int, Outcome]

    @property
    def objective(self) -> str:
        """The metric that was searched for."""
        return self.search["objective"]

    @property
    def sign(self) -> int:
        """1 where higher scores are better, -1 where lower ones are."""
        return 1 if self.search["direction"] == "max" else -1

    @cached_property
    def ranked(self) -> list[Outcome]:
        """The trials that have a score, the best first."""
        return ranked(self.outcomes, self.search["direction"])

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Those of the space."""
        return parameters_of(self.search, self.outcomes)

    @cached_property
    def importance(self) -> Importance | None:
        """What decides the score; None for too few trials that have one."""
        values = {parameter.name: parameter.places(self.ranked) for parameter in self.parameters}
        return importance_of(values, np.array([outcome.score for outcome in self.ranked], float))

    @property
    def importance_text(self) -> str:
        """How far the importance can be believed."""
        if self.importance is None:
            return f"scored trials: {len(self.ranked)}, which is too few to tell. {FEWEST} are needed."
        if self.importance.explained <= 0:
            return "A random forest foretells nothing of the scores of trials that it has not seen."
        return (
            "Shares of what a random forest errs more where the values of a parameter change places; it explains "
            f"{self.importance.explained:.0%} of the ranks of trials that it has not seen."
        )

    @property
    def failures(self) -> list[list[Outcome]]:
        """Trials that failed, those of one reason together, the most first; numbers in it make no other reason."""
        groups: dict[str, list[Outcome]] = {}
        for _, outcome in sorted(self.outcomes.items()):
            if outcome.score is None:
                groups.setdefault(_NUMBERS.sub("", outcome.reason), []).append(outcome)
        return sorted(groups.values(), key=len, reverse=True)

    @property
    def choice(self) -> str:
        """From how much the best was chosen."""
        failed = len(self.outcomes) - len(self.ranked)
        stopped = sum(bool(outcome.stopped) for outcome in self.ranked)
        others = [
            f"{number} of them {what}" for number, what in ((failed, "failed"), (stopped, "stopped early")) if number
        ]
        chosen = f"The best was chosen from {len(self.outcomes)} trials by {self.objective} of the validation rows"
        return "; ".join([chosen, *others]) + "."


def read_found(directory: Path) -> Found:
    """The search in `directory`; raises CheckpointError where there is none."""
    return Found(directory, read_search(directory), read_outcomes(directory))
