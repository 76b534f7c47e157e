"""What one process does of a run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerasapps.app import App
from kerasapps.engine.session import Session
from kerasapps.runs.options import Options
from kerasapps.runs.record import Clock


@dataclass
class Job:
    """A session with the run that it is of.

    path: the run's directory. determinism: what set_determinism says. warm_start: the report of take_over, {} = new
    weights. problems: damaged checkpoints that a resume passed over.
    """

    path: Path
    app: App
    options: Options
    session: Session
    clock: Clock
    determinism: dict[str, Any]
    warm_start: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
