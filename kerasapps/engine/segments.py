"""How training is cut into calls of the program: where it is, how fast it goes, where calls must end."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasapps.engine.program import Program

CALL_SECONDS = 0.5


@dataclass(frozen=True)
class Segment:
    """Work of one call: `epochs` whole epochs from `epoch`, or a piece of one.

    A piece starts at batch `cycle`, has `full` whole batches and `tail` (0 or 1) partial ones, and `ends` the epoch
    (1) or not (0). Several epochs each have `full`, `tail` and an end.
    """

    epoch: int
    cycle: int
    epochs: int
    full: int
    tail: int
    ends: int


@dataclass
class Progress:
    """Where training is: `cycle` batches into `epoch`; history: metric -> value per finished epoch.

    seconds: time spent in calls, by all processes that took part.
    """

    epoch: int = 0
    cycle: int = 0
    seconds: float = 0.0
    history: dict[str, list[float]] = field(default_factory=dict)

    def move(self, segment: Segment, metrics: Mapping[str, Iterable[float]]) -> None:
        """Be after a segment; metrics: of the epochs that ended with it."""
        self.add(metrics)
        if segment.ends:
            self.epoch, self.cycle = self.epoch + segment.epochs, 0
        else:
            self.cycle += segment.full

    def add(self, metrics: Mapping[str, Iterable[float]]) -> None:
        """Put metrics of the epochs that ended last into the history."""
        for name, values in metrics.items():
            self.history.setdefault(name, []).extend(map(float, values))


@dataclass
class Pace:
    """Seconds per step, once warm, and how much work fits into one call."""

    steps_per_second: list[float] = field(default_factory=list)

    def observe(self, steps: int, seconds: float) -> None:
        """Remember one call."""
        self.steps_per_second.append(steps / max(seconds, 1e-9))

    def steps(self) -> int:
        """Steps that should fill a call; one before anything is known, lest Ctrl-C waits for many slow ones."""
        return int(self.steps_per_second[-1] * CALL_SECONDS) if self.steps_per_second else 1

    def median(self) -> float:
        """Median steps per second, the first call left out where there are more."""
        return statistics.median(self.steps_per_second[1:] or self.steps_per_second or [0.0])


@dataclass(frozen=True)
class Limits:
    """Where calls must end: after the last epoch, at every epoch, at multiples of some steps, after some epochs."""

    last_epoch: int
    every_epoch: bool
    every_steps: int | None
    epochs: Sequence[int] = ()


def next_segment(at: Progress, program: "Program", limits: Limits, steps: int) -> Segment:
    """The next call: about `steps` steps, cut at the limits' grid, which does not depend on where training began."""
    if limits.every_steps:
        done = at.epoch * program.steps + at.cycle
        steps = min(steps, limits.every_steps - done % limits.every_steps)
    end = min((e for e in limits.epochs if at.epoch < e < limits.last_epoch), default=limits.last_epoch)
    epochs = min(steps // program.steps, program.epochs_a_call, end - at.epoch)
    epochs = min(epochs, 1) if limits.every_epoch else epochs
    tail = int(program.tail_rows > 0)
    whole = program.full <= program.cycles_a_call
    if at.cycle == 0 and whole and epochs >= 1:
        return Segment(at.epoch, 0, epochs, program.full, tail, 1)
    full = min(max(steps, 1), program.full - at.cycle, program.cycles_a_call)
    ends = int(at.cycle + full == program.full and (not tail or full < max(steps, 1)))
    return Segment(at.epoch, at.cycle, 1, full, tail * ends, ends)
