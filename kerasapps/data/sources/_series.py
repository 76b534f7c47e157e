"""Series of evenly spaced numbers, cut into windows: some steps to forecast from, and those that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.kinds._series import read_series
from kerasapps.data.kinds.number import is_narrow
from kerasapps.data.readers import position
from kerasapps.data.spec import Column, Columns, Source, Spec
from kerasapps.errors import ConfigError, DataError

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.1


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """A series float32 [steps], whose last fifth is the test, and of the rest the last tenth the validation.

    A row of a split is a window all of whose `horizon` target steps lie there; the `history` steps before them may
    reach back into the split before. column: what the inputs are called. season: steps after which the series may
    repeat itself. calendar: its dates. label: what its file calls it. written: how its dates are written. notes: how
    its file was read. Raises DataError where it is too short for that.
    """

    name: str
    column: str
    values: np.ndarray
    history: int
    horizon: int
    season: int = 0
    calendar: Calendar | None = None
    label: str = ""
    written: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        first, end = self._targets()["train"]
        if first >= end:
            raise DataError(
                f"{self.name} has {len(self.values)} steps: too few to train on windows of {self.history} steps and "
                f"{self.horizon} that follow, and to set some aside. Give a shorter history or horizon."
            )

    @property
    def spec(self) -> Spec:
        """The column of the steps before, and what follows it."""
        label = "" if self.label == self.column else self.label
        season, written = self.season, self.written
        inputs = Column(self.column, "series", (self.history,), season=season, label=label, written=written)
        following = f"{label}_next" if label else ""
        return Spec((inputs,), Column(f"{self.column}_next", "series", (self.horizon,), season=season, label=following))

    @property
    def sizes(self) -> Mapping[str, int]:
        """Windows of each split."""
        return {split: end - first for split, (first, end) in self._targets().items()}

    def _targets(self) -> dict[str, tuple[int, int]]:
        """First and past last step at which the targets of a split's windows begin."""
        steps = len(self.values)
        test = steps - max(self.horizon, round(TEST_FRACTION * steps))
        validation = test - max(self.horizon, round(VALIDATION_FRACTION * test))
        parts = {"train": (self.history, validation), "validation": (validation, test), "test": (test, steps)}
        return {split: (first, end - self.horizon + 1) for split, (first, end) in parts.items()}

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """The windows of these rows: [rows, history] and [rows, horizon]."""
        starts = self._targets()[split][0] + np.asarray(rows)[:, None]
        inputs, target = self.spec.inputs[0], self.spec.required_target
        before = self.values[starts - self.history + np.arange(self.history)]
        return {inputs.name: before, target.name: self.values[starts + np.arange(self.horizon)]}


def with_window(source: Source, history: int | None, horizon: int | None) -> SeriesSource:
    """`source` with other windows, None = its own; raises ConfigError where it is no series."""
    if not isinstance(source, SeriesSource):
        raise ConfigError(
            f"history={history}, horizon={horizon}: {source.name} is no series. Leave both out, or give a series."
        )
    return replace(source, history=history or source.history, horizon=horizon or source.horizon)


def load_series(path: Path, history: int | None, horizon: int | None, target: str = "") -> SeriesSource:
    """The series in a table, in windows of `history` steps and `horizon` that follow; target: its column, "" = see
    read_series.

    Raises ConfigError where history or horizon is None, and where there is no such column; DataError as read_series
    does, and where the series is too short.
    """
    if history is None or horizon is None:
        missing = " and ".join(name for name, given in (("history", history), ("horizon", horizon)) if given is None)
        raise ConfigError(
            f"history={history}, horizon={horizon}: {path} does not say its {missing}. Expected both, such as "
            "history=24, horizon=12."
        )
    series = read_series(path, (target,) if target else ())
    if target and position(target, [series.label], [series.name]) is None:
        raise ConfigError(f"target={target}: {path} has the series {series.label}. Expected that, or no target.")
    if not is_narrow(series.values):
        raise DataError(
            f"{path}, column {series.label}: the numbers differ by less than float32 can hold beside their size. "
            "Expected a series nearer to 0: subtract a constant, such as its first number, from all of it."
        )
    values = series.values.astype(np.float32)
    source = SeriesSource(str(path), series.name, values, history, horizon, series.season, series.calendar)
    return replace(source, label=series.label, written=series.written, notes=series.notes)
