"""What a run says of itself: record.json and environment.json."""

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import tensorflow as tf

from kerasapps import startup

MISLEADING = 0.9
"""Share of the rows in one class above which accuracy says little."""


@dataclass
class Clock:
    """Seconds of each stage, from one mark to the next."""

    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str, within: Mapping[str, float] | None = None) -> None:
        """Everything since the last mark was `stage`, but for the seconds of the stages `within` it."""
        for name, seconds in (within or {}).items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        spent = time.perf_counter() - self.started - sum(self.seconds.values())
        self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def misleading(record: Mapping[str, Any], split: str) -> str:
    """Why accuracy says little on a split, nearly all rows of which are of one class; "" where it does not mislead."""
    found = {**record.get(split, {}), **record.get("baselines", {}).get(split, {})}
    share, balanced = found.get("majority_accuracy", 0.0), found.get("balanced_accuracy")
    if share <= MISLEADING or balanced is None:
        return ""
    return (
        f"{share:.1%} of the {split} rows are of one class, so that accuracy misleads. Look at balanced_accuracy, "
        f"{balanced:.4g}: guessing gets {1 / len(record['classes'][split]):.2g}"
    )


def versions() -> dict[str, str]:
    """Versions of the packages that decide the numbers."""
    return {name: metadata.version(name) for name in ("kerasapps", "tensorflow", "keras", "numpy")}


def environment() -> dict[str, Any]:
    """The machine and the software of a run."""
    devices = [device.name for device in tf.config.list_physical_devices()]
    return {"python": platform.python_version(), "platform": platform.platform(), "devices": devices, **versions()}


def seconds_of(clock: Clock, calls: float) -> dict[str, float]:
    """Seconds of every stage of this process, and of their sum.

    import: 0 but for a process's first run. calls: training alone, without checkpoints and what is shown, and with
    that of the processes before, where the run was interrupted.
    """
    stages = {"import": startup.take_import_seconds(), **clock.seconds}
    found = {**stages, "total": sum(stages.values()), "calls": calls}
    return {stage: round(spent, 4) for stage, spent in found.items()}
