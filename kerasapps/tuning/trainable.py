"""What the trials of a search train."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras_tuner

from kerasapps.app import Direction
from kerasapps.tuning.space import Values


class Trainable(Protocol):
    """An application, or a model of the caller's own; the processes of trials know both by `trainer`."""

    @property
    def trainer(self) -> str:
        """Key of kerasapps.tuning.worker.TRAINERS."""

    @property
    def name(self) -> str:
        """Shown above results."""

    @property
    def label(self) -> str:
        """Name of the directory of a search, where none is given."""

    @property
    def space(self) -> keras_tuner.HyperParameters:
        """All parameters, with the values of the first trial as defaults."""

    @property
    def epochs(self) -> int:
        """Of a whole training."""

    @property
    def objective(self) -> str:
        """Metric that is searched for."""

    @property
    def direction(self) -> Direction:
        """Which values of the objective are better."""

    @property
    def seed(self) -> int:
        """Of the search, and of its trials."""

    @property
    def given(self) -> Mapping[str, Any]:
        """What search.json says of it, and what the call that goes on with a search has to give again."""

    @property
    def ranges(self) -> Any:
        """What search.json says of the space."""

    def fields(self, values: Values) -> dict[str, Any]:
        """What differs from the defaults where the parameters of the space have these values."""

    def arguments(self, values: Values, directory: Path) -> dict[str, Any]:
        """What the trainer is told of a trial, as JSON holds it; directory: of the search."""

    def prepare(self, directory: Path) -> None:
        """Write what trials need into the directory of the search."""

    def load(self, run_dir: Path, values: Values) -> Any:
        """What a trial has trained."""
