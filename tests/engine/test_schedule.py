"""Learning rates against closed forms in NumPy, and every optimizer under every schedule with warm-up."""

import dataclasses
from typing import Any, get_args

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.engine.optimizer import make_optimizer, optimizer_classes
from kerasapps.engine.schedule import learning_rate
from kerasapps.hparams import Hparams, Schedule

STEPS = 10
"""An epoch."""
SCHEDULES = get_args(Schedule)
QUICK = {"ftrl": SCHEDULES, "sgd": ("exponential",), "adam": ("cosine",)}
"""Trained in every run of the tests, all others in slow tests."""


def hparams_of(**given: Any) -> Hparams:
    """4 epochs of 10 steps at 0.4, of which the decays halve one after the other."""
    return Hparams(**{"learning_rate": 0.4, "epochs": 4, "decay_rate": 0.5, "decay_epochs": 1.0, **given})


def rates(hparams: Hparams, steps: np.ndarray) -> np.ndarray:
    """Learning rates after so many steps."""
    rate = learning_rate(hparams, STEPS)
    return np.array([float(rate(tf.constant(step))) if callable(rate) else rate for step in steps])


def decayed(schedule: str, steps: np.ndarray, warmup: int) -> np.ndarray:
    """The closed form of what the warm-up grows to."""
    if schedule == "cosine":
        return 0.2 * (1 + np.cos(np.pi * np.clip((steps - warmup) / (4 * STEPS - warmup), 0, 1)))
    if schedule == "inverse_square_root":
        return 0.4 * np.sqrt(max(warmup, 1) / np.maximum(steps + 1, max(warmup, 1)))
    exponents = {"exponential": steps / STEPS, "step": steps // STEPS}
    return 0.4 * 0.5 ** exponents.get(schedule, np.zeros(len(steps)))


@pytest.mark.parametrize("warmup_epochs, warmup", [(0.0, 0), (0.1, 1), (0.8, 8), (99.0, 20)])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_behind_its_warmup_is_its_closed_form(schedule: str, warmup_epochs: float, warmup: int) -> None:
    """A warm-up takes half of all steps at most; plateau has none."""
    steps, warmup = np.arange(45), 0 if schedule == "plateau" else warmup
    share = np.minimum((steps + 1) / warmup, 1) if warmup else 1.0
    found = rates(hparams_of(schedule=schedule, warmup_epochs=warmup_epochs), steps)
    np.testing.assert_allclose(found, share * decayed(schedule, steps, warmup), rtol=1e-6, atol=1e-8)
    assert found[0] > 0 and (not warmup or found[0] == pytest.approx(0.4 / warmup))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential", "step"])
def test_the_warmup_of_an_old_run_begins_at_zero(schedule: str) -> None:
    steps = np.arange(45)
    old = dataclasses.replace(hparams_of(schedule=schedule, warmup_epochs=0.8), warmup_from_zero=True)
    expected = np.minimum(steps / 8, 1) * decayed(schedule, steps, 8)
    found = rates(old, steps)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert found[0] == 0.0


def losses(hparams: Hparams) -> np.ndarray:
    """Of a linear regression that has an exact solution, before each of its steps and after the last; float32."""
    inputs = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    labels = inputs @ np.array([[1.0], [-2.0], [0.5]], "float32")
    weights = keras.Variable(np.full((3, 1), 0.1, "float32"), name="kernel")
    optimizer = make_optimizer(hparams, STEPS)
    optimizer.build([weights])

    @tf.function(autograph=False)
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((inputs @ weights.value - labels) ** 2)
        optimizer.apply(tape.gradient(loss, [weights.value]), [weights])
        return loss

    return np.array([float(step()) for _ in range(hparams.epochs * STEPS + 1)])


def assert_learns(optimizer: str, schedule: str) -> None:
    """Every loss is finite, and the last below the first; of Ftrl the least.

    Ftrl's weights are in proportion to the rate of the last step: where it falls to 0, so do they.
    """
    found = losses(hparams_of(optimizer=optimizer, schedule=schedule, warmup_epochs=0.8, learning_rate=0.02))
    assert np.all(np.isfinite(found)), (optimizer, schedule, found)
    reached = min(found) if optimizer == "ftrl" else found[-1]
    assert reached < found[0] * (1 - 1e-4), (optimizer, schedule, found)


@pytest.mark.parametrize("optimizer", QUICK)
def test_a_warmup_leads_somewhere(optimizer: str) -> None:
    for schedule in QUICK[optimizer]:
        assert_learns(optimizer, schedule)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", sorted(optimizer_classes()))
def test_every_optimizer_learns_under_every_schedule_with_warmup(optimizer: str) -> None:
    for schedule in SCHEDULES:
        assert_learns(optimizer, schedule)


def test_a_warmup_from_zero_ruins_ftrl() -> None:
    """The planted fault."""
    old = dataclasses.replace(hparams_of(optimizer="ftrl", warmup_epochs=0.8), warmup_from_zero=True)
    assert not np.all(np.isfinite(losses(old)))
