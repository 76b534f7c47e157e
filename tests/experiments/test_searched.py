"""Searches beside others, and what they find."""

from pathlib import Path

import pytest

from experiments import searches, tuned
from experiments.claims.searched import searched_row


def row(objective: str, tuned: float) -> dict:
    """What is recorded: of the defaults 1 and 3, on validation and on test."""
    default = {"validation": {"loss": [1.0, 3.0], "accuracy": [0.5, 0.7]}, "test": {"loss": [4.0, 4.0]}}
    name = objective.removeprefix("val_")
    better = {"validation": {name: [tuned, tuned]}, "test": {name: [9.0, 9.0]}}
    about = {
        "app": "mlp",
        "data": "iris",
        "trials": 7,
        "objective": objective,
        "fields": {"l2": 1e-5, "hidden": [8, 4]},
    }
    return {**about, "default": default, "tuned": better}


def test_a_verdict_is_on_validation() -> None:
    app, data, trials, found, *metrics, verdict = searched_row(row("val_loss", 1.9))
    assert (app, data, trials, found, verdict) == ("mlp", "iris", "7", "l2 1e-05, hidden [8, 4]", "better")
    assert metrics[:2] == ["loss 2 ± 1.4, accuracy 0.6 ± 0.14", "loss 1.9 ± 0"]
    assert searched_row(row("val_loss", 2.1))[-1] == "no better"
    assert searched_row(row("val_accuracy", 0.61))[-1] == "better"
    assert searched_row(row("val_accuracy", 0.59))[-1] == "no better"


@pytest.mark.slow
def test_every_side_trains_the_same_trials() -> None:
    rows = searches.measure("mlp", "digits", trials=3, epochs=3)
    assert [row["side"] for row in rows] == ["kerasapps", "KerasTuner RandomSearch", "Optuna, n_jobs=2"]
    assert all(row["trials"] == 3 and 0 < row["best"] < 1 and row["seconds"] > 0 for row in rows)
    assert rows[0]["times"] == 1 and rows[1]["holds"] == (rows[1]["times"] >= 3)


@pytest.mark.slow
def test_the_defaults_are_trained_with_the_seeds_of_what_was_found(tmp_path: Path) -> None:
    case = tuned.Case("linear_regression", "line", 3)
    found = tuned.measure(case, 2, tmp_path, epochs=2)
    assert (found["app"], found["trials"], found["seeds"]) == ("linear_regression", 3, 2)
    assert all(len(found[way]["validation"]["loss"]) == 2 for way in ("default", "tuned"))
    assert sorted(path.name for path in (tmp_path / "linear_regression-line" / "best").iterdir())[:2] == [
        "0000-1",
        "0000-2",
    ]
