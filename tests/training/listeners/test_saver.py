"""Checkpoints are written while training goes on, as often and as many as asked."""

import statistics
import threading
from pathlib import Path
from typing import Any

import pytest

import kerasapps
from kerasapps.errors import TrainingError
from kerasapps.runs import checkpoint

GIVEN = {"data": "iris", "rows": 60, "global_batch_size": 16, "epochs": 6, "execution": "graph"}


class Counted:
    """Saves, and remembers after which steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[int] = []
        self._save = checkpoint.save
        monkeypatch.setattr(checkpoint, "save", self)

    def __call__(self, directory: Path, step: int, *rest: Any) -> Path:
        self.steps.append(step)
        return self._save(directory, step, *rest)


class AtEpoch:
    """Does something at the end of an epoch."""

    def __init__(self, epoch: int, action: Any) -> None:
        self.epoch, self.action = epoch, action

    def on_call_end(self, call: Any) -> None:
        if call.at.epoch == self.epoch:
            self.action()


def test_training_goes_on_while_a_checkpoint_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of epoch 1 cannot end before epoch 2 has: a training that waits for it would never get there."""
    save, second = checkpoint.save, threading.Event()

    def slow(directory: Path, step: int, *rest: Any) -> Path:
        assert step == 0 or second.wait(60), "training has waited"
        return save(directory, step, *rest)

    monkeypatch.setattr(checkpoint, "save", slow)
    run = kerasapps.train("mlp", **GIVEN, listeners=[AtEpoch(2, second.set)], run_dir=str(tmp_path / "run"))
    assert run.record["status"] == "completed"
    assert [path.name for path in checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")][-1] == f"{24:012d}"


def test_all_is_written_when_training_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise TrainingError("a listener has had enough")

    counted = Counted(monkeypatch)
    with pytest.raises(TrainingError, match="had enough"):
        kerasapps.train("mlp", **GIVEN, listeners=[AtEpoch(3, fail)], run_dir=str(tmp_path / "run"))
    assert counted.steps == [0, 4, 8]
    kept, problems = checkpoint.read_last(tmp_path / "run" / "checkpoints")
    assert kept.state["epoch"] == 2 and not problems


@pytest.mark.parametrize(("seconds", "expected"), [(1e6, [0, 24]), (1e-9, [0, 4, 8, 12, 16, 20, 24])])
def test_seconds_between_checkpoints(
    seconds: float, expected: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, every_epoch = Counted(monkeypatch), AtEpoch(-1, None)  # calls end where a listener listens
    kerasapps.train(
        "mlp",
        **GIVEN,
        checkpoint_every_seconds=seconds,
        keep_checkpoints=3,
        listeners=[every_epoch],
        run_dir=str(tmp_path / "run"),
    )
    assert [step for step in counted.steps if step % 4 == 0] == expected
    kept = [int(path.name) for path in checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")]
    assert kept == counted.steps[-3:]


@pytest.mark.slow
def test_one_checkpoint_a_minute_costs_less_than_two_percent(tmp_path: Path) -> None:
    """Of 1.1 million weights, with two moments of each and the best ones. In each of four turns one run has one with
    every step, and one has none; the median counts."""
    given = {
        "data": "digits",
        "hidden": (1024, 1024),
        "epochs": 1,
        "execution": "graph",
        "checkpoint_every_seconds": 1e6,
    }
    costs = []
    for turn in range(4):
        spent = []
        for name, own in (("none", {}), ("each", {"checkpoint_every_steps": 1})):
            run = kerasapps.train("mlp", **given, **own, run_dir=str(tmp_path / f"{name}-{turn}"))
            assert run.record["parameters"] > 1.1e6 and run.record["steps"] >= 10
            spent.append(run.record["seconds"]["train"])
        costs.append((spent[1] - spent[0]) / run.record["steps"])
    print(f"seconds of a checkpoint: {costs}")
    assert statistics.median(costs) <= 0.02 * 60
