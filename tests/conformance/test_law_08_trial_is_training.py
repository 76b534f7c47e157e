"""Law 8: the first trial of a search is plain training, bit for bit.

Each application's space begins with its own defaults; whole searches are asked of the smallest one in every run, of all
in slow tests. Both runs are made in processes of their own, which read whole sources.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from harness import arguments
from workers import final_state, finish, start, train

import kerasapps
from kerasapps.app import App, load_app
from kerasapps.tuning.outcomes import trial_path
from kerasapps.tuning.space import chosen_fields, default_values, parameters

LAW = "the tuner's default trial = plain training"


def assert_begins_with_the_defaults(app: App) -> None:
    """For the app's own defaults, and for those that suit a source or a kind of input."""
    for changes in ({}, *app.suited.values()):
        hparams = app.hparams(**changes)
        assert chosen_fields(app.space, hparams, default_values(parameters(app.space, hparams))) == {}


def test_law_of_spaces(app: App) -> None:
    assert_begins_with_the_defaults(app)


def test_a_space_that_begins_elsewhere_is_caught() -> None:
    app = load_app("linear_regression")
    other = dataclasses.replace(app, space=lambda hparams, hp: dataclasses.replace(hparams, l2=hp.Float("l2", 1, 2)))
    with pytest.raises(AssertionError):
        assert_begins_with_the_defaults(other)


@pytest.mark.slow
def test_law(app: App, tmp_path: Path) -> None:
    assert_obeys(app, tmp_path)


def test_law_on_the_smallest_app(tmp_path: Path) -> None:
    assert_obeys(load_app("linear_regression"), tmp_path)


def assert_obeys(app: App, tmp_path: Path) -> None:
    """A search of one trial beside plain training."""
    given = arguments(app, epochs=2, seed=5, deterministic=True)
    kerasapps.tune(app.name, **given, trials=1, directory=str(tmp_path / "search"))
    assert finish(start(train, app.name, {**given, "run_dir": str(tmp_path / "plain")})) == 0
    trial, plain = trial_path(tmp_path / "search", 0), tmp_path / "plain"
    for own, expected in zip(final_state(trial).items(), final_state(plain).items(), strict=True):
        assert own[0] == expected[0]
        np.testing.assert_array_equal(own[1], expected[1])
    assert kerasapps.load(trial).record["validation"] == kerasapps.load(plain).record["validation"]
