"""Likelihoods of latent-variable models p(x, z) = p(x|z) p(z), p(z) standard normal: all in nats, one number a row.

q(z|x) is normal with a diagonal covariance, given by its mean and the logarithm of its variance, both [rows, latents].
"""

import math
from collections.abc import Callable

import tensorflow as tf

_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


def _row_sums(values: tf.Tensor) -> tf.Tensor:
    """[rows, ...] -> [rows]."""
    return tf.reduce_sum(values, axis=list(range(1, len(values.shape))))


def bernoulli(x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """log p(x) of independent bits x with P(1) = sigmoid(logits), both [rows, ...] -> [rows].

    Of x between 0 and 1 it is minus their cross-entropy, which is no distribution's log-likelihood.
    """
    return -_row_sums(tf.nn.sigmoid_cross_entropy_with_logits(x, logits))


def gaussian(x: tf.Tensor, mean: tf.Tensor, log_scale: tf.Tensor) -> tf.Tensor:
    """log p(x) of independent normal numbers x with deviation exp(log_scale), which broadcasts: [rows, ...] -> [rows].

    A density, which depends on the units of x and may be above 1.
    """
    scaled = (x - mean) * tf.exp(-log_scale)
    return -_row_sums(0.5 * tf.square(scaled) + log_scale + _HALF_LOG_TWO_PI)


def reparameterised(mean: tf.Tensor, log_variance: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """z ~ q(z|x) as a function of standard normal noise, all [rows, latents]. Kingma and Welling 2014, section 2.4."""
    return mean + tf.exp(0.5 * log_variance) * noise


def kl(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(q(z|x) || p(z)) of each latent, [rows, latents]. Kingma and Welling 2014, appendix B."""
    return 0.5 * (tf.exp(log_variance) + tf.square(mean) - 1 - log_variance)


def at_least(free_bits: float, divergence: tf.Tensor) -> tf.Tensor:
    """Sum over latents of the larger of each one's KL and `free_bits`: [rows, latents] -> [rows].

    Kingma et al. 2016, appendix C.8, but of every row by itself and not of a batch's mean, so that no row's loss
    depends on the others.
    """
    return _row_sums(tf.maximum(divergence, free_bits) if free_bits else divergence)


def log_weight(log_likelihood: tf.Tensor, z: tf.Tensor, mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """log of p(x|z) p(z) / q(z|x), [rows], of a z ~ q(z|x) [rows, latents] and log p(x|z) [rows]."""
    zeros = tf.zeros_like(z)
    return log_likelihood + gaussian(z, zeros, zeros) - gaussian(z, mean, 0.5 * log_variance)


def bounds(weight_of: Callable[[tf.Tensor], tf.Tensor], samples: int) -> tuple[tf.Tensor, tf.Tensor]:
    """(ELBO, importance-weighted bound), [rows] each, from the log weights of `samples` samples.

    weight_of: number of a sample, from 0, may be a tensor -> its log weights [rows]. The ELBO is their mean, the bound
    the logarithm of the mean weight (Burda et al. 2016, equation 8): so the bound is never below the ELBO, and is the
    ELBO of one sample. One sample after the other, lest a decoder's activations for all of them are held at once.
    """

    def add(sample: tf.Tensor, total: tf.Tensor, log_sum: tf.Tensor) -> tuple[tf.Tensor, ...]:
        weight = weight_of(sample)
        return sample + 1, total + weight, tf.reduce_logsumexp(tf.stack([log_sum, weight]), axis=0)

    first = weight_of(tf.constant(0))
    start = (tf.constant(1), first, first)
    _, total, log_sum = tf.while_loop(lambda sample, *_: sample < samples, add, start, parallel_iterations=1)
    return total / samples, log_sum - math.log(samples)
