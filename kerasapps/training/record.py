"""What a run says of itself: record.json and environment.json."""

import dataclasses
import math
import platform
import time
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

    def mark(self, stage: str) -> None:
        """Everything since the last mark was `stage`."""
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


def record_of(session: Any, traces: int, problems: list[str]) -> dict[str, Any]:
    """How a Session trained; traces: before it did; problems: damaged checkpoints that a resume passed over."""
    options, compiler = session.options, session.program.compiler
    return {
        "app": session.app.name,
        "data": options.data,
        "rows": {split: len(rows) for split, rows in session.rows.items()},
        "builder": options.builder,
        "seed": options.seed,
        "warm_start": session.warm_start,
        "hparams": dataclasses.asdict(session.hparams),
        "parameters": sum(math.prod(v.shape) for part in session.parts.values() for v in part.trainable_variables),
        "strategy": {"name": session.replicas.name, "replicas": session.replicas.number, "workers": 1},
        "precision": options.precision,
        "execution": {
            "requested": options.execution,
            "chosen": session.plan,
            "xla": compiler.plan.xla,
            "measured": session.measured,
            "traces": traces,
            "retraces": compiler.traces - traces,
            "xla_compiles": compiler.xla_compiles,
            "compile_seconds": round(session.clock.seconds["compile"], 4),
            "resident": session.resident,
        },
        "versions": versions(),
        "checkpoints_passed_over": problems,
    }
