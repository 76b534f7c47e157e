"""The search: what a tuner proposes is trained by several processes, and the outcomes are kept and told to it."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerasapps.errors import CheckpointError, ConfigError, DataError, TrainingError
from kerasapps.tuning import outcomes as files
from kerasapps.tuning.hyperband import Halving, brackets
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.trainable import Trainable
from kerasapps.tuning.tuners import TUNERS
from kerasapps.tuning.unit import Proposals, Unit, Workers
from kerasapps.tuning.whole import Whole

Shower = Callable[[Outcome], None]
Watcher = Callable[["Searcher"], None]
_SAID = ("score", "scores", "reason", "stopped", "metrics", "epochs")
"""What an answer says that an outcome has, too."""


def proposals_of(trainable: Trainable, options: SearchOptions) -> Proposals:
    """What the tuner proposes."""
    space, epochs = trainable.space, trainable.epochs
    twice = [name for name, times in Counter(parameter.name for parameter in space.space).items() if times > 1]
    if options.tuner == "grid" and twice:
        raise ConfigError(
            f"tuner=grid: {twice[0]} is the name of several parameters. Give each a name of its own, or another tuner."
        )
    if options.tuner == "hyperband":
        return Halving(space, trainable.seed, trainable.direction, brackets(epochs, options.trials))
    tuner, prunes = TUNERS[options.tuner], options.pruner is not None
    return Whole(space, tuner, trainable.seed, trainable.direction, options.trials, options.jobs, epochs, prunes)


@dataclass
class Searcher:
    """Has workers train what is proposed, and keeps how it ended.

    show: told of each trial that ends. watch: told of the search again and again, after half a second at most.
    """

    trainable: Trainable
    options: SearchOptions
    directory: Path
    workers: Workers
    show: Shower
    outcomes: dict[int, Outcome]
    watch: Watcher = lambda searcher: None
    units: dict[int, Unit] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)

    @property
    def ranked(self) -> list[Outcome]:
        """The trials that have a score, the best first."""
        return files.ranked(self.outcomes, self.trainable.direction)

    def run(self) -> bool:
        """Train what is left of the trials; False where max_seconds were over. TrainingError where all failed."""
        proposals = proposals_of(self.trainable, self.options)
        until = time.monotonic() + (self.options.max_seconds or math.inf)
        while True:
            if time.monotonic() > until:
                return False
            while self.workers.has_room and (unit := proposals.next(self.outcomes)) is not None:
                if not unit.is_done(self.outcomes):
                    self._start(unit)
            if not self.workers.busy:
                break
            self.watch(self)
            for trial, answer in self.workers.wait():
                self._take(self.units[trial], answer)
        if self.outcomes and all(outcome.score is None for outcome in self.outcomes.values()):
            reasons = "\n".join(f"{trial}: {outcome.reason}" for trial, outcome in sorted(self.outcomes.items()))
            raise TrainingError(f"Every trial of {self.directory} failed.\n{reasons}")
        return True

    def _start(self, unit: Unit) -> None:
        self.units[unit.trial], trainable = unit, self.trainable
        directory = files.trial_path(self.directory, unit.trial)
        request = {
            "trainer": trainable.trainer,
            "given": trainable.arguments(unit.values, self.directory),
            "runs": files.runs_of(directory, self.options.repeats(trainable.seed)),
            "log": str(directory.with_suffix(".log")),
            "objective": trainable.objective,
            "direction": trainable.direction,
            "rungs": [*unit.looks, (unit.epochs, None)],
        }
        self.workers.start(unit.trial, request)

    def _take(self, unit: Unit, answer: dict[str, Any]) -> None:
        """Keep an answer, or have what has died train on; raises what is no fault of the trial."""
        if "halt" in answer:
            kinds = {kind.exit_status: kind for kind in (DataError, CheckpointError)}
            raise kinds.get(answer["status"], TrainingError)(
                f"Trial {unit.trial} cannot be trained: {answer['halt']} The same command then goes on with the search."
            )
        if "died" in answer:
            self.deaths[unit.trial] += 1
            if self.deaths[unit.trial] <= self.options.retries:
                self._start(unit)
                return
            answer = {"reason": f"Its process ended with {answer['died']}, {self.deaths[unit.trial]} times."}
        known = {name: answer[name] for name in _SAID if name in answer}
        before = self.outcomes.get(unit.trial)
        seconds = answer.get("seconds", 0.0) + (before.seconds if before else 0.0)
        rungs = dict(before.rungs if before else {}) | ({unit.epochs: None} if unit.epochs else {})
        rungs |= {epochs: score for epochs, score in answer.get("rungs", []) if epochs}
        fields = self.trainable.fields(unit.values)
        outcome = Outcome(unit.trial, unit.values, fields, **known, seconds=seconds, rungs=rungs)
        self.outcomes[unit.trial] = outcome
        files.write_outcome(self.directory, outcome)
        self.show(outcome)
