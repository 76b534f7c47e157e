"""What a process is asked to do of a search: to train one trial, the whole of it or up to an epoch."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.space import Values


class Look(NamedTuple):
    """At the score of a trial after so many epochs. worst: with a worse score it stops there; None = it trains on."""

    epochs: int
    worst: float | None = None


class Unit(NamedTuple):
    """The trial's number and values; epochs: up to which it trains, None = all. looks: at its score before that."""

    trial: int
    values: Values
    epochs: int | None = None
    looks: tuple[Look, ...] = ()

    def is_done(self, outcomes: Mapping[int, Outcome]) -> bool:
        """Whether its outcome is known."""
        known = outcomes.get(self.trial)
        return known is not None and (self.epochs is None or self.epochs in known.rungs)


class Proposals(Protocol):
    """What is trained, unit by unit."""

    def next(self, outcomes: Mapping[int, Outcome]) -> Unit | None:
        """The next unit; None where there is none, or none before others are done. outcomes: of trials, by number."""
