"""Dates of the steps of a series, and of those to come."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Calendar:
    """times: datetime64 of each step, [steps], one step of the `frequency`, as pandas calls it, after the other.

    utc: whether they were written with offsets from UTC, in which they are counted.
    """

    times: np.ndarray
    frequency: str
    utc: bool = False

    def ahead(self, number: int) -> np.ndarray:
        """The next `number` times after the last step, datetime64[s]."""
        import pandas

        last = pandas.Timestamp(self.times[-1])
        return pandas.date_range(last, periods=number + 1, freq=self.frequency)[1:].to_numpy("datetime64[s]")

    def names(self, times: np.ndarray) -> tuple[str, ...]:
        """Times as ISO texts: days alone where all steps are at midnight, no seconds where there are none."""
        unit = next((unit for unit in "Dm" if np.all(self.times == self.times.astype(f"datetime64[{unit}]"))), "s")
        texts = times.astype(f"datetime64[{unit}]").astype(str)
        return tuple(f"{text}Z" if self.utc and unit != "D" else str(text) for text in texts)
