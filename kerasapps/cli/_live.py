"""A search on a terminal: its best trial so far, those that are being trained, how many ended and how long all take."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kerasapps.printable import on_one_line
from kerasapps.settings import text_of
from kerasapps.streams import lenient

if TYPE_CHECKING:
    from kerasapps.tuning.search import Searcher, Watcher


@contextmanager
def watched() -> Iterator["Watcher"]:
    """What shows a search on stderr while the body runs; lines that are printed meanwhile stand above. Only there."""
    console = Console(file=lenient(sys.stderr))  # of a broken pipe Rich would make SystemExit
    if not console.is_terminal:
        yield lambda searcher: None
        return
    with Live(console=console, transient=True) as live:
        clock = Clock(time.monotonic())
        yield lambda searcher: live.update(clock.shown(searcher, time.monotonic()))


@dataclass
class Clock:
    """When the search began, with how many trials that had ended before, and when each one began; in seconds."""

    began: float
    before: int | None = None
    since: dict[int, float] = field(default_factory=dict)

    def shown(self, searcher: "Searcher", now: float) -> Group:
        """How the search stands."""
        if self.before is None:
            self.before = len(searcher.outcomes)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True)
        for head in ("trial", searcher.trainable.objective, "seconds"):
            table.add_column(Text(head), no_wrap=True)
        table.add_column(Text("values"), overflow="ellipsis", no_wrap=True, ratio=1)  # alone is cut where it is narrow
        for cells in self._rows(searcher, now):
            table.add_row(*(Text(on_one_line(cell)) for cell in cells))
        return Group(table, Text(self._summary(searcher, now)))

    def _rows(self, searcher: "Searcher", now: float) -> Iterator[tuple[str, str, str, str]]:
        for best in searcher.ranked[:1]:
            yield f"{best.trial}, the best", text_of(best.score), f"{best.seconds:.0f}", _listed(best.values)
        self.since = {trial: self.since.get(trial, now) for trial in searcher.workers.busy}
        for trial, since in sorted(self.since.items()):
            yield f"{trial}", "training", f"{now - since:.0f}", _listed(searcher.units[trial].values)

    def _summary(self, searcher: "Searcher", now: float) -> str:
        options, ended = searcher.options, len(searcher.outcomes)
        failed = ended - len(searcher.ranked)
        said = f"{ended} of {options.trials} trials ended, {failed} of them failed; {_time(now - self.began)}"
        own = ended - (self.before or 0)
        if own and options.tuner != "hyperband":  # whose trials go on after they have ended once
            said += f", about {_time((now - self.began) / own * (options.trials - ended))} left"
        return said


def _time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {text_of(value)}" for name, value in values.items())
