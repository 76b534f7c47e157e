"""What is shown of training; progress that nobody can read ends none."""

import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.engine.segments import Progress
from kerasapps.training.listeners import progress
from kerasapps.training.listeners.progress import Work, shown, working

GIVEN = {"data": "line", "rows": 40, "epochs": 3, "execution": "eager"}


@pytest.mark.slow
def test_a_training_goes_on_where_the_reader_of_its_output_has_left(tmp_path: Path) -> None:
    """Of stdout and stderr, as with 2>&1 | head."""
    flags = ["--no-report", *(text for name, value in GIVEN.items() for text in (f"--{name}", str(value)))]
    command = [sys.executable, "-m", "kerasapps", "train", "linear_regression", *flags, "--run-dir", "run"]
    environment = {**os.environ, "PYTHONPATH": str(Path(kerasapps.__file__).parents[1])}
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=writing, cwd=tmp_path, env=environment, check=False)
    os.close(writing)
    record = json.loads((tmp_path / "run" / "record.json").read_text(encoding="utf-8"))
    assert (done.returncode, record["status"], record["epochs"]) == (0, "completed", 3)


def test_a_training_goes_on_where_the_disk_that_takes_its_progress_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with io.FileIO("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(full, write_through=True))
        run = kerasapps.train("linear_regression", **GIVEN, run_dir=str(tmp_path / "a"))
        warm = kerasapps.train("linear_regression", **GIVEN, from_run=str(run.directory), run_dir=str(tmp_path / "b"))
        assert run.record["status"] == warm.record["status"] == "completed"
        assert main(["trian"]) == 2


class Terminal(io.StringIO):
    """One that is gone."""

    def isatty(self) -> bool:
        """A terminal."""
        return True

    def write(self, text: str) -> int:
        """Fail as the system does."""
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("stderr", [Terminal(), None])
def test_a_terminal_that_is_gone_or_was_never_there_is_no_error(
    stderr: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    with shown(Work(2, 3, 4)) as shower:
        shower.show(Progress(1, 0, 3, {"loss": [0.5]}), 10.0)
    assert main(["trian"]) == 2


HISTORY = {"loss": 0.51234, "accuracy": 0.75, "val_loss": 0.625, "val_accuracy": 0.875}
LOOK = "epoch 7/9 loss 0.5123 accuracy 0.75 val_loss 0.625 val_accuracy 0.875"


def at(epoch: int, names: Iterable[str] = HISTORY, cycle: int = 0) -> Progress:
    """After so many epochs, and steps of the next one."""
    return Progress(epoch, cycle, 0.0, {name: [HISTORY.get(name, 1.0)] * epoch for name in names})


def lines_of(stream: io.StringIO) -> list[str]:
    """All that stood on the lines of a terminal, one after the other."""
    parts = re.split(r"[\r\n]+", re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", stream.getvalue()))
    return [part.rstrip() for part in parts if part.strip()]


class Screen(io.StringIO):
    """A terminal that is there."""

    def isatty(self) -> bool:
        """A terminal."""
        return True


def test_of_many_quick_epochs_the_first_and_the_last_have_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_A_LINE", math.inf)
    with shown(Work(9, 10, 32), stream=(log := io.StringIO())) as shower:
        for epoch in range(1, 8):
            shower.show(at(epoch), 5.0)
    first, last = log.getvalue().splitlines()
    assert first.startswith("epoch 1/9 loss 0.5123 ")
    assert re.fullmatch(re.escape(LOOK) + r" 160 examples/s 0\.\ds, 0\.\ds left", last)


def test_of_slow_epochs_each_has_a_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the calls that end within the next epoch; those of an earlier process have none."""
    monkeypatch.setattr(progress, "SECONDS_A_LINE", 0.0)
    with shown(Work(30, 10, 32), done=7, stream=(log := io.StringIO())) as shower:
        for epoch, cycle in ((7, 5), (8, 0), (8, 5), (9, 0), (10, 0), (10, 3)):
            shower.show(at(epoch, cycle=cycle), 5.0)
    assert [line[:12] for line in log.getvalue().splitlines()] == ["epoch  8/30 ", "epoch  9/30 ", "epoch 10/30 "]


def test_a_line_in_a_file_is_not_wider_than_120() -> None:
    names = [f"a_long_name_of_a_metric_{i}" for i in range(9)]
    with shown(Work(9, 10, 32, names[-1]), stream=(log := io.StringIO())) as shower:
        shower.show(at(7, names), 5.0)
    (line,) = log.getvalue().splitlines()
    assert line.startswith(f"epoch 7/9 {names[0]} 1 {names[-1]} 1 ... 160 examples/s") and 85 < len(line) <= 120


@pytest.mark.parametrize(
    ("width", "kept"), [(80, LOOK), (60, "epoch 7/9 loss 0.5123 accuracy 0.75 val_loss 0.625 ...")]
)
def test_on_a_terminal_lines_stay_and_fit_and_the_monitored_metric_is_seen(
    width: int, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    with shown(Work(9, 10, 32, "val_loss"), stream=(screen := Screen())) as shower:
        shower.show(at(6), 5.0)
        shower.live.refresh()
        shower.show(at(7), 5.0)
    lines = lines_of(screen)
    assert max(map(len, lines)) <= width
    live = [line for line in lines if line.startswith("epoch 6/9 ━")]
    assert live and all("s left" in line and "val_loss 0.625" in line for line in live)
    assert any(re.fullmatch(re.escape(kept) + r" 0\.\ds", line) for line in lines)


def test_work_of_which_nothing_is_known_turns_a_spinner_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with working("compiling"):
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    with working("compiling"):
        pass
    assert lines_of(screen)[0].endswith(" compiling")
