"""What is told of training while it runs, and may ask it to stop."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from kerasapps.engine.segments import Progress

if TYPE_CHECKING:
    from kerasapps.engine.session import Session


@dataclass(frozen=True)
class Stop:
    """A wish that training stops after this call.

    completed: the run then is completed, as by early stopping; else it can be resumed. interrupted: it was asked for
    from outside, by Ctrl-C or SIGTERM.
    """

    reason: str
    completed: bool = False
    interrupted: bool = False


@dataclass
class Call:
    """A call of the program that has ended.

    ended: epochs that ended with it; their metrics are the last values of at.history. is_last: all epochs are done.
    steps_per_second: the median of the calls so far. stop: what was asked for before, by listeners that stand before
    this one, or None.
    """

    session: "Session"
    at: Progress
    ended: int
    is_last: bool
    steps_per_second: float
    stop: Stop | None = None

    def ask(self, wish: Stop | None) -> None:
        """Take in what a listener asks for: the first wish counts, unless a later one says that all is completed."""
        if wish is not None and (self.stop is None or wish.completed):
            self.stop = wish


class Listener(Protocol):
    """What is told of training after every call of the program; a call may span several epochs, or a part of one."""

    def on_call_end(self, call: Call) -> Stop | None:
        """Look at a call that has ended; a Stop ends training after all listeners were told. It must not train."""


@runtime_checkable
class Stateful(Protocol):
    """A listener whose state is part of checkpoints, so that a resumed run goes on with it."""

    def get_state(self) -> Any:
        """The state, as JSON can hold it."""

    def set_state(self, state: Any) -> None:
        """Take over what get_state gave in an earlier process."""
