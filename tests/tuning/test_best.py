"""The best trial, trained again with other seeds."""

import json
from pathlib import Path

import numpy as np
import pytest

import kerasapps
from kerasapps.errors import ConfigError
from kerasapps.tuning.best import Retrained, retrain
from kerasapps.tuning.outcomes import Outcome, write_outcome

GIVEN = {"data": "line", "epochs": 3, "execution": "eager", "deterministic": True, "evaluate_test": False, "seed": 4}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search of three trials."""
    path = tmp_path_factory.mktemp("search")
    (path / "trials").mkdir()
    config = {"app": "linear_regression", "objective": "val_loss", "direction": "min", "seed": 4, "given": GIVEN}
    (path / "search.json").write_text(json.dumps(config))
    for trial, (fields, score) in enumerate([({}, 0.5), ({"learning_rate": 0.05}, 0.2), ({}, None)]):
        write_outcome(path, Outcome(trial, {}, fields, score))
    return path


@pytest.fixture(scope="module")
def best(directory: Path) -> Retrained:
    return retrain(directory, seeds=2)


def test_it_is_plain_training_with_seeds_that_the_search_has_not_used(best: Retrained, tmp_path: Path) -> None:
    assert (best.outcome.trial, best.trials, best.lead) == (1, 3, pytest.approx(0.3))
    assert [run.options.seed for run in best.runs] == [5, 6]
    given = {**GIVEN, "learning_rate": 0.05, "seed": 6, "evaluate_test": True, "run_dir": str(tmp_path / "run")}
    plain = kerasapps.train("linear_regression", **given)
    assert best.runs[1].record["test"] == plain.record["test"]


def test_mean_and_deviation_are_over_the_seeds(best: Retrained) -> None:
    losses = [run.record["validation"]["loss"] for run in best.runs]
    assert best.metrics("validation")["loss"].tolist() == losses
    assert best.spread == pytest.approx(abs(losses[0] - losses[1]) / np.sqrt(2))
    assert best.is_luck == (best.spread >= 0.3)


def test_what_was_trained_is_not_trained_again(best: Retrained, directory: Path) -> None:
    before = [(run.directory / "record.json").stat().st_mtime_ns for run in best.runs]
    again = retrain(directory, seeds=2)
    assert [(run.directory / "record.json").stat().st_mtime_ns for run in again.runs] == before


def test_a_search_without_a_score_is_refused(tmp_path: Path) -> None:
    (tmp_path / "search.json").write_text(
        json.dumps({"app": "mlp", "objective": "val_loss", "direction": "min", "given": {}})
    )
    with pytest.raises(ConfigError, match="has no trial with a score yet"):
        retrain(tmp_path)


def test_another_trial_is_retrained_where_it_is_named(directory: Path) -> None:
    first = retrain(directory, seeds=1, trial=0)
    assert (first.outcome.trial, first.lead, first.runs[0].hparams.learning_rate) == (0, None, 0.005)
    with pytest.raises(ConfigError, match=r"Trial 2 of .* has no score. Expected one of \[1, 0\]"):
        retrain(directory, trial=2)
