"""The processes of trials, as they are started."""

import fcntl
import time
from collections import Counter
from pathlib import Path

import pytest
import tensorflow as tf

from kerasapps.distribute.replicas import visible_gpus
from kerasapps.tuning.workers import LocalWorkers


@pytest.mark.parametrize(
    ("gpus", "jobs", "wanted"),
    [
        (("2", "5"), 3, {"2": 2, "5": 1}),
        (("2", "5"), 2, {"2": 1, "5": 1}),
        (("2", "5"), 1, {"": 1}),  # which may use both
        (("2",), 2, {"": 2}),  # which share it
    ],
)
def test_gpus_are_shared_out(gpus: tuple[str, ...], jobs: int, wanted: dict[str, int], tmp_path: Path) -> None:
    with (
        (tmp_path / "lock").open("w") as lock,
        LocalWorkers(jobs, 1, lock.fileno(), tmp_path / "log", gpus=gpus) as workers,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = [workers._started() for _ in range(jobs)]
        seen = [environment_of(worker.process.pid) for worker in started]
    assert Counter(each.get("CUDA_VISIBLE_DEVICES", "") for each in seen) == wanted
    assert all(each["TF_FORCE_GPU_ALLOW_GROWTH"] == "true" for each in seen)
    assert all(each["OMP_NUM_THREADS"] == "1" for each in seen)


def environment_of(process: int) -> dict[str, str]:
    """The variables that a process was started with."""
    while not (text := Path(f"/proc/{process}/environ").read_text()):
        time.sleep(0.01)  # its program is being loaded
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


@pytest.mark.parametrize(
    ("variable", "number", "wanted"),
    [
        ("", 2, ["0", "1"]),
        ("3,1", 2, ["3", "1"]),
        ("3,1", 1, ["3"]),
        ("GPU-a,GPU-b", 2, ["GPU-a", "GPU-b"]),
        ("", 0, []),
    ],
)
def test_gpus_have_the_names_that_processes_know(
    variable: str, number: int, wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind] * number)
    assert visible_gpus() == wanted
