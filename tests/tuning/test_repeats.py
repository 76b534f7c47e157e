"""Trials of several runs, and trials that the median rule stops."""

import statistics
from pathlib import Path

import pytest

import kerasapps
from kerasapps.errors import ConfigError, DataError
from kerasapps.tuning.outcomes import config_of_trial
from kerasapps.tuning.tune import tune
from kerasapps.tuning.worker import Request, trained

GIVEN = {"data": "iris", "rows": 60, "execution": "step", "seed": 3, "hidden": (8,)}


@pytest.mark.slow
def test_the_score_is_the_mean_over_folds_and_seeds(tmp_path: Path) -> None:
    search = tune(
        "mlp",
        **GIVEN,
        epochs=1,
        folds=2,
        seeds_per_trial=2,
        trials=1,
        search=["l2=0,1e-3"],
        directory=str(tmp_path / "search"),
    )
    trial, outcome = tmp_path / "search" / "trials" / "0000", search.outcomes[0]
    plain = [
        kerasapps.train(
            "mlp",
            **{**GIVEN, "seed": seed},
            epochs=1,
            fold=fold,
            deterministic=True,
            run_dir=str(tmp_path / f"{seed}-{fold[0]}"),
        )
        for seed in (3, 4)
        for fold in ("1/2", "2/2")
    ]
    losses = [run.record["validation"]["loss"] for run in plain]
    assert outcome.scores == losses and len(set(losses)) == 4
    assert outcome.score == outcome.metrics["loss"] == pytest.approx(statistics.fmean(losses), rel=1e-12)
    assert [kerasapps.load(trial / str(run)).record["validation"]["loss"] for run in range(4)] == losses
    assert search.best.directory == trial / "0"
    with pytest.raises(ConfigError, match="there is no such run. Expected one of its runs, such as .*/0/0"):
        config_of_trial(tmp_path / "search" / "0")
    assert config_of_trial(tmp_path / "search" / "0" / "3") == trial / "3" / "config.yaml"


def test_folds_of_a_source_with_validation_rows_are_refused_before_anything_trains(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has validation rows of its own"):
        tune("mlp", data="xor", folds=2, directory=str(tmp_path / "search"))
    assert not (tmp_path / "search").exists()


@pytest.mark.slow
def test_the_median_rule_stops_what_is_worse_and_it_can_be_resumed(tmp_path: Path) -> None:
    """Every decision beside one that is made here from the scores of all trials before."""
    space = {"search": ["learning_rate=log:1e-4:1e-1"], "learning_rate": 1e-2, "trials": 8, "epochs": 9}
    search = tune("mlp", **GIVEN, **space, pruner="median", directory=str(tmp_path / "search"))
    stopped = {}
    for trial, outcome in sorted(search.outcomes.items()):
        for epoch, score in sorted(outcome.rungs.items()):
            earlier = [search.outcomes[i].rungs.get(epoch) for i in range(trial)]
            known = [each for each in earlier if each is not None]
            if len(known) >= 5 and score > statistics.median(known):
                stopped[trial] = epoch
    assert stopped, "this seed shows nothing"
    assert {trial: each.epochs for trial, each in search.outcomes.items() if each.stopped} == stopped
    assert all(each.epochs == 9 for trial, each in search.outcomes.items() if trial not in stopped)
    trial = min(stopped)
    assert f"after epoch {stopped[trial]}: " in search.outcomes[trial].stopped
    resumed = kerasapps.resume(tmp_path / "search" / "trials" / f"{trial:04d}")
    given = {**GIVEN, "learning_rate": 1e-2, "epochs": 9, "deterministic": True, **search.outcomes[trial].fields}
    plain = kerasapps.train("mlp", **given, run_dir=str(tmp_path / "plain"))
    assert resumed.record["history"] == plain.record["history"]


def test_the_median_rule_is_refused_beside_hyperband() -> None:
    with pytest.raises(ConfigError, match="hyperband stops trials itself"):
        tune("mlp", tuner="hyperband", pruner="median")


@pytest.mark.slow
def test_a_trial_that_is_killed_after_a_look_goes_on_behind_it(tmp_path: Path) -> None:
    """Its run has later weights by then, whose score is another one."""
    given = {**GIVEN, "epochs": 9, "learning_rate": 0.01, "deterministic": True, "evaluate_test": False}
    run = tmp_path / "trials" / "0000"
    first = kerasapps.train("mlp", **given, stop_at_epoch=1, run_dir=str(run)).record["validation"]["loss"]
    run.with_suffix(".rungs").write_text(f"[[1, {first}]]")
    kerasapps.resume(run, stop_at_epoch=2)
    shared = {"log": str(run.with_suffix(".log")), "objective": "val_loss", "direction": "min"}
    request = Request(
        "app", {"app": "mlp", **given}, {str(run): {}}, **shared, rungs=[(1, first), (3, 0.0), (None, None)]
    )
    answer = trained(request)
    assert [epochs for epochs, _ in answer["rungs"]] == [1, 3] and answer["rungs"][0][1] == first
    assert answer["epochs"] == 3 and answer["stopped"].startswith("after epoch 3: ")
    again = trained(request)  # killed before anybody has read the answer
    assert {**again, "seconds": 0} == {**answer, "seconds": 0}
