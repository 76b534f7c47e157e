"""Progress that nobody can read ends no training."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.engine.segments import Progress
from kerasapps.training.listeners.progress import shown

GIVEN = {"data": "line", "rows": 40, "epochs": 3, "execution": "eager"}


@pytest.mark.slow
def test_a_training_goes_on_where_the_reader_of_its_output_has_left(tmp_path: Path) -> None:
    """Of stdout and stderr, as with 2>&1 | head."""
    flags = [text for name, value in GIVEN.items() for text in (f"--{name}", str(value))]
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
    with shown(2, 3, 4) as shower:
        shower.show(Progress(1, 0, 3, {"loss": [0.5]}), 10.0)
    assert main(["trian"]) == 2
