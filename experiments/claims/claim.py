"""What an experiment is, and a quantity of its runs with the bound that it is held to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def bound_of(at_least: float | None, at_most: float | None) -> str:
    """A bound as text, such as ">= 0.97"; "" without one."""
    return f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}" if at_most is not None else ""


@dataclass(frozen=True)
class Claim:
    """A quantity of an experiment's runs: the median over `seeds`, or the sum where `counts`.

    measure: what the experiment returns -> the quantity. Without one the claim is a goal of the application: the
        metric and the bound are those of App.goals for the experiment's data.
    seeds: how many runs are measured; 0 = as many as of the experiment.
    splits: whether the split's seed is the run's seed; otherwise it is 0.
    """

    quantity: str
    measure: Callable[[Any], float] | None = None
    at_least: float | None = None
    at_most: float | None = None
    seeds: int = 0
    splits: bool = False
    counts: bool = False
    experiment: str = ""

    @property
    def shown(self) -> str:
        """The quantity, and of which splits."""
        return self.quantity + ", split = seed" * self.splits

    def holds(self, value: float) -> bool:
        """Whether the bound is kept; without one, always."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Experiment:
    """A training by name, and what is claimed of it.

    app, fields: the arguments of kerasapps.train. Without an app the script experiments/NAME.py trains.
    shows: what the experiment is about, one sentence; of a script this is the first line of its docstring.
    """

    name: str
    shows: str = ""
    app: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    seeds: int = 5
