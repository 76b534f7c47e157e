"""Searches with processes of their own, some of which are killed."""

import contextlib
import json
import os
import random
import signal
import time
from multiprocessing import Process
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conformance import workers

import kerasapps
from kerasapps.errors import ConfigError, TrainingError
from kerasapps.runs import checkpoint
from kerasapps.tuning.outcomes import Outcome, read_outcomes, trial_path
from kerasapps.tuning.tune import Search, tune

SMALL = {"data": "iris", "rows": 60, "epochs": 2, "execution": "eager", "seed": 3}
RATES = ["learning_rate=log:1e-4:1e-1", "hidden=8,16"]
GIVEN = {**SMALL, "hidden": (8,), "search": RATES, "trials": 3, "jobs": 2}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Search:
    """A search that nothing interrupts."""
    return tune("mlp", **GIVEN, directory=str(tmp_path_factory.mktemp("search") / "whole"))


def found(outcomes: dict[int, Outcome]) -> list[tuple]:
    """What two searches have to agree on."""
    return [
        (trial, outcome.values, outcome.fields, outcome.score, outcome.stopped)
        for trial, outcome in sorted(outcomes.items())
    ]


def test_trials_are_runs_and_the_best_is_found(whole: Search) -> None:
    assert sorted(whole.outcomes) == [0, 1, 2]
    best = whole.ranked[0]
    assert best.score == min(outcome.score for outcome in whole.outcomes.values())
    run = whole.best
    assert run.directory == trial_path(whole.directory, best.trial)
    assert run.record["validation"]["loss"] == best.score == run.evaluate("validation")["loss"]
    assert {name: run.record["hparams"][name] for name in best.fields} == best.fields


def test_the_first_trial_is_plain_training(whole: Search, tmp_path: Path) -> None:
    given = {**SMALL, "hidden": (8,), "deterministic": True}
    plain = kerasapps.train("mlp", **given, run_dir=str(tmp_path / "run"))
    trial = kerasapps.load(trial_path(whole.directory, 0))
    assert trial.record["history"] == plain.record["history"]
    for own, expected in zip(trial.model.get_weights(), plain.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, expected)


def test_the_same_search_again_trains_nothing(whole: Search) -> None:
    times = [path.stat().st_mtime_ns for path in sorted((whole.directory / "trials").glob("*.json"))]
    again = tune("mlp", **GIVEN, directory=str(whole.directory))
    assert found(again.outcomes) == found(whole.outcomes)
    assert times == [path.stat().st_mtime_ns for path in sorted((whole.directory / "trials").glob("*.json"))]


def test_a_search_that_was_saved_without_its_parameters_goes_on_and_has_them(whole: Search) -> None:
    file = whole.directory / "search.json"
    saved = json.loads(file.read_text())
    assert [each["config"]["name"] for each in saved["parameters"]] == ["learning_rate", "hidden"]
    file.write_text(json.dumps({name: value for name, value in saved.items() if name != "parameters"}))
    assert found(tune("mlp", **GIVEN, directory=str(whole.directory)).outcomes) == found(whole.outcomes)
    assert json.loads(file.read_text()) == saved


def test_the_directory_of_another_search_is_refused(whole: Search) -> None:
    with pytest.raises(ConfigError, match=r"is another search: it has seed=3, but seed=4 was given"):
        tune("mlp", **{**GIVEN, "seed": 4}, directory=str(whole.directory))


def test_an_objective_that_the_app_does_not_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown objective of mlp 'val_acuracy'. Did you mean 'val_accuracy'"):
        tune("mlp", **GIVEN, objective="val_acuracy", directory=str(tmp_path / "search"))
    assert not (tmp_path / "search").exists()


def test_a_killed_search_and_killed_trials_end_as_the_whole_one(whole: Search, tmp_path: Path) -> None:
    directory = tmp_path / "killed"
    killed = start(directory, jobs=1)
    wait_for(lambda: (directory / "trials" / "0000.json").exists() and trial_processes(killed.pid))
    killed.kill()
    assert workers.finish(killed) == -signal.SIGKILL
    assert len(read_outcomes(directory)) < 3
    going_on = start(directory, jobs=1)
    wait_for(lambda: trial_processes(going_on.pid))
    os.kill(trial_processes(going_on.pid)[0], signal.SIGKILL)
    assert workers.finish(going_on) == 0
    assert found(read_outcomes(directory)) == found(whole.outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["random", "grid", "bayesian", "tpe", "hyperband", "random, median"])
def test_random_kills_change_nothing(tuner: str, tmp_path: Path) -> None:
    """The search, its trials, or all of them; until it has been killed four times."""
    name, _, pruner = tuner.partition(", ")
    changes = {"tuner": name, "epochs": 9, "trials": 8 if pruner else 6, "pruner": pruner or None}
    whole = tune("mlp", **{**GIVEN, **changes}, directory=str(tmp_path / "whole"))
    moments, directory = random.Random(tuner), tmp_path / "killed"
    for _ in range(4):
        process, until = start(directory, **changes), time.monotonic() + moments.uniform(4, 12)
        wait_for(lambda process=process, until=until: not process.is_alive() or time.monotonic() > until)
        trials = trial_processes(process.pid)
        for victim in moments.choice([[process.pid], trials, [process.pid, *trials]]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        process.kill()
        workers.finish(process)
    assert workers.finish(start(directory, **changes)) == 0
    assert found(read_outcomes(directory)) == found(whole.outcomes)


def start(directory: Path, **changes: Any) -> Process:
    """The same search, in a process of its own."""
    return workers.start(_search, {**GIVEN, **changes, "directory": str(directory)})


def _search(given: dict[str, Any]) -> None:
    tune("mlp", **given)


def trial_processes(parent: int) -> list[int]:
    """The processes that train its trials."""
    children, trials = Path(f"/proc/{parent}/task/{parent}/children"), []
    for child in children.read_text().split() if children.exists() else ():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if "kerasapps.tuning.worker" in Path(f"/proc/{child}/cmdline").read_text():
                trials.append(int(child))
    return trials


def wait_for(happened: Any, seconds: float = 120) -> None:
    """Return once it has."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_a_trial_that_fails_is_recorded_and_the_search_goes_on(tmp_path: Path) -> None:
    given = {**SMALL, "search": ["learning_rate=0.01,1e30"], "learning_rate": 0.01, "hidden": (8,)}
    search = tune("mlp", **given, trials=5, directory=str(tmp_path / "search"))
    assert [outcome.score is None for _, outcome in sorted(search.outcomes.items())] == [False, True]
    assert "learning_rate" in search.outcomes[1].reason
    assert [outcome.trial for outcome in search.ranked] == [0]
    assert "test" not in search.best.record


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"trial_seconds": 0.1}, "It took longer than 0.1 s."),
        ({"trial_gigabytes": 0.01}, "It took more than 0.01 GB of memory."),
    ],
)
def test_a_trial_over_a_limit_has_failed(limit: dict[str, float], said: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=f"0: {said}"):
        tune("mlp", **{**SMALL, "epochs": 100_000}, **limit, trials=1, directory=str(tmp_path / "search"))


@pytest.mark.slow
def test_a_search_that_is_stopped_by_the_clock_goes_on(whole: Search, tmp_path: Path) -> None:
    given = {**GIVEN, "directory": str(tmp_path / "search")}
    stopped = tune("mlp", **given, max_seconds=0.1)
    assert not stopped.is_done and len(stopped.outcomes) < GIVEN["trials"]
    assert found(tune("mlp", **given).outcomes) == found(whole.outcomes)


@pytest.mark.slow
def test_a_search_whose_every_trial_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"Every trial of .* failed.\n0: "):
        tune("mlp", **SMALL, learning_rate=1e30, search=["hidden=128"], directory=str(tmp_path / "search"))


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["hyperband", pytest.param("tpe", marks=pytest.mark.slow)])
def test_other_tuners_resume_what_they_stopped(tuner: str, tmp_path: Path) -> None:
    """A trial that went on from rung to rung has the history of one that trained at once."""
    given = {**GIVEN, "tuner": tuner, "epochs": 9, "trials": 9}
    search = tune("mlp", **given, directory=str(tmp_path / "search"))
    best = search.best
    assert best.record["status"] == "completed" and best.record["epochs"] == 9
    fields = search.ranked[0].fields
    plain = kerasapps.train(
        "mlp", **{**SMALL, "hidden": (8,), "epochs": 9, "deterministic": True, **fields}, run_dir=str(tmp_path / "run")
    )
    assert best.record["history"] == plain.record["history"]
    stopped = [outcome.epochs for outcome in search.outcomes.values()]
    assert sorted(stopped) == ([1] * 6 + [3] * 2 + [9] if tuner == "hyperband" else [9] * 9)


def test_checkpoints_of_trials_are_those_of_runs(whole: Search) -> None:
    kept, problems = checkpoint.read_last(trial_path(whole.directory, 0) / "checkpoints")
    assert not problems and kept.state["epoch"] == SMALL["epochs"]
