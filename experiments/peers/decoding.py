"""What every side of generation can be told to do. Runs in interpreters that need not have kerasapps."""

import time
from collections.abc import Callable, Sequence
from typing import Any


def tokens_of(shape: Sequence[int]) -> int:
    """How many tokens are made: as many as the model sees."""
    return shape[0]


class Side:
    """A function that makes tokens [number], always the same."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    def tokens(self) -> list[int]:
        """What it makes, of a text its bytes; whatever is to be compiled is compiled."""
        self.make()
        return [int(token) for token in self.make()]

    def turn(self, times: int) -> float:
        """Seconds to make them, of so many times."""
        started = time.perf_counter()
        for _ in range(times):
            self.make()
        return (time.perf_counter() - started) / times
