"""Search spaces that applications are given."""

import keras_tuner
import numpy as np

from kerasapps.apps.mlp import MlpHparams
from kerasapps.tasks import search


def chosen(hparams: MlpHparams, **values: object) -> MlpHparams:
    """What a space of `hidden` makes of these values of its parameters."""
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = values
    return search.among(hidden=((64,), (64, 32)))(hparams, hyperparameters)


def test_another_optimizer_has_a_rate_and_settings_of_its_own() -> None:
    own = MlpHparams(hidden=(64,), optimizer="adamw", optimizer_settings={"weight_decay": 0.05}, learning_rate=3e-3)
    assert chosen(own) == own
    other = chosen(own, optimizer="sgd")
    assert (other.optimizer, other.learning_rate) == ("sgd", search.RATES["sgd"])
    assert other.optimizer_settings == {"momentum": 0.9, "nesterov": True}
    assert chosen(own, optimizer="adam", learning_rate_adam=2e-4).learning_rate == 2e-4
    kept = chosen(own, optimizer="adamw", learning_rate=1e-3, hidden="64-32", global_batch_size=16)
    assert (kept.optimizer_settings, kept.learning_rate) == ({"weight_decay": 0.05}, 1e-3)
    assert (kept.hidden, kept.global_batch_size) == ((64, 32), 16)


def test_rates_are_those_of_the_optimizer_that_is_chosen() -> None:
    hyperparameters = keras_tuner.HyperParameters()
    search.among()(MlpHparams(learning_rate=3e-3), hyperparameters)
    rates = [parameter for parameter in hyperparameters.space if "rate" in parameter.name]
    assert [rate.conditions[0].values for rate in rates] == [["adam"], ["adamw"], ["sgd"]]
    ranges = [(rate.min_value, rate.default, rate.max_value) for rate in rates]
    np.testing.assert_allclose(ranges, [(3e-4, 3e-3, 3e-2), (1e-4, 1e-3, 1e-2), (1e-3, 1e-2, 1e-1)])
