"""The command tune."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import searches

import kerasapps
from kerasapps.__main__ import main
from kerasapps.tuning.outcomes import Outcome, write_outcome

SEARCH = {"app": "mlp", "objective": "val_accuracy", "direction": "max", "given": {}}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A search of three trials, of which one failed."""
    (tmp_path / "trials").mkdir()
    (tmp_path / "search.json").write_text(json.dumps(SEARCH))
    outcomes = (
        Outcome(0, {}, {}, 0.9, epochs=5),
        Outcome(1, {}, {"hidden": [64, 32], "learning_rate": 0.002}, 0.95, epochs=5),
        Outcome(2, {}, {"learning_rate": 5.0}, None, "loss is no longer finite"),
    )
    for outcome in outcomes:
        write_outcome(tmp_path, outcome)
    return tmp_path


def test_show_has_the_best_first_and_says_what_failed(directory: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["tune", "show", str(directory)]) == 0
    captured = capsys.readouterr()
    rows = [" ".join(line.split()) for line in captured.out.splitlines() if line.strip()[:1].isdigit()]
    assert rows == ["1 0.95 5 hidden 64 32, learning_rate 0.002", "0 0.9 5 defaults"]
    assert "trial 2 failed: loss is no longer finite" in captured.err
    assert f"run directory of the best: {directory / 'trials' / '0001'}" in captured.err
    assert "scored trials: 2, which is too few to tell. 10 are needed." in captured.err


def test_json_has_every_trial(directory: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["tune", "show", str(directory), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [trial["trial"] for trial in answer["trials"]] == [1, 0, 2]


def zoomed(values: dict) -> float | str:
    """The zoom decides; without one a trial fails."""
    return values["zoom"] if values["zoom"] > 0.05 else f"Nothing is seen at {values['zoom']}."


def test_show_has_importance_and_failures_by_reason(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    directory = str(searches.saved(tmp_path / "a", searches.twelve_parameters(), 30, zoomed))
    assert main(["tune", "show", directory]) == 0
    captured = capsys.readouterr()
    rows = [line.split() for line in captured.out.partition("importance of parameters")[2].splitlines() if "%" in line]
    assert rows[0][0] == "zoom" and float(rows[0][1].rstrip("%")) > 80
    assert next(row for row in rows if row[:1] == ["learning_rate_sgd"])[2:] == ["optimizer=sgd"]
    assert captured.err.count(" failed: Nothing is seen at 0.0") == 1
    assert main(["tune", "show", directory, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["trials"]) == 30
    assert max(answer["importance"]["shares"], key=answer["importance"]["shares"].get) == "zoom"


def test_report_prints_the_files_that_it_writes(directory: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["tune", "report", str(directory)]) == 0
    paths = list(map(Path, capsys.readouterr().out.split()))
    assert directory / "report.html" in paths and all(path.exists() for path in paths)
    assert main(["tune", "report", str(directory), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paths"] == list(map(str, paths))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["show", "/tmp"], 5, "is not a search directory: it has no search.json"),
        (["report", "/tmp"], 5, "is not a search directory: it has no search.json"),
        (["mlp", "--trials", "0"], 2, "--trials=0: expected int >= 1"),
        (["mlp", "--tuner", "rando"], 2, "Did you mean 'random'"),
        (["mlp", "--trial", "3"], 2, "Did you mean '--trials'"),
        (["--trials", "3"], 2, "The app comes first"),
        (["mpl"], 2, "Did you mean 'mlp'"),
        (["mlp", "--data", "iris", "--search", "hidden"], 2, "expected NAME=RANGE"),
    ],
)
def test_bad_arguments(arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["tune", *arguments]) == status
    assert said in capsys.readouterr().err


def test_a_search_from_the_command_line_and_its_trial_repeated_bit_for_bit(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    search, again = tmp_path / "search", tmp_path / "again"
    arguments = ["--data", "iris", "--rows", "40", "--epochs", "2", "--execution", "eager"]
    tuned = ["--trials", "2", "--search", "hidden=128,8", "--search", "l2=0,1e-3", "--directory", str(search)]
    assert main(["tune", "mlp", *arguments, *tuned, "--json"]) == 0
    captured = capsys.readouterr()
    trials = json.loads(captured.out.splitlines()[-1])["trials"]
    assert sorted(trial["trial"] for trial in trials) == [0, 1]
    assert trials[0]["values"].keys() == {"hidden", "l2"}
    assert "trial 0: " in captured.err and "; defaults" in captured.err
    assert main(["train", "mlp", "--no-report", "--from-trial", f"{search}/1", "--run-dir", str(again)]) == 0
    trial, repeated = kerasapps.load(search / "trials" / "0001"), kerasapps.load(again)
    assert repeated.hparams.hidden == trial.hparams.hidden and repeated.hparams.l2 == trial.hparams.l2
    assert repeated.record["history"] == trial.record["history"]
    for own, expected in zip(repeated.model.get_weights(), trial.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, expected)


@pytest.mark.slow
def test_a_trial_is_repeated_on_its_number_of_threads(tmp_path: Path) -> None:
    """By a process that would have more of them; sums of other threads have other bits."""
    search, again = tmp_path / "search", tmp_path / "again"
    given = ["--data", "digits", "--rows", "1000", "--epochs", "2", "--execution", "step", "--hidden", "512", "512"]
    tuned = ["--trials", "1", "--threads", "1", "--search", "l2=0,1e-3", "--directory", str(search)]
    for command in (
        ["tune", "mlp", *given, *tuned],
        ["train", "mlp", "--no-report", "--from-trial", f"{search}/0", "--run-dir", again],
    ):
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}
        subprocess.run([sys.executable, "-m", "kerasapps", *map(str, command)], check=True, env=environment)
    trial, repeated = kerasapps.load(search / "trials" / "0000"), kerasapps.load(again)
    assert repeated.record["history"] == trial.record["history"]
    for own, expected in zip(repeated.model.get_weights(), trial.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize(
    ("trial", "said"),
    [("7", "there is no such run. Expected one of"), ("", "the number of a trial"), ("x/y/z", "the number of a trial")],
)
def test_what_is_no_trial_is_refused(trial: str, said: str, directory: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["train", "mlp", "--from-trial", f"{directory}/{trial}"]) == 2
    assert said in capsys.readouterr().err
