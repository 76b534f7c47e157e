"""What one process does of a run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kerasapps.app import App, accepted_forms
from kerasapps.engine.evaluation import Evaluation, Results
from kerasapps.engine.listeners import Listener
from kerasapps.engine.session import Session
from kerasapps.runs.options import Options
from kerasapps.runs.record import Clock


@dataclass
class Job:
    """A session with the run that it is of.

    path: the run's directory. determinism: what set_determinism says. listeners: those of the caller. warm_start: the
    report of take_over, {} = new weights. stop: why the run is completed though epochs are left, "" = it is not.
    problems: damaged checkpoints that a resume passed over.
    """

    path: Path
    app: App
    options: Options
    session: Session
    clock: Clock
    determinism: dict[str, Any]
    listeners: Sequence[Listener] = ()
    warm_start: dict[str, Any] = field(default_factory=dict)
    stop: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """Trainable numbers of all parts."""
        return sum(math.prod(v.shape) for part in self.session.parts.values() for v in part.trainable_variables)

    @property
    def takes_any_target(self) -> bool:
        """Whether the application takes its data with any target: then its metrics are not those of the target."""
        return "any" in accepted_forms(self.app).get(tuple(self.session.data.preprocess.forms), ())

    @cached_property
    def _evaluation(self) -> Evaluation:
        return Evaluation(self.session.task, self.session.replicas)

    def evaluate(self, data: Mapping[str, Any], split: str) -> Results:
        """Metrics and results by class of rows of a split, [rows, ...] each array, of the weights that the parts have.

        Raises TrainingError where one is not finite.
        """
        return self._evaluation.finite(data, split, self.session.options.precision)
