"""Hyperband's brackets, and which trials go on."""

import random

import keras_tuner
import pytest

from kerasapps.tuning.hyperband import Halving, Rung, brackets
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.unit import Unit


def test_brackets_are_those_of_the_paper() -> None:
    """Li et al. 2018, table 1: at most 81 epochs, factor 3."""
    found = [[(rung.trials, rung.epochs) for rung in rungs] for rungs in brackets(81, 81 + 34 + 15 + 8 + 5)]
    assert found == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


def test_few_trials_make_smaller_brackets() -> None:
    assert brackets(10, 4) == [[Rung(4, 2), Rung(1, 4), Rung(1, 10)]]
    assert brackets(1, 2) == [[Rung(1, 1)], [Rung(1, 1)]]


def space_of_one() -> keras_tuner.HyperParameters:
    space = keras_tuner.HyperParameters()
    space.Float("x", 0.0, 1.0, default=0.5)
    return space


def searched(order: random.Random, jobs: int, fails: frozenset[int] = frozenset()) -> tuple[list[Unit], dict]:
    """All units of a search in which `jobs` of them are done in a random order; the score is x, the least the best."""
    proposals = Halving(space_of_one(), 7, "min", brackets(9, 12))
    outcomes: dict[int, Outcome] = {}
    running: list[Unit] = []
    done: list[Unit] = []
    while True:
        while len(running) < jobs and (unit := proposals.next(outcomes)) is not None:
            running.append(unit)
        if not running:
            return done, outcomes
        unit = running.pop(order.randrange(len(running)))
        before = outcomes[unit.trial].rungs if unit.trial in outcomes else {}
        score = None if unit.trial in fails else unit.values["x"]
        outcomes[unit.trial] = Outcome(unit.trial, unit.values, {}, score, rungs={**before, unit.epochs: score})
        done.append(unit)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_the_better_ones_go_on_whoever_ends_first(jobs: int) -> None:
    done, outcomes = searched(random.Random(jobs), jobs)
    assert sorted(done) == sorted(searched(random.Random(0), 1)[0])
    first = sorted((outcomes[trial].values["x"], trial) for trial in range(9))
    assert {unit.trial for unit in done if unit.epochs == 3 and unit.trial < 9} == {trial for _, trial in first[:3]}
    assert [unit.trial for unit in done if unit.epochs == 9 and unit.trial < 9] == [first[0][1]]
    assert all(epochs == sorted(epochs) for epochs in ([*outcome.rungs] for outcome in outcomes.values()))


def test_trials_that_failed_do_not_go_on() -> None:
    done, outcomes = searched(random.Random(0), 2, fails=frozenset(range(8)))
    assert {unit.epochs for unit in done if unit.trial < 8} == {1}
    assert outcomes[8].rungs.keys() == {1, 3, 9}
