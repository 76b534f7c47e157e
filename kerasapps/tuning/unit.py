"""What a process is asked to do of a search: to train one trial, the whole of it or up to an epoch."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

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


Answer = dict[str, Any]
"""What is said of a trial: its score or the reason why it failed; {"died": how} where its process ended instead."""


class Workers(Protocol):
    """Those that train trials, several at a time."""

    @property
    def has_room(self) -> bool:
        """Whether one more trial can begin."""

    @property
    def busy(self) -> list[int]:
        """The trials that have begun and not ended."""

    def start(self, trial: int, request: Mapping[str, Any]) -> None:
        """Have a trial trained; request: of kerasapps.tuning.worker."""

    def wait(self) -> Iterator[tuple[int, Answer]]:
        """The trials of which something is known, after moments at most."""
