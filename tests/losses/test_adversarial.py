"""The GAN's losses are those published, and the gradient penalty that of a network whose slope is known."""

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.losses import adversarial

NOISE = np.random.default_rng(5)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


REAL, FAKE = NOISE.standard_normal((2, 50)) * 3
PUBLISHED = {
    "minimax": (-np.log(sigmoid(REAL)) - np.log(1 - sigmoid(FAKE)), np.log(1 - sigmoid(FAKE))),
    "non_saturating": (-np.log(sigmoid(REAL)) - np.log(1 - sigmoid(FAKE)), -np.log(sigmoid(FAKE))),
    "hinge": (np.maximum(0, 1 - REAL) + np.maximum(0, 1 + FAKE), -FAKE),
    "wasserstein": (FAKE - REAL, -FAKE),
}


@pytest.mark.parametrize("kind", adversarial.LOSSES)
def test_losses_are_as_published(kind: str) -> None:
    discriminator, generator = PUBLISHED[kind]
    real, fake = tf.constant(REAL, tf.float32), tf.constant(FAKE, tf.float32)
    np.testing.assert_allclose(adversarial.discriminator_loss(kind, real, fake), discriminator, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(adversarial.generator_loss(kind, fake), generator, rtol=1e-5, atol=1e-6)
    big = tf.constant([100.0, -100.0])
    assert np.isfinite(adversarial.discriminator_loss(kind, big, big)).all()


def by_hand_penalty(real: np.ndarray, fake: np.ndarray, mixing: np.ndarray, kernel: np.ndarray, last: np.ndarray):
    """Of the scores last . tanh(row kernel): whose gradient by the row is kernel (last * (1 - tanh^2))."""
    between = mixing[:, None] * real + (1 - mixing[:, None]) * fake
    slopes = (last * (1 - np.tanh(between @ kernel) ** 2)) @ kernel.T
    return (np.linalg.norm(slopes, axis=1) - 1) ** 2


def test_the_gradient_penalty_and_its_gradient() -> None:
    real, fake = NOISE.standard_normal((2, 6, 4))
    mixing, kernel, last = NOISE.random(6), NOISE.standard_normal((4, 3)), NOISE.standard_normal(3)
    variable = tf.Variable(kernel)
    with tf.GradientTape() as tape:
        values = adversarial.gradient_penalty(
            lambda rows: tf.linalg.matvec(tf.tanh(rows @ variable), last),
            *map(tf.constant, (real, fake, mixing)),
        )
        total = tf.reduce_sum(values)
    np.testing.assert_allclose(values, by_hand_penalty(real, fake, mixing, kernel, last), rtol=1e-9)
    gradient, step = tape.gradient(total, variable).numpy(), 1e-6
    for place in np.ndindex(4, 3):
        moved = [np.array(kernel), np.array(kernel)]
        moved[0][place] += step
        moved[1][place] -= step
        above, below = (by_hand_penalty(real, fake, mixing, k, last).sum() for k in moved)
        assert gradient[place] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-7)


def test_a_flat_discriminator_has_a_penalty_of_one_and_a_gradient() -> None:
    variable = tf.Variable(np.zeros(4, np.float32))
    with tf.GradientTape() as tape:
        rows = tf.constant(NOISE.standard_normal((6, 4)), tf.float32)
        values = adversarial.gradient_penalty(lambda x: tf.linalg.matvec(x, variable), rows, rows, tf.zeros([6]))
    np.testing.assert_allclose(values, 1, rtol=1e-5)
    assert np.isfinite(tape.gradient(values, variable)).all()
