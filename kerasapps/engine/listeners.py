"""What is told of training while it runs, and may ask it to stop."""

import inspect
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from kerasapps.engine.segments import Progress
from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    from kerasapps.engine.session import Session


@dataclass(frozen=True)
class Stop:
    """What a listener returns to stop the training.

    Attributes:
        reason: Why, in words.
        completed: Whether the run is completed then, as by early stopping. Otherwise it can be resumed.
        interrupted: Whether it was asked for from outside, by Ctrl-C or SIGTERM.

    Raises:
        ConfigError: An attribute has another type.
    """

    reason: str
    completed: bool = False
    interrupted: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not all(isinstance(x, bool) for x in (self.completed, self.interrupted)):
            raise ConfigError(f"{self!r}: expected a text as the reason, and completed to be True or False.")


@dataclass
class Call:
    """A call of the compiled program that has ended; it may span several epochs, or a part of one.

    Attributes:
        session: What trains: the models, the data and the plan.
        at: The progress. `at.history` has the metrics of the epochs by name, and `at.epoch` counts the epochs.
        ended: How many epochs ended with this call. Their metrics are the last values in `at.history`.
        is_last: Whether all epochs are done.
        steps_per_second: The median of the calls so far.
        stop: What listeners before this one have asked for, or None.
    """

    session: "Session"
    at: Progress
    ended: int
    is_last: bool
    steps_per_second: float
    stop: Stop | None = None

    def ask(self, wish: Stop | None) -> None:
        """Take in what a listener asks for: the first wish counts, unless a later one says that all is completed.

        Raises ConfigError for what is none.
        """
        if not isinstance(wish, (Stop, type(None))):
            raise ConfigError(f"A listener returned {wish!r}. Expected a kerasapps.Stop, or None to go on.")
        if wish is not None and (self.stop is None or wish.completed):
            self.stop = wish


class Listener(Protocol):
    """An object that is told of training after every call of the compiled program.

    With the methods `get_state` and `set_state` its state becomes a part of checkpoints.
    """

    def on_call_end(self, call: Call) -> Stop | None:
        """Look at a call that has ended.

        Args:
            call: What has been done. Do not train with it.

        Returns:
            A Stop to end the training after all listeners were told, or None to go on.
        """


@runtime_checkable
class Stateful(Protocol):
    """A listener whose state is part of checkpoints, so that a resumed run goes on with it."""

    def get_state(self) -> object:
        """The state, as JSON can hold it."""

    def set_state(self, state: Any) -> None:
        """Take over what get_state gave in an earlier process."""


def check_listeners(listeners: Iterable[Any]) -> tuple[Listener, ...]:
    """The listeners; raises ConfigError for what cannot listen, such as a callback of Keras, and for half a state."""
    if not isinstance(listeners, Iterable):
        raise ConfigError(f"listeners={listeners!r}. Expected a list of listeners, or no listeners.")
    found = tuple(listeners)
    for listener in found:
        if isinstance(listener, type) or not _takes_a_call(listener):
            raise ConfigError(
                f"listeners: {listener!r} cannot listen. Expected an object with the method on_call_end(call); see "
                "docs/training.md."
            )
        if hasattr(listener, "get_state") != hasattr(listener, "set_state"):
            raise ConfigError(f"listeners: {listener!r} has one of get_state and set_state. Expected both, or neither.")
    return found


def _takes_a_call(listener: object) -> bool:
    method = getattr(listener, "on_call_end", None)
    try:
        return callable(method) and bool(inspect.signature(method).bind("call"))
    except TypeError:
        return False


def states_of(listeners: Sequence[Listener]) -> list[object]:
    """The state of each listener, None of those that have none; raises ConfigError for what JSON cannot hold."""
    states = [listener.get_state() if isinstance(listener, Stateful) else None for listener in listeners]
    for listener, state in zip(listeners, states, strict=True):
        try:
            json.dumps(state)
            _check_keys(state)
        except (TypeError, ValueError, RecursionError) as error:
            raise ConfigError(
                f"The state of the listener {listener!r} cannot be saved: {error}. Expected get_state to return what "
                "JSON can hold, such as numbers, texts and lists of them."
            ) from error
    return states


def _check_keys(state: object) -> None:
    """Raise TypeError for keys that JSON would make texts of."""
    for key in state if isinstance(state, dict) else ():
        if not isinstance(key, str):
            raise TypeError(f"the key {key!r} is no text")
    inner = state.values() if isinstance(state, dict) else state if isinstance(state, (list, tuple)) else ()
    for value in inner:
        _check_keys(value)
