"""A quantity, and the bound that it is held to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Claim:
    """A quantity of an experiment's runs: its median over `seeds`, or how often it is 1 where `counts`."""

    experiment: str
    quantity: str
    measure: Callable[[Any], float]
    at_least: float | None = None
    at_most: float | None = None
    seeds: int = 5
    splits: bool = False
    counts: bool = False

    @property
    def shown(self) -> str:
        """The quantity, and of which splits."""
        return self.quantity + ", split = seed" * self.splits

    def holds(self, value: float) -> bool:
        """Whether the bound is kept; without one, always."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)
