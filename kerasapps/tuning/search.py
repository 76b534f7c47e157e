"""The search: what a tuner proposes is trained by several processes, and the outcomes are kept and told to it."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerasapps.app import Direction, SearchSpace
from kerasapps.errors import TrainingError
from kerasapps.hparams import Hparams
from kerasapps.tuning import outcomes as files
from kerasapps.tuning.hyperband import Halving, brackets
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.space import chosen_fields, parameters
from kerasapps.tuning.tuners import TUNERS
from kerasapps.tuning.unit import Proposals, Unit
from kerasapps.tuning.whole import Whole
from kerasapps.tuning.workers import Answer, Workers

Shower = Callable[[Outcome], None]
Watcher = Callable[["Searcher"], None]
_SAID = ("score", "scores", "reason", "stopped", "metrics", "epochs")
"""What an answer says that an outcome has, too."""


@dataclass(frozen=True)
class Plan:
    """What is searched, and how.

    given: arguments of train that all trials share. hparams: theirs, before a trial's own values. repeats: what the
    runs of one trial differ in, such as {"seed": 1}; the score of a trial is the mean over them.
    """

    app: str
    given: Mapping[str, Any]
    space: SearchSpace
    hparams: Hparams
    tuner: str
    trials: int
    jobs: int
    objective: str
    direction: Direction
    seed: int
    retries: int
    max_seconds: float | None
    prunes: bool = False
    repeats: Sequence[Mapping[str, Any]] = ({},)


def proposals_of(plan: Plan) -> Proposals:
    """What the tuner of the plan proposes."""
    space, epochs = parameters(plan.space, plan.hparams), plan.hparams.epochs
    if plan.tuner == "hyperband":
        return Halving(space, plan.seed, plan.direction, brackets(epochs, plan.trials))
    tuner = TUNERS[plan.tuner]
    return Whole(space, tuner, plan.seed, plan.direction, plan.trials, plan.jobs, epochs, plan.prunes)


@dataclass
class Searcher:
    """Has workers train what is proposed, and keeps how it ended.

    show: told of each trial that ends. watch: told of the search again and again, after half a second at most.
    """

    plan: Plan
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
        return files.ranked(self.outcomes, self.plan.direction)

    def run(self) -> bool:
        """Train what is left of the trials; False where max_seconds were over. TrainingError where all failed."""
        proposals, until = proposals_of(self.plan), time.monotonic() + (self.plan.max_seconds or math.inf)
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
        self.units[unit.trial], plan = unit, self.plan
        directory = files.trial_path(self.directory, unit.trial)
        request = {
            "app": plan.app,
            "given": {**plan.given, **self._fields(unit)},
            "runs": files.runs_of(directory, plan.repeats),
            "log": str(directory.with_suffix(".log")),
            "objective": plan.objective,
            "direction": plan.direction,
            "rungs": [*unit.looks, (unit.epochs, None)],
        }
        self.workers.start(unit.trial, request)

    def _fields(self, unit: Unit) -> dict[str, Any]:
        return chosen_fields(self.plan.space, self.plan.hparams, unit.values)

    def _take(self, unit: Unit, answer: Answer) -> None:
        """Keep an answer, or have what has died train on."""
        if "died" in answer:
            self.deaths[unit.trial] += 1
            if self.deaths[unit.trial] <= self.plan.retries:
                self._start(unit)
                return
            answer = {"reason": f"Its process ended with status {answer['died']}, {self.deaths[unit.trial]} times."}
        known = {name: answer[name] for name in _SAID if name in answer}
        before = self.outcomes.get(unit.trial)
        seconds = answer.get("seconds", 0.0) + (before.seconds if before else 0.0)
        rungs = dict(before.rungs if before else {}) | ({unit.epochs: None} if unit.epochs else {})
        rungs |= {epochs: score for epochs, score in answer.get("rungs", []) if epochs}
        outcome = Outcome(unit.trial, unit.values, self._fields(unit), **known, seconds=seconds, rungs=rungs)
        self.outcomes[unit.trial] = outcome
        files.write_outcome(self.directory, outcome)
        self.show(outcome)
