"""Runs by name, and the list of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.cli.runs import _status
from kerasapps.errors import CheckpointError, ConfigError
from kerasapps.runs.found import find_run, runs_below

OLD = Path(__file__).parents[1] / "old_runs"
PLACES = {"mlp_wine": "mlp/2024-0", "vae_iris": "vae/2024-1", "mlp_interrupted": "mlp/2025-0", "rnn_reviews": "mine"}
"""Old run -> where it lies in runs; in this order they began."""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four runs, one folder that is none, and what a killed process left."""
    monkeypatch.chdir(tmp_path)
    for second, (name, place) in enumerate(PLACES.items()):
        path = tmp_path / "runs" / place
        path.mkdir(parents=True)
        for file in ("config.yaml", "record.json", "sha256.json"):
            shutil.copy(OLD / name / file, path)
        os.utime(path / "config.yaml", (second, second))
    for folder in ("foreign", ".left"):
        (tmp_path / "runs" / folder).mkdir()
        (tmp_path / "runs" / folder / "config.yaml").write_text("seed: 3\n")
    return tmp_path / "runs"


def test_runs_are_found_by_path_name_beginning_and_as_the_latest(runs: Path) -> None:
    shutil.rmtree(runs / "foreign")
    assert [str(path.relative_to(runs)) for path in runs_below(runs)] == list(PLACES.values())[::-1]
    for given, place in {
        "runs/mlp/2024-0": "mlp/2024-0",
        "latest": "mine",
        "mi": "mine",
        "mlp/2025": "mlp/2025-0",
        "2025": "mlp/2025-0",
        "2024-1": "vae/2024-1",
        "vae": "vae/2024-1",
    }.items():
        assert find_run(given) == Path("runs") / place
    (runs / "mine2").mkdir()
    shutil.copy(runs / "mine" / "config.yaml", runs / "mine2")
    assert find_run("mine") == Path("runs/mine")  # a whole name
    shutil.copytree(runs / "mlp" / "2024-0", runs / "mlp" / "latest")
    os.utime(runs / "mlp" / "latest" / "config.yaml", (0, 0))
    assert find_run("latest") == Path("runs/mlp/latest")  # a whole name, too


def test_a_beginning_of_several_names_lists_them_and_one_of_none_says_so(runs: Path) -> None:
    with pytest.raises(ConfigError, match="2024 begins the names of 2 runs: runs/vae/2024-1, runs/mlp/2024-0. Give"):
        find_run("2024")
    with pytest.raises(CheckpointError, match="gone is no run: it has no config.yaml, and no run in .*/runs is called"):
        find_run("gone")
    shutil.rmtree(runs)
    with pytest.raises(CheckpointError, match="latest is no run"):
        find_run("latest")


def test_python_loads_runs_by_the_same_names(runs: Path) -> None:
    shutil.rmtree(runs)
    shutil.copytree(OLD / "mlp_wine", runs / "mlp" / "2024-0")
    for given in ("latest", "2024", "mlp/2024-0", Path("runs/mlp/2024-0")):
        assert kerasapps.load(given).directory == runs / "mlp" / "2024-0"
    with pytest.raises(CheckpointError, match="gone is no run"):
        kerasapps.load("gone")


def listed(capsys: pytest.CaptureFixture, *arguments: str) -> list[dict]:
    assert main(["runs", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_runs_are_listed_with_what_they_reached(runs: Path, capsys: pytest.CaptureFixture) -> None:
    found = listed(capsys)
    assert [each["directory"] for each in found] == [str(runs / place) for place in list(PLACES.values())[::-1]]
    wine = found[-1]
    record = json.loads((OLD / "mlp_wine" / "record.json").read_text())
    assert (wine["app"], wine["data"], wine["status"], wine["epochs"]) == ("mlp", "wine", "completed", record["epochs"])
    assert wine["monitored"] == record["history"][wine["monitor"]][record["best_epoch"] - 1]
    assert wine["test"] == record["test"] and wine["seconds"] == record["seconds"]["total"]
    assert [each["status"] for each in found if each["app"] == "mlp"] == ["interrupted", "completed"]


def test_the_best_of_an_app_and_its_data_come_first(runs: Path, capsys: pytest.CaptureFixture) -> None:
    found = listed(capsys, "--sort", "best")
    assert [each["app"] for each in found] == ["mlp", "mlp", "rnn", "vae"]
    assert found[0]["validation"]["loss"] < found[1]["validation"]["loss"]
    assert found[0]["directory"] == str(runs / "mlp" / "2025-0")


def test_what_is_no_run_is_left_out_by_name(runs: Path, capsys: pytest.CaptureFixture) -> None:
    (runs / "mine" / "record.json").unlink()  # of a run that was killed
    assert main(["runs", str(runs)]) == 0
    told = capsys.readouterr()
    assert told.err.count("left out: ") == 1 and str(runs / "foreign") in told.err
    assert "mine" in told.out and "0 interrupted" in told.out and ".left" not in told.out
    assert main(["runs", str(runs / "nowhere")]) == 2


def test_neither_list_nor_names_need_tensorflow(runs: Path) -> None:
    """An ambiguous name is refused before TensorFlow is imported, too."""
    script = """
import sys
from kerasapps.__main__ import main
from kerasapps.cli.runs import _status
calls = ("runs", "evaluate 2024", "train mlp --resume --run-dir 2024", "train mlp --from 2024")
print([main(each.split()) for each in calls], "tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 2, 2, 2] False"


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"status": "completed", "epochs": 4}, "completed"),
        ({"status": "completed", "epochs": 2}, "interrupted"),
        ({"status": "completed", "epochs": 2, "stopped": "early"}, "completed"),
        ({"status": "failed", "epochs": 2}, "failed"),
        ({}, "interrupted"),
    ],
)
def test_a_run_that_goes_on_for_more_epochs_is_not_completed(record: dict, status: str) -> None:
    assert _status({"epochs": 4}, record) == status
