"""What a search refuses, and when."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasapps.errors import CheckpointError, ConfigError, DataError
from kerasapps.tuning.outcomes import Outcome, opened, ranked, read_outcomes, read_search, trial_path, write_outcome
from kerasapps.tuning.tune import tune

RATES = ["learning_rate=log:1e-4:1e-1", "hidden=8,16"]
GIVEN = {"data": "iris", "rows": 60, "epochs": 1, "execution": "eager", "seed": 3, "hidden": (8,), "search": RATES}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"run_dir": "runs/x"}, "run_dir='runs/x' is for one run"),
        ({"stop_at_epoch": 1}, "stop_at_epoch=1 is for one run"),
        ({"fold": "1/2", "folds": 2}, "give one of the two"),
        ({"seed": 2**32 - 1, "seeds_per_trial": 2}, "seeds end at 4294967295"),
        ({"search": ["optimizer=adam,foo"], "optimizer": "adam"}, "Unknown optimizer 'foo'"),
    ],
)
def test_what_no_trial_can_do_is_refused_before_anything_is_trained(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as raised:
        tune("mlp", **{**GIVEN, **changes}, directory=str(tmp_path / "search"))
    assert said in str(raised.value)
    assert not (tmp_path / "search").exists()


def test_more_folds_than_rows_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few to set some aside for validation"):
        tune("mlp", **GIVEN, folds=1000, directory=str(tmp_path / "search"))
    assert not (tmp_path / "search").exists()


@pytest.mark.parametrize("place", ["file", "file/inside", "n" * 300, "nul\0"])
def test_a_directory_that_cannot_be_made_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        tune("mlp", **GIVEN, directory=f"{tmp_path}/{place}")


@pytest.mark.slow
def test_values_of_numpy_are_those_of_python(tmp_path: Path) -> None:
    given = {**GIVEN, "rows": np.int64(60), "data": Path("iris"), "directory": tmp_path / "search", "trials": 1}
    first = tune("mlp", **given)
    again = tune("mlp", **{**given, "rows": 60, "data": "iris"})
    assert again.outcomes == first.outcomes and read_search(tmp_path / "search")["given"]["rows"] == 60
    best = first.ranked[0]
    assert repr(first) == f"Search({str(first.directory)!r}, 1 trials, best val_loss {best.score:.6g} of trial 0)"
    assert best.line.startswith(f"trial 0: {best.score:.6g} in ") and best.line.endswith("; defaults")


@pytest.mark.slow
def test_other_data_end_the_search_and_no_trial_is_recorded(tmp_path: Path) -> None:
    file, given = tmp_path / "rows.csv", {"epochs": 1, "execution": "eager", "search": RATES, "hidden": (8,)}
    given |= {"data": str(file), "directory": str(tmp_path / "search")}
    generator = np.random.default_rng(0)
    for trials in (1, 2):
        rows = generator.normal(size=(60, 2))
        file.write_text("\n".join(["x,target", *(f"{x},{y}" for x, y in rows)]))
        if trials == 1:
            tune("mlp", **given, trials=1)
    with pytest.raises(DataError, match="has changed since this run began"):
        tune("mlp", **given, trials=2)
    assert sorted(read_outcomes(tmp_path / "search")) == [0]
    assert not trial_path(tmp_path / "search", 1).exists()


def test_more_trials_of_hyperband_are_another_search(tmp_path: Path) -> None:
    saved = {"app": "mlp", "objective": "val_loss", "direction": "min", "given": {}, "tuner": "hyperband", "trials": 4}
    (tmp_path / "search.json").write_text(json.dumps(saved))
    with (
        pytest.raises(ConfigError, match="it has trials=4, but trials=9 was given"),
        opened(tmp_path, {**saved, "trials": 9}),
    ):
        pass
    random = {**saved, "tuner": "random"}
    (tmp_path / "search.json").write_text(json.dumps(random))
    with opened(tmp_path, {**random, "trials": 9}):
        assert json.loads((tmp_path / "search.json").read_text())["trials"] == 9


def test_a_search_without_a_score_has_no_best(tmp_path: Path) -> None:
    stopped = tune("mlp", **GIVEN, directory=str(tmp_path / "search"), max_seconds=1e-9)
    assert not stopped.outcomes
    with pytest.raises(ConfigError, match="has no trial with a score yet"):
        _ = stopped.best


@pytest.mark.parametrize(
    "content",
    [
        '{"app": "mlp"}',
        '{"app": "mlp", "objective": null, "direction": "min", "given": {}}',
        "[]",
        '{"app": "mlp", "ob',
    ],
)
def test_a_damaged_search_is_said_to_be(content: str, tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"search.json is damaged"):
        read_search(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"score": "x"},
        {"score": float("nan")},
        {"values": [1]},
        {"fields": None},
        {"trial": 7},
        {"trial": "<b>"},
        {"seconds": "x"},
        {"reason": None},
        {"rungs": {"1": "x"}},
        {"more": 1},
    ],
)
def test_a_damaged_outcome_is_said_to_be(change: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    write_outcome(tmp_path, Outcome(0, {}, {}, 0.5))
    assert ranked(read_outcomes(tmp_path), "min")[0].score == 0.5
    file = tmp_path / "trials" / "0000.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(CheckpointError, match="0000.json is damaged: .* Remove it: the trial is then trained again"):
        read_outcomes(tmp_path)


@pytest.mark.slow
def test_a_damaged_file_of_rungs_ends_the_search_and_no_trial_is_recorded(tmp_path: Path) -> None:
    given = {**GIVEN, "trials": 1, "directory": str(tmp_path)}
    score = tune("mlp", **given).ranked[0].score
    (tmp_path / "trials" / "0000.json").unlink()
    (tmp_path / "trials" / "0000.rungs").write_text("[[null, ")
    with pytest.raises(CheckpointError, match="0000.rungs is damaged"):
        tune("mlp", **given)
    assert not read_outcomes(tmp_path)
    (tmp_path / "trials" / "0000.rungs").unlink()
    assert tune("mlp", **given).ranked[0].score == score


def test_a_worker_of_a_shared_run_searches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its trials would wait for the other workers."""
    cluster = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    with pytest.raises(ConfigError, match="TF_CONFIG names other workers, but each trial trains alone"):
        tune("mlp", **GIVEN, directory=str(tmp_path / "search"))
    assert not (tmp_path / "search").exists()
