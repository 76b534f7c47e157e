"""What long work shows on stderr: a line an epoch, and on a terminal a live line under it, or a spinner with a word.

Where stderr cannot be written, nothing is shown, and the work goes on.
"""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.spinner import Spinner

from kerasapps.engine.listeners import Call
from kerasapps.engine.segments import Progress as Position
from kerasapps.streams import lenient

SECONDS_A_LINE = 0.5
"""Epochs that end sooner after a line than this have none, but for the last."""
WIDEST = 120
"""Columns of a line in a file."""
_SECONDS_A_LOOK, _LOOKS_A_SECOND = 0.1, 5
_BAR = 10


@dataclass(frozen=True)
class Work:
    """A whole training: its epochs, the steps of each, the rows of a step, and the metric that nothing hides."""

    epochs: int
    steps: int
    batch_size: int
    monitor: str = ""

    def head(self, epoch: int) -> str:
        """Such as "epoch  7/30"."""
        return f"epoch {epoch:>{len(str(self.epochs))}}/{self.epochs}"

    def metrics(self, at: Position, width: int) -> str:
        """The last metrics, as many as fit whole, and dots for the others; the monitored one goes last."""
        texts = {name: f"{name} {values[-1]:.4g}" for name, values in at.history.items() if values}
        line = " ".join(texts.values())
        for name in (*(name for name in reversed(texts) if name != self.monitor), self.monitor):
            if len(line) <= width:
                return line
            texts.pop(name, None)
            line = " ".join([*texts.values(), "..."])
        return line[: max(width, 0)]


class Shower:
    """Shows where training is, told of every call."""

    def __init__(self, console: Console, work: Work, done: int) -> None:
        """done: epochs that earlier processes have done."""
        self._console, self._work = console, work
        self._started, self._lined, self._looked = time.perf_counter(), -math.inf, -math.inf
        self._at, self._pace, self._shown, self._first = Position(done), 0.0, done, done * work.steps
        self.live = Progress(
            TextColumn("{task.fields[epoch]}", markup=False),
            BarColumn(_BAR),
            TextColumn("{task.fields[left]}", markup=False),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            redirect_stdout=_is_terminal(sys.stdout),
            refresh_per_second=_LOOKS_A_SECOND,
            disable=not console.is_terminal,
        )
        total = work.epochs * work.steps
        self._task = self.live.add_task(
            "", total=total, completed=self._first, epoch=work.head(done), left="training begins"
        )

    def on_call_end(self, call: Call) -> None:
        """Show where training is, if it is time to."""
        self.show(call.at, call.steps_per_second)

    def show(self, at: Position, pace: float) -> None:
        """Show it; pace: steps a second. It costs next to nothing where calls are many and short."""
        now = time.perf_counter()
        self._at, self._pace = at, pace
        if at.epoch > self._shown and now - self._lined >= SECONDS_A_LINE:
            self._write(now)
        if not self.live.disable and now - self._looked >= _SECONDS_A_LOOK:
            self._looked, head, left = now, self._work.head(at.epoch), self._left(now)
            metrics = self._work.metrics(at, self._console.width - len(head) - _BAR - len(left) - 3)
            done = at.epoch * self._work.steps + at.cycle
            self.live.update(self._task, completed=done, epoch=head, left=left, description=metrics)

    def end(self) -> None:
        """Write the line of the last epoch, if it has none."""
        if self._at.epoch > self._shown:
            self._write(time.perf_counter())

    def _write(self, now: float) -> None:
        """Write the line of the epoch that ended last; in a file also the pace, and what is left."""
        self._lined, self._shown, head = now, self._at.epoch, self._work.head(self._at.epoch)
        width, tail = self._console.width, _time(now - self._started)
        if self.live.disable:
            width, tail = WIDEST, f"{self._pace * self._work.batch_size:,.0f} examples/s {tail}, {self._left(now)}"
        metrics = self._work.metrics(self._at, width - len(head) - len(tail) - 2)
        self._console.out(f"{head} {metrics} {tail}", highlight=False)

    def _left(self, now: float) -> str:
        """The time that is left, by all that the steps so far have taken."""
        done = self._at.epoch * self._work.steps + self._at.cycle
        each = (now - self._started) / max(done - self._first, 1)
        return f"{_time(each * (self._work.epochs * self._work.steps - done))} left"


def _time(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


@contextmanager
def shown(work: Work, done: int = 0, stream: TextIO | None = None) -> Iterator[Shower]:
    """Shows where training is; of the first `done` epochs nothing is shown. stream: None = stderr."""
    console = Console(file=lenient(stream or sys.stderr))  # of a broken pipe Rich would make SystemExit
    shower = Shower(console, work, done)
    with shower.live:
        try:
            yield shower
        finally:
            shower.end()


@contextmanager
def working(word: str) -> Iterator[None]:
    """A spinner and what is done, on a terminal alone, while the body runs."""
    console = Console(file=lenient(sys.stderr))
    if not console.is_terminal:
        yield
        return
    spinner = Spinner("dots" if console.encoding.startswith("utf") else "line", word)
    with Live(spinner, console=console, transient=True, redirect_stdout=_is_terminal(sys.stdout), refresh_per_second=8):
        yield
