"""What decides a score, of scores that are known functions of the parameters."""

from pathlib import Path

import numpy as np
import pytest
import searches

from kerasapps.tuning.found import Found, read_found
from kerasapps.tuning.importance import FEWEST, importance_of

TRIALS = 60


def columns(*names: str, trials: int = TRIALS) -> dict[str, np.ndarray]:
    """Independent uniform values of each name."""
    random = np.random.default_rng(1)
    return {name: random.uniform(size=trials) for name in names}


def test_a_parameter_that_decides_has_all_and_one_that_does_nothing_none() -> None:
    values = columns("nothing", "all", "none")
    found = importance_of(values, np.sin(values["all"]))
    assert next(iter(found.shares)) == "all" and found.shares["all"] > 0.98
    assert found.shares["nothing"] < 0.01 and sum(found.shares.values()) == pytest.approx(1)
    assert found.explained > 0.95


@pytest.mark.slow
def test_shares_are_those_of_the_variance_of_a_sum() -> None:
    """Shuffling a term of a sum adds twice its variance: 4 : 1 for two terms of which one is twice the other."""
    values = columns("twice", "once", trials=400)
    found = importance_of(values, 2 * values["twice"] + values["once"])
    assert found.shares["twice"] == pytest.approx(0.8, abs=0.05)


def test_only_the_order_of_scores_counts_and_it_is_the_same_again() -> None:
    values = columns("a", "b")
    scores = values["a"] + 0.5 * values["b"]
    assert importance_of(values, scores) == importance_of(values, np.exp(20 * scores))


def test_scores_by_chance_are_explained_by_nothing() -> None:
    found = importance_of(columns("a", "b"), np.random.default_rng(9).normal(size=TRIALS))
    assert found.explained <= 0 and set(found.shares.values()) == {0.0}
    same = importance_of(columns("a", "b"), np.ones(TRIALS))
    assert same.explained == 0 and set(same.shares.values()) == {0.0}


def test_of_few_trials_nothing_is_said() -> None:
    values = columns("a", trials=FEWEST)
    assert importance_of(values, values["a"]) is not None
    assert importance_of({"a": values["a"][1:]}, values["a"][1:]) is None
    assert importance_of({}, values["a"]) is None


def found_of(directory: Path, score) -> Found:
    return read_found(searches.saved(directory, searches.twelve_parameters(), 120, score))


def test_what_hangs_on_another_parameter_does_not_stand_for_it(tmp_path: Path) -> None:
    """The optimizer decides; which trials have a learning rate of their own says which optimizer they had."""
    found = found_of(tmp_path / "a", lambda values: float(["adam", "sgd", "adamw"].index(values["optimizer"])))
    shares = found.importance.shares
    assert shares["optimizer"] > 0.95
    assert max(shares["learning_rate"], shares["learning_rate_sgd"]) < 0.02


@pytest.mark.slow
def test_a_parameter_that_is_active_at_times_takes_nothing_from_the_others() -> None:
    """Shares of a sum of two are the same beside one that is active where the first is great."""
    values = columns("first", "second", "at_times", trials=200)
    values["first"] = np.round(values["first"])
    scores = values["first"] + values["second"]
    at_times = {**values, "at_times": np.where(values["first"], values["at_times"], np.nan)}
    beside, alone = (importance_of(each, scores).shares for each in (at_times, values))
    assert beside == pytest.approx(alone, abs=0.03)


def test_a_parameter_counts_where_it_is_active(tmp_path: Path) -> None:
    """Only trials with sgd differ, by their learning rate: it decides together with the optimizer."""
    found = found_of(tmp_path / "a", lambda values: float(np.log(values.get("learning_rate_sgd", 1e-2))))
    shares = found.importance.shares
    assert list(shares)[:2] == ["learning_rate_sgd", "optimizer"] and shares["learning_rate_sgd"] > 0.5
    assert shares["learning_rate"] < 0.02 and shares["learning_rate_sgd"] + shares["optimizer"] > 0.9


def test_failed_trials_are_left_out(tmp_path: Path) -> None:
    def score(values: dict) -> float | str:
        return values["zoom"] if values["dropout"] < 0.25 else "it failed"

    found = found_of(tmp_path / "a", score)
    assert 40 < len(found.ranked) < 80
    assert found.importance.shares["zoom"] > 0.95
