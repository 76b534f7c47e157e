"""What long work shows on stderr: one live line on a terminal, a line an epoch (or call) in a file.

Where stderr cannot be written, nothing is shown, and the work goes on.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from kerasapps.engine.listeners import Call
from kerasapps.engine.segments import Progress as Position
from kerasapps.streams import lenient


@dataclass(frozen=True)
class Shower:
    """Tells `show` of every call, where training is and how many steps a second it does."""

    show: Callable[[Position, float], None]

    def on_call_end(self, call: Call) -> None:
        """Show it."""
        self.show(call.at, call.steps_per_second)


def _metrics(position: Position) -> str:
    return " ".join(f"{name} {values[-1]:.4g}" for name, values in position.history.items() if values)


@contextmanager
def shown(epochs: int, steps: int, batch_size: int, done: int = 0, stream: TextIO | None = None) -> Iterator[Shower]:
    """Shows where training is; of the first `done` epochs nothing is shown. stream: None = stderr."""
    console = Console(file=lenient(stream or sys.stderr))  # of a broken pipe Rich would make SystemExit
    if not console.is_terminal:
        yield Shower(_line_writer(console, epochs, steps, batch_size, done))
        return
    columns = (TextColumn("epoch {task.fields[epoch]}/" + str(epochs)), BarColumn(20), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("compiling", total=epochs * steps, epoch=0)

        def update(position: Position, pace: float) -> None:
            text = f"{_metrics(position)} · {pace * batch_size:,.0f} examples/s"
            done = position.epoch * steps + position.cycle
            bar.update(task, completed=done, description=text, epoch=position.epoch)

        yield Shower(update)


def _line_writer(
    console: Console, epochs: int, steps: int, batch_size: int, done: int
) -> Callable[[Position, float], None]:
    started, shown_epoch = time.perf_counter(), done

    def write(position: Position, pace: float) -> None:
        nonlocal shown_epoch
        if position.epoch > shown_epoch:
            shown_epoch = position.epoch
            left = (epochs - position.epoch) * steps / pace if pace else 0.0
            console.out(
                f"epoch {position.epoch}/{epochs} {_metrics(position)} {pace * batch_size:,.0f} examples/s "
                f"{time.perf_counter() - started:.1f}s, {left:.0f}s left",
                highlight=False,
            )

    return write
