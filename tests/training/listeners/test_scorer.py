"""Scores of some validation rows are in the history of each epoch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import classification_report, f1_score

import kerasapps
from kerasapps.runs import checkpoint
from kerasapps.runs.run import Run

GIVEN = {"data": "iris", "execution": "eager", "epochs": 3, "keep": "last", "global_batch_size": 40}
SCORED = 5


def trained(path: Path, **given: Any) -> Run:
    return kerasapps.train("softmax_regression", run_dir=str(path), **{**GIVEN, "scored_rows": SCORED, **given})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of twelve validation rows, of which five are scored."""
    return trained(tmp_path_factory.mktemp("scored") / "run", ema_momentum=0.5)


def test_scores_are_of_rows_at_equal_distances(run: Run) -> None:
    columns = run.read("validation")
    species = columns[run.preprocess.spec.target.name]
    assert len(species) == 12
    chosen = [0, 2, 4, 7, 9]
    answered = run.predict(columns)["classes"]
    expected = f1_score(np.asarray(species)[chosen], answered[chosen], average="macro")
    assert run.record["history"]["val_f1"][-1] == pytest.approx(expected)
    assert run.record["validation"]["f1"] == pytest.approx(f1_score(species, answered, average="macro"))


def test_the_record_has_results_of_each_class_and_what_has_to_be_beaten(run: Run) -> None:
    columns = run.read("test")
    species, answered = np.asarray(columns[run.preprocess.spec.target.name]), run.predict(columns)["classes"]
    expected = classification_report(species, answered, target_names=run.layout.target.names, output_dict=True)
    for name, values in run.record["classes"]["test"].items():
        assert values["recall"] == pytest.approx(expected[name]["recall"])
        assert values["rows"] == expected[name]["support"]
    assert run.record["test"]["balanced_accuracy"] == pytest.approx(expected["macro avg"]["recall"])
    train = np.asarray(run.rows_of("train").read()[run.preprocess.spec.target.name])
    dummy = DummyClassifier(strategy="most_frequent").fit(train[:, None], train)
    assert run.record["baselines"]["test"] == {"majority_accuracy": dummy.score(species[:, None], species)}


def test_metrics_of_all_validation_rows_stay(run: Run) -> None:
    history = run.record["history"]
    assert history["val_accuracy"][-1] == pytest.approx(run.record["validation"]["accuracy"])
    header, *rows = (run.directory / "metrics.csv").read_text().splitlines()
    assert header.split(",") == ["epoch", *history] and len(rows) == 3
    assert run.record["seconds"]["scores"] > 0


def test_a_resumed_run_has_the_same_scores(run: Run, tmp_path: Path) -> None:
    trained(tmp_path / "run", ema_momentum=0.5, stop_at_epoch=1)
    assert kerasapps.resume(tmp_path / "run").record["history"] == run.record["history"]


def test_a_run_of_a_version_with_fewer_scores_goes_on_with_those(run: Run, tmp_path: Path) -> None:
    trained(tmp_path / "run", ema_momentum=0.5, stop_at_epoch=1)
    (last,) = checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")[-1:]
    kept = checkpoint.read(last)
    state = {**kept.state, "history": {**kept.state["history"]}}
    del state["history"]["val_balanced_accuracy"]
    checkpoint.save(last.parent, int(last.name), checkpoint.Checkpoint(kept.arrays, state))
    resumed = kerasapps.resume(tmp_path / "run").record["history"]
    assert resumed == {name: run.record["history"][name] for name in state["history"]}


def test_by_default_nothing_is_scored_while_training(run: Run, tmp_path: Path) -> None:
    plain = trained(tmp_path / "run", ema_momentum=0.5, scored_rows=0)
    scores = {name for name in run.record["history"] if name not in plain.record["history"]}
    assert "val_f1" in scores and "scores" not in plain.record["seconds"]
    assert plain.record["history"].items() <= run.record["history"].items()
