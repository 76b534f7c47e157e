"""Optimizers and schedules against their formulas."""

import math

import keras
import numpy as np
import pytest

from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams
from kerasapps.training.optimizer import make_optimizer, optimizer_classes

STEPS = 10


def rates(hparams: Hparams, steps: list[int]) -> list[float]:
    """Learning rates after so many steps."""
    optimizer = make_optimizer(hparams, STEPS)
    variable = keras.Variable(np.zeros(1, "float32"))
    optimizer.build([variable])
    values = []
    for step in steps:
        optimizer.iterations.assign(step)
        values.append(float(optimizer.learning_rate))
    return values


def test_constant() -> None:
    np.testing.assert_allclose(rates(Hparams(learning_rate=0.3), [0, 7, 99]), [0.3] * 3)


def test_cosine_with_warmup() -> None:
    hparams = Hparams(learning_rate=0.4, schedule="cosine", epochs=5, warmup_epochs=1)
    expected = [0.0, 0.2, 0.4, 0.4 * 0.5 * (1 + math.cos(math.pi * 20 / 40)), 0.0]
    np.testing.assert_allclose(rates(hparams, [0, 5, 10, 30, 50]), expected, atol=1e-6)


@pytest.mark.parametrize("schedule, halfway", [("exponential", 0.5**1.5), ("step", 0.5)])
def test_decays(schedule: str, halfway: float) -> None:
    hparams = Hparams(learning_rate=1.0, schedule=schedule, decay_rate=0.5, decay_epochs=2)
    np.testing.assert_allclose(rates(hparams, [0, 20, 30]), [1.0, 0.5, halfway], rtol=1e-6)


def test_every_optimizer_of_keras_moves_a_weight() -> None:
    assert {"adam", "sgd", "adamw", "rmsprop", "lion", "nadam", "adagrad"} <= set(optimizer_classes())
    for name in optimizer_classes():
        optimizer = make_optimizer(Hparams(optimizer=name, learning_rate=0.1), STEPS)
        variable = keras.Variable(np.ones((2, 2), "float32"))
        optimizer.apply([np.ones((2, 2), "float32")], [variable])
        assert np.all(variable.numpy() < 1), name


def test_momentum_against_its_recurrence() -> None:
    optimizer = make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"momentum": 0.9}, learning_rate=0.1), 1)
    variable, weight, velocity = keras.Variable(np.array([1.0], "float32")), 1.0, 0.0
    for _ in range(5):
        optimizer.apply([2 * variable.numpy()], [variable])
        velocity = 0.9 * velocity - 0.1 * 2 * weight
        weight += velocity
    np.testing.assert_allclose(variable.numpy(), [weight], rtol=1e-6)


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'adam'"):
        make_optimizer(Hparams(optimizer="adm"), 1)
    with pytest.raises(ConfigError, match="Did you mean 'momentum'"):
        make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"momentun": 0.9}), 1)
    with pytest.raises(ConfigError, match="refuses"):
        make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"momentum": 7.0}), 1)
