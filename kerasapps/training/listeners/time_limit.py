"""A limit of the time that a process trains."""

import time
from dataclasses import dataclass, field

from kerasapps.engine.listeners import Call, Stop


@dataclass
class TimeLimit:
    """Asks to stop, resumable, at the end of the first call that ends after so many `seconds`."""

    seconds: float
    started: float = field(default_factory=time.perf_counter)

    def on_call_end(self, call: Call) -> Stop | None:
        """A Stop once the time is over."""
        if time.perf_counter() - self.started < self.seconds:
            return None
        return Stop(f"{self.seconds:g} seconds of training are over.")
