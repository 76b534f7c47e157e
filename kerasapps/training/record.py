"""What a run says of itself: record.json and environment.json."""

import dataclasses
import math
import platform
import time
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import tensorflow as tf

_PACKAGES = ("kerasapps", "tensorflow", "keras", "numpy")


@dataclass
class Clock:
    """Seconds of each stage, from one mark to the next."""

    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str) -> None:
        """Everything since the last mark was `stage`."""
        spent = time.perf_counter() - self.started - sum(self.seconds.values())
        self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def versions() -> dict[str, str]:
    """Versions of the packages that decide the numbers."""
    return {name: metadata.version(name) for name in _PACKAGES}


def environment() -> dict[str, Any]:
    """The machine and the software of a run."""
    devices = [device.name for device in tf.config.list_physical_devices()]
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "devices": devices,
        **versions(),
    }


def timed(record: dict[str, Any], clock: Clock, import_seconds: float, calls: float) -> dict[str, Any]:
    """The record with the seconds of every stage of this process, and of their sum.

    import: 0 but for a process's first run. calls: training alone, without checkpoints and what is shown, and with
    that of the processes before, where the run was interrupted.
    """
    seconds = {"import": import_seconds, **clock.seconds}
    seconds = {**seconds, "total": sum(seconds.values()), "calls": calls}
    return {**record, "seconds": {stage: round(spent, 4) for stage, spent in seconds.items()}}


def new_record(session: Any, problems: list[str]) -> dict[str, Any]:
    """What is known of a Session before it trains; `problems`: damaged checkpoints that a resume passed over."""
    options, clock = session.options, session.clock
    return {
        "app": session.app.name,
        "data": options.data,
        "rows": {split: len(rows) for split, rows in session.rows.items()},
        "builder": options.builder,
        "seed": options.seed,
        "start": session.started,
        "hparams": dataclasses.asdict(session.hparams),
        "parameters": sum(math.prod(v.shape) for part in session.parts.values() for v in part.trainable_variables),
        "strategy": {"name": session.replicas.name, "replicas": session.replicas.number, "workers": 1},
        "precision": options.precision,
        "execution": {
            "requested": options.execution,
            "chosen": session.plan,
            "xla": session.chosen.compiler.plan.xla,
            "measured": session.chosen.measured,
            "traces": session.chosen.compiler.traces,
            "xla_compiles": session.chosen.compiler.xla_compiles,
            "compile_seconds": round(clock.seconds["compile"], 4),
            "resident": session.resident,
        },
        "versions": versions(),
        "checkpoints_passed_over": problems,
    }
