"""A run that goes on for more epochs is the one that had so many from the start."""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.engine.schedule import depends_on_epochs, learning_rate
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import lengthened
from kerasapps.runs.run import Run

FEW, MANY = 2, 5
GIVEN = {"data": "iris", "hidden": (3,), "execution": "eager", "global_batch_size": 40, "learning_rate": 0.5}
GIVEN |= {"monitor": "val_accuracy"}
RECORDED = ("history", "validation", "test", "best_epoch", "epochs", "steps", "hparams", "classes", "status")
SCHEDULES: dict[str, dict[str, Any]] = {
    "constant": {"schedule": "constant", "ema_momentum": 0.5},
    "plateau": {"schedule": "plateau", "plateau_patience": 1},
    "exponential": {"schedule": "exponential", "decay_epochs": 1.0, "warmup_epochs": 0.5},
}


def trained(path: Path, **given: Any) -> Run:
    return kerasapps.train("mlp", run_dir=str(path), **{**GIVEN, "epochs": FEW, **given})


def assert_same(one: Run, other: Run) -> None:
    """Every variable of the last checkpoint, and what is recorded of the training."""
    (first, _), (second, _) = (checkpoint.read_last(run.directory / "checkpoints") for run in (one, other))
    assert first.arrays.keys() == second.arrays.keys()
    for name, values in first.arrays.items():
        np.testing.assert_array_equal(values, second.arrays[name], err_msg=name)
    assert {name: one.record[name] for name in RECORDED} == {name: other.record[name] for name in RECORDED}
    configs = [(run.directory / "config.yaml").read_text(encoding="utf-8") for run in (one, other)]
    assert configs[0] == configs[1] and f"epochs: {MANY}\n" in configs[0]


@pytest.fixture(scope="module")
def completed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of few epochs."""
    return trained(tmp_path_factory.mktemp("completed") / "run")


@pytest.fixture
def path(completed: Run, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(completed.directory, tmp_path / "run")


def test_law_of_a_completed_run(completed: Run, path: Path, tmp_path: Path) -> None:
    longer = kerasapps.resume(path, epochs=MANY)
    assert_same(longer, trained(tmp_path / "whole", epochs=MANY))
    assert longer.record["best_epoch"] < MANY  # so that the weights that are kept are not the last
    with pytest.raises(AssertionError):  # a planted fault
        assert_same(longer, completed)


@pytest.mark.slow
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("stopped", [None, 1])
def test_law(schedule: str, stopped: int | None, tmp_path: Path) -> None:
    given = SCHEDULES[schedule]
    whole = trained(tmp_path / "whole", **given, epochs=MANY)
    trained(tmp_path / "longer", **given, stop_at_epoch=stopped)
    assert_same(kerasapps.resume(tmp_path / "longer", epochs=MANY), whole)


@pytest.mark.parametrize("write", range(6))
def test_a_kill_at_any_write_leaves_the_old_epochs_or_the_new(
    write: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of three files is synced, and its directory; then the run loads, and takes the new number again."""
    left = [write]

    def sync(descriptor: int) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        directory.write_epochs(path, MANY)
    monkeypatch.undo()
    assert directory.read_config(path)["epochs"] == (FEW if write < 3 else MANY)
    directory.write_epochs(path, MANY + 1)
    assert directory.read_config(path) == {**directory.read_config(path), "epochs": MANY + 1}


def test_a_run_that_was_killed_before_its_further_epochs_is_unfinished_and_goes_on(
    path: Path, completed: Run, capsys: pytest.CaptureFixture
) -> None:
    directory.write_epochs(path, FEW + 1)
    found = kerasapps.load(path)
    assert found.record["status"] == "interrupted" and found.record["epochs"] == FEW
    assert found.evaluate() == pytest.approx(completed.record["test"])
    assert main(["evaluate", str(path)]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert f"unfinished: {FEW} of {FEW + 1} epochs are done" in told
    assert f"weights of epoch {found.record['best_epoch']}" in told and f"--run-dir {path} --resume" in told
    resumed = kerasapps.resume(path)
    assert resumed.record["status"] == "completed" and len(resumed.record["history"]["loss"]) == FEW + 1
    assert main(["evaluate", str(path)]) == 0
    assert "unfinished" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"schedule": "cosine"}, "learning rate of every step depends on the number of epochs"),
        ({"warmup_epochs": 1.5}, "warmup_epochs=1.5 was cut to half of the epochs"),
    ],
)
def test_where_steps_would_have_had_other_rates_more_epochs_are_refused(given: dict, said: str) -> None:
    hparams = Hparams(**given, epochs=FEW)
    with pytest.raises(ConfigError, match=f"epochs={FEW}, but epochs={MANY} was given, .*{said}.*--from runs/one"):
        lengthened(hparams, {"epochs": MANY}, Path("runs/one"))
    assert lengthened(hparams, {"epochs": FEW}, Path("runs/one")) == hparams


@pytest.mark.parametrize("given", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("steps", [1, 3])
def test_what_is_extended_has_the_rates_of_the_longer_training(given: dict, steps: int) -> None:
    short, long = (Hparams(**given, epochs=epochs) for epochs in (FEW, MANY))
    rates = [learning_rate(each, steps) for each in (short, long)]
    found = [[float(rate(step) if callable(rate) else rate) for step in range(FEW * steps)] for rate in rates]
    assert found[0] == found[1] and depends_on_epochs(short, MANY) == ""


def test_a_run_that_ended_early_would_have_ended_with_more_epochs_too(tmp_path: Path) -> None:
    trained(tmp_path / "run", learning_rate=1e-30, early_stopping_patience=1)
    said = f"ended early after {FEW} epochs.*val_accuracy has not improved.*--from {tmp_path / 'run'}"
    with pytest.raises(ConfigError, match=said):
        kerasapps.resume(tmp_path / "run", epochs=MANY)
    assert directory.read_config(tmp_path / "run")["epochs"] == FEW


def test_fewer_epochs_than_are_done_and_other_settings_are_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match=f"trained in {FEW} epochs already, but epochs=1 was given"):
        kerasapps.resume(path, epochs=1)
    with pytest.raises(ConfigError, match="learning_rate=0.5, but learning_rate=0.25 was given"):
        kerasapps.resume(path, epochs=MANY, learning_rate=0.25)
    with pytest.raises(ConfigError, match="epochs=0"):
        kerasapps.resume(path, epochs=0)


def test_the_epochs_that_it_has_train_nothing(path: Path, completed: Run) -> None:
    assert kerasapps.resume(path, epochs=FEW).record == directory.read_record(completed.directory)
