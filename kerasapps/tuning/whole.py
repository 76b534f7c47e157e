"""Whole trainings, one after the other, of the values that a tuner proposes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import keras_tuner

from kerasapps.app import Direction
from kerasapps.tuning.median import looks_of
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.space import Values, default_values
from kerasapps.tuning.tuners import Seen, Tuner
from kerasapps.tuning.unit import Unit


@dataclass
class Whole:
    """Trials of all their epochs, at most `trials` of them.

    Trial k is proposed from the scores of the trials up to k - jobs, so that what it is hangs on no process's pace.
    prunes: whether the median rule may stop a trial; epochs: of a whole one.
    """

    space: keras_tuner.HyperParameters
    tuner: Tuner
    seed: int
    direction: Direction
    trials: int
    jobs: int
    epochs: int
    prunes: bool = False
    values: list[Values] = field(default_factory=list)
    exhausted: bool = False

    def next(self, outcomes: Mapping[int, Outcome]) -> Unit | None:
        """One more trial; None where there is none, or not before other trials have ended."""
        number = len(self.values)
        if self.exhausted or number >= self.trials:
            return None
        told = range(number - self.jobs + 1) if self.tuner.learns or self.prunes else range(0)
        if not all(trial in outcomes for trial in told):
            return None
        scores = {trial: outcomes[trial].score for trial in told} if self.tuner.learns else {}
        seen = Seen(self.values, scores, self.direction)
        values = self.tuner.propose(self.space, self.seed, seen) if number else default_values(self.space)
        self.exhausted = values is None
        if values is None:
            return None
        self.values.append(values)
        looks = looks_of((outcomes[trial] for trial in told), self.epochs) if self.prunes else ()
        return Unit(number, values, looks=looks)
