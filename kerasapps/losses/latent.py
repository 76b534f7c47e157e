"""A model with latents, of two networks: its loss and its bounds, in nats."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from kerasapps.losses import likelihood
from kerasapps.noise import Noise

NOISE = "posterior"
"""Name of the noise that a row's latents are drawn with."""


@dataclass(frozen=True)
class LatentModel:
    """q(z|x) and p(x|z); Kingma and Welling (2014), arXiv:1312.6114.

    encoder: x [rows, ...] -> mean and logarithm of the variance of q(z|x), [rows, latents] each. decoder: z -> logits
    of p(x|z) [rows, ...], or means and the logarithm of their deviation.
    beta: weight of the KL divergence. free_bits: nats of each latent's KL divergence that cost no less.
    """

    encoder: keras.Model
    decoder: keras.Model
    beta: float = 1.0
    free_bits: float = 0.0

    def _log_likelihood(self, x: Any, z: Any, training: bool) -> tf.Tensor:
        answered = self.decoder(z, training=training)
        if isinstance(answered, (list, tuple)):
            return likelihood.gaussian(x, *answered)
        return likelihood.bernoulli(x, answered)

    def losses(self, x: Any, noise: Noise, training: bool) -> tuple[Any, Any]:
        """The loss [rows], and of it [rows, 2]: -log p(x|z) of one z ~ q(z|x), and the KL divergence."""
        mean, log_variance = self.encoder(x, training=training)
        z = likelihood.reparameterised(mean, log_variance, noise.normal(NOISE, tf.shape(mean)))
        reconstruction = -self._log_likelihood(x, z, training)
        divergence = likelihood.kl(mean, log_variance)
        loss = reconstruction + self.beta * likelihood.at_least(self.free_bits, divergence)
        return loss, tf.stack([reconstruction, tf.reduce_sum(divergence, axis=1)], axis=1)

    def bounds(self, x: Any, samples: int) -> tf.Tensor:
        """[rows, 2]: ELBO and importance-weighted bound of so many samples; the same noise every time."""
        mean, log_variance = self.encoder(x, training=False)

        def weight_of(sample: Any) -> tf.Tensor:
            noise = Noise(0, sample).normal(NOISE, tf.shape(mean))
            z = likelihood.reparameterised(mean, log_variance, noise)
            return likelihood.log_weight(self._log_likelihood(x, z, training=False), z, mean, log_variance)

        return tf.stack(likelihood.bounds(weight_of, samples), axis=1)
