"""Hyperband: many trials begin, and the better ones of each rung train on to the next (Li et al. 2018, algorithm 1).

A trial goes on from its checkpoint, on the schedule of the whole training: nothing is trained twice.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import keras_tuner

from kerasapps.app import Direction
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.space import Values, default_values
from kerasapps.tuning.tuners import Seen, random_values
from kerasapps.tuning.unit import Unit

FACTOR = 3
"""One of so many trials goes on to the next rung, which has so many times the epochs."""


@dataclass(frozen=True)
class Rung:
    """How many trials train up to which epoch."""

    trials: int
    epochs: int


def brackets(epochs: int, trials: int) -> list[list[Rung]]:
    """The rungs of each bracket; the first begins with many trials of few epochs, the last with few whole ones.

    epochs: of a whole training. trials: in all; after the last bracket the first one comes again, of new trials.
    """
    deepest = int(math.log(epochs, FACTOR) + 1e-9)
    made: list[list[Rung]] = []
    depths = itertools.cycle(range(deepest, -1, -1))
    while trials:
        depth = next(depths)
        number = min(math.ceil((deepest + 1) / (depth + 1) * FACTOR**depth), trials)
        sizes = [number // FACTOR**rung for rung in range(depth + 1)]
        made.append([Rung(max(size, 1), -(-epochs // FACTOR ** (depth - i))) for i, size in enumerate(sizes)])
        trials -= number
    return made


@dataclass
class Halving:
    """Which trial trains next, up to which epoch; it hangs on the scores alone, not on when they came."""

    space: keras_tuner.HyperParameters
    seed: int
    direction: Direction
    rungs: list[list[Rung]]
    values: list[Values] = field(default_factory=list)
    begun: set[tuple[int, int | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        wanted = sum(rungs[0].trials for rungs in self.rungs)
        values: Values | None = default_values(self.space)
        while values is not None and len(self.values) < wanted:
            self.values.append(values)
            values = random_values(self.space, self.seed, Seen(self.values, {}, self.direction))

    def next(self, outcomes: Mapping[int, Outcome]) -> Unit | None:
        """One that has not been asked for before; None where all others wait for scores, or there is none."""
        for unit in self._possible(outcomes):
            if (unit.trial, unit.epochs) not in self.begun:
                self.begun.add((unit.trial, unit.epochs))
                return unit
        return None

    def _possible(self, outcomes: Mapping[int, Outcome]) -> Iterator[Unit]:
        """The units whose rungs before are complete, in their order."""
        first = 0
        for rungs in self.rungs:
            trials = list(range(first, min(first + rungs[0].trials, len(self.values))))
            first += rungs[0].trials
            for rung in rungs:
                units = [Unit(trial, self.values[trial], rung.epochs) for trial in trials[: rung.trials]]
                yield from units
                if not all(unit.is_done(outcomes) for unit in units):
                    break
                trials = self._ranked([unit.trial for unit in units], rung.epochs, outcomes)

    def _ranked(self, trials: list[int], epochs: int, outcomes: Mapping[int, Outcome]) -> list[int]:
        """Those that have a score at this epoch, the best first."""
        sign = -1 if self.direction == "max" else 1
        scores = {trial: outcomes[trial].rungs[epochs] for trial in trials}
        scored = sorted((sign * score, trial) for trial, score in scores.items() if score is not None)
        return [trial for _, trial in scored]
