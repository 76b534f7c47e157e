"""Tuners: pure functions that propose what is new, and learn."""

import itertools
import math
import time

import keras_tuner
import pytest

from kerasapps.tuning.space import default_values
from kerasapps.tuning.tuners import TUNERS, Seen, Tuner, random_values

NAMES = sorted(TUNERS)


def space_of_two() -> keras_tuner.HyperParameters:
    """A rate, and momentum where the optimizer is sgd."""
    space = keras_tuner.HyperParameters()
    space.Choice("optimizer", ["adam", "sgd"])
    space.Choice("rate", [0.1, 0.2, 0.4])
    with space.conditional_scope("optimizer", ["sgd"]):
        space.Choice("momentum", [0.0, 0.9])
    return space


def proposals(tuner: Tuner, space: keras_tuner.HyperParameters, number: int, seed: int = 0) -> list[dict]:
    """As many proposals as there are, at most `number`; the score is the sum of the numbers."""
    values = [default_values(space)]
    while len(values) < number:
        scores = {i: sum(v for v in value.values() if isinstance(v, float)) for i, value in enumerate(values)}
        proposed = tuner.propose(space, seed, Seen(values, scores, "max"))
        if proposed is None:
            return values
        values.append(proposed)
    return values


@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_small_space_is_proposed_once(name: str) -> None:
    """Conditions are kept: momentum is there with sgd alone."""
    wanted = [{"optimizer": "adam", "rate": rate} for rate in (0.1, 0.2, 0.4)]
    wanted += [
        {"optimizer": "sgd", "rate": rate, "momentum": momentum}
        for rate, momentum in itertools.product((0.1, 0.2, 0.4), (0.0, 0.9))
    ]
    found = proposals(TUNERS[name], space_of_two(), 20)
    assert found[0] == {"optimizer": "adam", "rate": 0.1}
    assert sorted(map(str, map(sorted_items, found))) == sorted(map(str, map(sorted_items, wanted)))


def sorted_items(values: dict) -> list:
    return sorted(values.items())


@pytest.mark.parametrize("name", NAMES)
def test_logarithmic_numbers_with_a_step_are_whole(name: str) -> None:
    space = keras_tuner.HyperParameters()
    space.Int("units", 8, 128, step=2, sampling="log")
    found = proposals(TUNERS[name], space, 5)
    assert sorted(each["units"] for each in found) == [8, 16, 32, 64, 128]
    assert all(isinstance(each["units"], int) for each in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_proposal_hangs_on_seed_and_trials_alone(name: str) -> None:
    space = keras_tuner.HyperParameters()
    space.Float("x", 0.0, 1.0, default=0.5)
    space.Float("y", 1e-4, 1.0, sampling="log", default=0.1)
    first = proposals(TUNERS[name], space, 5, seed=1)
    assert proposals(TUNERS[name], space, 5, seed=1) == first
    if name != "grid":  # which has no seed
        assert proposals(TUNERS[name], space, 5, seed=2) != first


def test_bayesian_ignores_trials_that_failed() -> None:
    space = keras_tuner.HyperParameters()
    space.Float("x", 0.0, 1.0, default=0.5)
    values = [{"x": x} for x in (0.5, 0.1, 0.9, 0.3)]
    scores = {0: 0.5, 1: 0.9, 2: 0.1}
    tuner = TUNERS["bayesian"]
    assert tuner.propose(space, 0, Seen(values, {**scores, 3: None}, "max")) == tuner.propose(
        space, 0, Seen(values, scores, "max")
    )


def score_of(function: str, values: dict) -> float:
    x = [values[name] for name in "abcd"]
    if function == "sphere":
        return sum((each - 0.3) ** 2 for each in x)
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))  # Rosenbrock's


def space_of_four() -> keras_tuner.HyperParameters:
    space = keras_tuner.HyperParameters()
    for each in "abcd":
        space.Float(each, -1.0, 2.0, default=1.7)
    return space


def best_of(name: str, function: str, seed: int, trials: int) -> float:
    values = [default_values(space_of_four())]
    while len(values) < trials:
        scores = {i: math.log(score_of(function, value)) for i, value in enumerate(values)}
        values.append(TUNERS[name].propose(space_of_four(), seed, Seen(values, scores, "min")))
    return min(score_of(function, value) for value in values)


@pytest.mark.slow
@pytest.mark.parametrize("function", ["sphere", "rosenbrock"])
@pytest.mark.parametrize("name", ["bayesian", "tpe"])
def test_tuners_that_learn_beat_random(name: str, function: str) -> None:
    """The best of 25 trials, the mean of its logarithm over 10 seeds."""
    by_seed = [(best_of(name, function, seed, 25), best_of("random", function, seed, 25)) for seed in range(10)]
    learned, random = (sum(map(math.log10, column)) / 10 for column in zip(*by_seed, strict=True))
    assert learned < random, by_seed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bayesian", "tpe"])
def test_a_proposal_after_200_trials_takes_a_second_at_most(name: str) -> None:
    values = [random_values(space_of_four(), seed, Seen([], {}, "min")) for seed in range(200)]
    seen = Seen(values, {i: score_of("sphere", value) for i, value in enumerate(values)}, "min")
    TUNERS[name].propose(space_of_four(), 0, seen)  # imports
    spent = []
    for seed in range(3):
        started = time.perf_counter()
        TUNERS[name].propose(space_of_four(), seed, seen)
        spent.append(time.perf_counter() - started)
    assert min(spent) <= 1, spent
