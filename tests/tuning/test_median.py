"""The median rule: which trials are stopped, and where."""

import keras_tuner
import pytest

from kerasapps.tuning.median import FIRST_TRIALS, looks_of
from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.tuners import TUNERS
from kerasapps.tuning.unit import Look
from kerasapps.tuning.whole import Whole


def outcomes(scores: list[float | None]) -> list[Outcome]:
    """Trials with these scores at epoch 2, the half of them at epoch 6."""
    halves = (score if score is None else score / 2 for score in scores)
    return [
        Outcome(i, {}, {}, half, rungs={2: score, 6: half})
        for i, (score, half) in enumerate(zip(scores, halves, strict=True))
    ]


def test_the_worst_score_is_the_median_at_the_same_epoch() -> None:
    assert looks_of(outcomes([0.1, 0.9, 0.3, 0.7, 0.4]), 18) == (Look(2, 0.4), Look(6, 0.2))
    assert looks_of(outcomes([0.1, 0.9, 0.3, 0.7, 0.4, 0.6]), 18) == (Look(2, 0.5), Look(6, 0.25))


def test_few_trials_have_no_median() -> None:
    assert FIRST_TRIALS == 5
    assert looks_of(outcomes([0.1, 0.2, 0.3, 0.4]), 18) == (Look(2), Look(6))
    assert looks_of(outcomes([0.1, 0.2, 0.3, 0.4, None]), 18) == (Look(2), Look(6))  # the last one failed


@pytest.mark.parametrize(("epochs", "wanted"), [(1, []), (2, [1]), (3, [1]), (10, [2, 4]), (50, [6, 17])])
def test_trials_are_looked_at_before_their_end(epochs: int, wanted: list[int]) -> None:
    assert [look.epochs for look in looks_of([], epochs)] == wanted


def test_a_trial_is_compared_with_those_that_its_proposal_knows() -> None:
    """However many have ended: of trial 6 with two jobs, 0 to 4."""
    space = keras_tuner.HyperParameters()
    space.Float("x", 0.0, 1.0, default=0.5)
    scores = [0.1, 0.9, 0.3, 0.7, 0.4, 0.8, 0.2]
    for ended in (5, 7):
        proposals = Whole(space, TUNERS["random"], 0, "max", 9, 2, 18, prunes=True)
        known = dict(enumerate(outcomes(scores)[:ended]))
        units = [proposals.next(known) for _ in range(7)]
        assert units[6] is not None and units[6].looks == (Look(2, 0.4), Look(6, 0.2))
    assert Whole(space, TUNERS["random"], 0, "max", 9, 2, 18, prunes=True).next({}).looks == (Look(2), Look(6))


def test_a_trial_waits_for_those_that_it_is_compared_with() -> None:
    space = keras_tuner.HyperParameters()
    space.Float("x", 0.0, 1.0, default=0.5)
    proposals = Whole(space, TUNERS["random"], 0, "max", 9, 2, 18, prunes=True)
    assert [proposals.next({}) is None for _ in range(3)] == [False, False, True]
