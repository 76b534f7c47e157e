"""What a run says of itself: record.json and environment.json."""

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import tensorflow as tf

from kerasapps import startup


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
