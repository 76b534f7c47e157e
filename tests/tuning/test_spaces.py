"""Spaces that are written as texts."""

import pytest

from kerasapps.app import App, load_app
from kerasapps.errors import ConfigError
from kerasapps.tuning.space import chosen_fields, parameters, space_of


@pytest.fixture(scope="module")
def mlp() -> App:
    return load_app("mlp")


def test_a_logarithmic_range_has_its_bounds_and_the_default(mlp: App) -> None:
    (rate,) = parameters(space_of(mlp, ["learning-rate=log:1e-4:1e-1"]), mlp.hparams(learning_rate=0.01)).space
    assert (rate.min_value, rate.max_value, rate.sampling, rate.default) == (1e-4, 1e-1, "log", 0.01)


def test_a_range_of_whole_numbers_has_a_step(mlp: App) -> None:
    (epochs,) = parameters(space_of(mlp, ["epochs=10:50:20"]), mlp.hparams(epochs=30)).space
    assert list(epochs.values) == [10, 30, 50]


def test_values_become_those_of_the_setting(mlp: App) -> None:
    space, hparams = space_of(mlp, ["hidden=64,64-32", "global_batch_size=32,none"]), mlp.hparams(hidden=(64,))
    hidden, size = parameters(space, hparams).space
    assert (list(hidden.values), list(size.values)) == (["64", "64-32"], ["32", "none"])
    assert chosen_fields(space, hparams, {"hidden": "64-32", "global_batch_size": "none"}) == {
        "hidden": [64, 32],
        "global_batch_size": None,
    }
    assert chosen_fields(space, hparams, {"hidden": "64", "global_batch_size": "32"}) == {}


@pytest.mark.parametrize(
    ("searched", "said"),
    [
        ("learning_rat=1:2", "Unknown hyperparameter of mlp 'learning_rat'. Did you mean 'learning_rate'?"),
        ("learning_rate", "expected NAME=RANGE, such as"),
        ("learning_rate=", "expected NAME=RANGE, such as"),
        ("learning_rate=1e-1:1e-4", "learning_rate=1e-1:1e-4 is no range"),
        ("learning_rate=log:0:1", "expected float > 0"),
        ("dropout=log:0:0.5", "dropout=log:0:0.5 is no range"),
        ("learning_rate=1:2", "learning_rate=1:2 leaves out 0.001, which is the default"),
        ("epochs=1:2:3:4", "epochs=1:2:3:4 is no range"),
        ("epochs=1:100:0", "expected int >= 1"),
        ("epochs=one,two", "expected int"),
        ("epochs=3,4", "epochs=3,4 leaves out 50, which is the default"),
        ("hidden=16:64", "hidden has no range"),
        ("activation=relu,rule", "Unknown value of search: activation 'rule'"),
    ],
)
def test_what_is_no_space_is_refused(mlp: App, searched: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parameters(space_of(mlp, [searched]), mlp.hparams())
    assert said in str(raised.value)
