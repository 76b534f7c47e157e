"""Two networks that play against each other: their losses, of one row each, [batch] float32 from scores [batch]."""

from collections.abc import Callable
from typing import Literal, get_args

import tensorflow as tf

Loss = Literal["minimax", "non_saturating", "hinge", "wasserstein"]
LOSSES = get_args(Loss)


def discriminator_loss(kind: str, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """What the discriminator minimises, of the scores of a real and of a generated row.

    minimax, non_saturating: -log D(x) - log(1 - D(G(z))), where D is the sigmoid of the score (Goodfellow et al. 2014,
    arXiv:1406.2661, eq. 1). hinge: max(0, 1 - real) + max(0, 1 + fake) (Lim and Ye 2017, arXiv:1705.02894).
    wasserstein: fake - real (Arjovsky et al. 2017, arXiv:1701.07875, eq. 2), which needs `gradient_penalty`.
    """
    if kind == "wasserstein":
        return fake - real
    if kind == "hinge":
        return tf.nn.relu(1 - real) + tf.nn.relu(1 + fake)
    return tf.nn.softplus(-real) + tf.nn.softplus(fake)


def generator_loss(kind: str, fake: tf.Tensor) -> tf.Tensor:
    """What the generator minimises, of the score of a generated row.

    minimax: log(1 - D(G(z))). non_saturating: -log D(G(z)), whose gradient does not vanish where the discriminator is
    sure (both Goodfellow et al. 2014, section 3). hinge, wasserstein: -score.
    """
    if kind == "minimax":
        return -tf.nn.softplus(fake)
    return tf.nn.softplus(-fake) if kind == "non_saturating" else -fake


def gradient_penalty(
    scores: Callable[[tf.Tensor], tf.Tensor], real: tf.Tensor, fake: tf.Tensor, mixing: tf.Tensor
) -> tf.Tensor:
    """(|gradient of the score by the row| - 1)^2 between a real and a generated row each, [batch].

    Gulrajani et al. 2017, arXiv:1704.00028, eq. 3. scores: of rows [batch, ...] -> [batch], each of its own row alone.
    mixing: uniform in [0, 1), [batch]: the share of the real row.
    """
    share = tf.reshape(mixing, [-1] + [1] * (len(real.shape) - 1))
    between = share * real + (1 - share) * fake
    with tf.GradientTape() as tape:
        tape.watch(between)
        total = tf.reduce_sum(scores(between))
    gradient = tape.gradient(total, between)
    squares = tf.reduce_sum(tf.square(gradient), axis=list(range(1, len(real.shape))))
    # The root has no derivative at 0.
    return tf.square(tf.sqrt(squares + 1e-12) - 1)
