"""The search: what a tuner proposes is trained by several processes, and the outcomes are kept and told to it."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras_tuner

from kerasapps.app import Direction, SearchSpace
from kerasapps.errors import TrainingError
from kerasapps.hparams import Hparams
from kerasapps.tuning import outcomes as files
from kerasapps.tuning.hyperband import Halving, brackets
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.space import Values, chosen_fields, default_values, parameters
from kerasapps.tuning.tuners import TUNERS, Seen
from kerasapps.tuning.unit import Proposals, Unit
from kerasapps.tuning.workers import Answer, Workers

Shower = Callable[[Outcome], None]


@dataclass(frozen=True)
class Plan:
    """What is searched, and how.

    given: arguments of train that all trials share. hparams: theirs, before a trial's own values.
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


@dataclass
class Whole:
    """Whole trainings, one after the other.

    Trial k is proposed from the scores of the trials up to k - jobs, so that what it is hangs on no process's pace.
    """

    plan: Plan
    space: keras_tuner.HyperParameters
    values: list[Values] = field(default_factory=list)
    exhausted: bool = False

    def next(self, outcomes: Mapping[int, Outcome]) -> Unit | None:
        """One more trial; None where there is none, or not before other trials have ended."""
        number, plan = len(self.values), self.plan
        if self.exhausted or number >= plan.trials:
            return None
        tuner, told = TUNERS[plan.tuner], range(number - plan.jobs + 1)
        if tuner.learns and not all(trial in outcomes for trial in told):
            return None
        scores = {trial: outcomes[trial].score for trial in told} if tuner.learns else {}
        seen = Seen(self.values, scores, plan.direction)
        values = tuner.propose(self.space, plan.seed, seen) if number else default_values(self.space)
        self.exhausted = values is None
        if values is None:
            return None
        self.values.append(values)
        return Unit(number, values)


def proposals_of(plan: Plan) -> Proposals:
    """What the tuner of the plan proposes."""
    space = parameters(plan.space, plan.hparams)
    if plan.tuner != "hyperband":
        return Whole(plan, space)
    return Halving(space, plan.seed, plan.direction, brackets(plan.hparams.epochs, plan.trials))


@dataclass
class Searcher:
    """Has workers train what is proposed, and keeps how it ended."""

    plan: Plan
    directory: Path
    workers: Workers
    show: Shower
    outcomes: dict[int, Outcome]
    units: dict[int, Unit] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)

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
            for trial, answer in self.workers.wait():
                self._take(self.units[trial], answer)
        if self.outcomes and all(outcome.score is None for outcome in self.outcomes.values()):
            reasons = "\n".join(f"{trial}: {outcome.reason}" for trial, outcome in sorted(self.outcomes.items()))
            raise TrainingError(f"Every trial of {self.directory} failed.\n{reasons}")
        return True

    def _start(self, unit: Unit) -> None:
        self.units[unit.trial], plan = unit, self.plan
        request = {
            "app": plan.app,
            "given": {**plan.given, **self._fields(unit)},
            "run_dir": str(files.trial_path(self.directory, unit.trial)),
            "objective": plan.objective,
            "epochs": unit.epochs,
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
        known = {name: answer[name] for name in ("score", "reason", "metrics", "epochs") if name in answer}
        before = self.outcomes.get(unit.trial)
        seconds = answer.get("seconds", 0.0) + (before.seconds if before else 0.0)
        rungs = dict(before.rungs if before else {}) | ({unit.epochs: known.get("score")} if unit.epochs else {})
        outcome = Outcome(unit.trial, unit.values, self._fields(unit), **known, seconds=seconds, rungs=rungs)
        self.outcomes[unit.trial] = outcome
        files.write_outcome(self.directory, outcome)
        self.show(outcome)
