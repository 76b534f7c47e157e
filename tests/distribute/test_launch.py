"""Workers that `kerasapps launch` starts: real processes, whose output, signals and ends are handed on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conformance import workers

import kerasapps
from kerasapps.distribute.launch import free_ports, launch

TRAIN = ["train", "mlp", "--no-report", "--data", "digits", "--rows", "500", "--hidden", "8", "--execution", "graph"]
LONG = [*TRAIN, "--epochs", "40", "--checkpoint-every-steps", "4"]


def started(*arguments: str) -> subprocess.Popen[str]:
    """The command launch, with two workers."""
    command = [sys.executable, "-m", "kerasapps", "launch", "--workers", "2", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def workers_of(launcher: int) -> list[int]:
    """Its processes, worker 0 first."""
    return sorted(map(int, Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()))


def test_each_line_has_the_number_of_its_worker_and_worker_0_answers(capfd: pytest.CaptureFixture) -> None:
    assert launch(["list"], 2) == 0
    answer, beside = capfd.readouterr()
    lines = [line.removeprefix("[1] ") for line in beside.splitlines() if line.startswith("[1] ")]
    assert "mlp" in answer and lines == [line.rstrip() for line in answer.splitlines()]


def test_the_first_that_fails_gives_the_status(capfd: pytest.CaptureFixture) -> None:
    assert launch(["train", "nosuch"], 2, restarts=3) == 2
    said = capfd.readouterr().err
    assert "[0] kerasapps: error: " in said and "[1] kerasapps: error: " in said and "again" not in said


def test_a_group_that_fails_is_started_again(capfd: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes fail at once: in the place of Python is a program that does nothing else."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert launch(["train", "mlp"], 2, restarts=2) == 1
    said = [line for line in capfd.readouterr().err.splitlines() if "again" in line]
    assert [line.split("; ")[1] for line in said] == ["1 more times are left", "0 more times are left"]


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "0", "--", "train", "mlp"], "--workers=0: expected int >= 1"),
        (["--workers", "2", "--restarts", "-1", "--", "train", "mlp"], "--restarts=-1: expected int >= 0"),
        (["train", "mlp"], "-- is missing before train. Expected kerasapps launch --workers N -- train APP"),
        (["--workers", "2"], "After -- comes nothing. Expected train APP"),
        (["--workers", "2", "--", "tune", "mlp"], "After -- comes tune mlp. Expected train APP"),
        (["--workers", "2", "--restarts", "1", "--", "train", "mlp"], "give --run-dir after train APP"),
    ],
)
def test_what_cannot_be_launched_is_refused(
    arguments: Sequence[str], words: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerasapps.__main__ import main

    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert main(["launch", *arguments]) == 2
    assert words in capsys.readouterr().err
    monkeypatch.setenv("TF_CONFIG", "{}")
    assert main(["launch", "--workers", "2", "--", "train", "mlp"]) == 2
    assert "TF_CONFIG is set" in capsys.readouterr().err


@pytest.mark.slow
def test_the_record_is_the_last_line_of_stdout(tmp_path: Path) -> None:
    answer, said = started("--", *TRAIN, "--epochs", "3", "--run-dir", str(tmp_path / "run"), "--json").communicate()
    record = json.loads(answer.splitlines()[-1])
    assert (
        record["strategy"]["workers"] == 2 and record["history"] == kerasapps.load(tmp_path / "run").record["history"]
    )
    assert "[0] epoch 3/3" in said and "[1] epoch" not in said


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_handed_on(kind: int, tmp_path: Path) -> None:
    launcher = started("--", *LONG, "--epochs", "100000", "--run-dir", str(tmp_path / "run"))
    _wait_for_step(tmp_path / "run", 20)
    began = time.monotonic()
    launcher.send_signal(kind)
    _, said = launcher.communicate(timeout=60)
    assert launcher.returncode == 130 and time.monotonic() - began < 5
    assert said.count(f"Go on: kerasapps launch --workers 2 -- train mlp --run-dir {tmp_path}/run --resume\n") == 2


@pytest.mark.slow
def test_what_is_told_to_stop_while_it_starts_is_not_started_again(tmp_path: Path) -> None:
    launcher = started("--restarts", "1", "--", *LONG, "--run-dir", str(tmp_path / "run"))
    while len(workers_of(launcher.pid)) < 2:
        assert launcher.poll() is None
        time.sleep(0.02)
    launcher.terminate()
    _, said = launcher.communicate(timeout=60)
    assert launcher.returncode == 130 and "again" not in said, said


@pytest.mark.slow
def test_a_worker_that_was_stopped_is_not_waited_for_once_the_others_have_ended(tmp_path: Path) -> None:
    launcher = started("--", *LONG, "--epochs", "100000", "--run-dir", str(tmp_path / "run"))
    _wait_for_step(tmp_path / "run", 20)
    os.kill(workers_of(launcher.pid)[1], signal.SIGSTOP)
    launcher.communicate(timeout=60)
    assert launcher.returncode == 4


@pytest.mark.slow
def test_workers_do_not_outlive_a_launcher_that_is_killed(tmp_path: Path) -> None:
    launcher = started("--", *LONG, "--epochs", "100000", "--run-dir", str(tmp_path / "run"))
    _wait_for_step(tmp_path / "run", 1)
    group = workers_of(launcher.pid)
    launcher.kill()
    until = time.monotonic() + 30
    while any(_is_alive(process) for process in group):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_a_group_with_a_killed_worker_goes_on_by_itself(victim: int, tmp_path: Path) -> None:
    launcher = started("--restarts", "1", "--", *LONG, "--run-dir", str(tmp_path / "run"))
    _wait_for_step(tmp_path / "run", 20)
    os.kill(workers_of(launcher.pid)[victim], signal.SIGKILL)
    _, said = launcher.communicate(timeout=300)
    assert launcher.returncode == 0, said
    assert f"worker {victim} was killed by SIGKILL" in said and "starting all 2 workers again" in said
    whole = started("--", *LONG, "--run-dir", str(tmp_path / "whole"))
    whole.communicate(timeout=300)
    expected, found = (workers.final_state(tmp_path / name) for name in ("whole", "run"))
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def _is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _wait_for_step(run: Path, step: int) -> None:
    """Return once a checkpoint of that step or a later one is there."""
    until = time.monotonic() + 180
    while not any(int(path.name) >= step for path in (run / "checkpoints").glob("[0-9]*")):
        assert time.monotonic() < until
        time.sleep(0.02)
