"""Likelihoods, divergence and bounds are those of SciPy, of NumPy with the same noise, and of exact models."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from kerasapps.losses import likelihood
from kerasapps.noise import Noise

RANDOM = np.random.default_rng(0)
MEAN, LOG_VARIANCE = RANDOM.normal(size=(2, 5, 3)).astype(np.float32)


def test_bernoulli_is_that_of_scipy() -> None:
    logits = RANDOM.normal(scale=3, size=(4, 2, 3, 1)).astype(np.float32)
    bits = (RANDOM.random(logits.shape) < 0.5).astype(np.float32)
    expected = stats.bernoulli.logpmf(bits, special.expit(logits.astype(np.float64))).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(likelihood.bernoulli(bits, logits), expected, rtol=1e-5)


def test_bernoulli_of_logits_that_are_sure_is_finite() -> None:
    """A logit of 500 for a bit that is 0 costs 500 nats."""
    values = likelihood.bernoulli(tf.constant([[0.0], [1.0]]), tf.constant([[500.0], [500.0]]))
    np.testing.assert_allclose(values, [-500.0, 0.0], atol=1e-6)


def test_bernoulli_of_grey_values_is_minus_their_cross_entropy() -> None:
    grey, chance = RANDOM.random((2, 4, 6)).astype(np.float32)
    expected = (grey * np.log(chance) + (1 - grey) * np.log(1 - chance)).sum(axis=1)
    np.testing.assert_allclose(likelihood.bernoulli(grey, special.logit(chance)), expected, rtol=1e-4)


@pytest.mark.parametrize("shape", [(4, 2, 3, 2), (4, 2, 3, 1), (4, 1, 1, 1), ()])
def test_gaussian_is_that_of_scipy(shape: tuple) -> None:
    """A deviation for every number, one for all channels, one for a row, one for all."""
    x, mean = RANDOM.normal(size=(2, 4, 2, 3, 2)).astype(np.float32)
    log_scale = RANDOM.normal(size=shape).astype(np.float32)
    expected = stats.norm.logpdf(x, mean, np.exp(log_scale)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(likelihood.gaussian(x, mean, log_scale), expected, rtol=1e-5)


def test_kl_is_that_of_numpy_and_nothing_between_equals() -> None:
    mean, deviation = MEAN.astype(np.float64), np.exp(LOG_VARIANCE.astype(np.float64) / 2)
    expected = -np.log(deviation) + (deviation**2 + mean**2) / 2 - 0.5
    np.testing.assert_allclose(likelihood.kl(MEAN, LOG_VARIANCE), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(likelihood.kl(tf.zeros([2, 3]), tf.zeros([2, 3])), np.zeros((2, 3)))


def test_kl_is_the_mean_of_what_is_drawn() -> None:
    """E_q log q(z) / p(z) of 100,000 draws, by SciPy's densities."""
    deviation = np.exp(LOG_VARIANCE / 2)
    z = MEAN + deviation * RANDOM.normal(size=(100_000, *MEAN.shape))
    ratios = stats.norm.logpdf(z, MEAN, deviation) - stats.norm.logpdf(z)
    error = ratios.std(axis=0) / np.sqrt(len(z))
    assert np.all(np.abs(likelihood.kl(MEAN, LOG_VARIANCE) - ratios.mean(axis=0)) < 5 * error)


def test_free_bits_are_a_floor_of_each_latent_of_each_row() -> None:
    divergence = tf.constant([[0.1, 0.5, 2.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(likelihood.at_least(0.3, divergence), [2.8, 0.9], rtol=1e-6)
    np.testing.assert_allclose(likelihood.at_least(0.0, divergence), [2.6, 0.0], rtol=1e-6)
    with tf.GradientTape() as tape:
        tape.watch(divergence)
        total = tf.reduce_sum(likelihood.at_least(0.3, divergence))
    np.testing.assert_array_equal(tape.gradient(total, divergence), [[0, 1, 1], [0, 0, 0]])


def test_log_weight_is_that_of_scipy() -> None:
    z, own = RANDOM.normal(size=(5, 3)).astype(np.float32), RANDOM.normal(size=5).astype(np.float32)
    prior, posterior = stats.norm.logpdf(z), stats.norm.logpdf(z, MEAN, np.exp(LOG_VARIANCE / 2))
    expected = own + (prior - posterior).sum(axis=1)
    np.testing.assert_allclose(likelihood.log_weight(own, z, MEAN, LOG_VARIANCE), expected, rtol=1e-4, atol=1e-5)


def of_table(weights: np.ndarray) -> Callable:
    """The log weights of each sample, [samples, rows]."""
    return lambda sample: tf.gather(tf.constant(weights, tf.float32), sample)


@pytest.mark.parametrize("compiled", ["eager", "graph", "xla"])
def test_bounds_are_those_of_numpy(compiled: str) -> None:
    """Also where the weights themselves are too small for float32."""
    weights = RANDOM.normal(loc=-500, scale=4, size=(7, 5))
    ask = lambda: likelihood.bounds(of_table(weights), 7)  # noqa: E731
    if compiled != "eager":
        ask = tf.function(ask, jit_compile=compiled == "xla", autograph=False)
    elbo, bound = ask()
    np.testing.assert_allclose(elbo, weights.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(bound, special.logsumexp(weights, axis=0) - np.log(7), rtol=1e-6)


def test_the_bound_is_above_the_elbo_and_of_one_sample_the_same() -> None:
    weights = RANDOM.normal(size=(9, 50))
    elbo, bound = likelihood.bounds(of_table(weights), 9)
    assert np.all(bound > elbo)
    elbo, bound = likelihood.bounds(of_table(weights), 1)
    np.testing.assert_array_equal(elbo, bound)
    np.testing.assert_allclose(bound, weights[0], rtol=1e-6)


class LinearModel:
    """Probabilistic PCA (Tipping and Bishop 1999): x = W z + m + s e, whose likelihood is known.

    x is normal with mean m and covariance W W' + s^2 I; z given x is normal with covariance s^2 M^-1 and mean
    M^-1 W'(x - m), M = W'W + s^2 I. The columns of W are orthogonal, so that M is diagonal.
    """

    def __init__(self) -> None:
        self.w = np.linalg.qr(RANDOM.normal(size=(4, 2)))[0] * [2.0, 0.7]
        self.m, self.s = RANDOM.normal(size=4), 0.5
        covariance = self.w @ self.w.T + self.s**2 * np.eye(4)
        self.x = RANDOM.multivariate_normal(self.m, covariance, 200)
        self.exact = stats.multivariate_normal.logpdf(self.x, self.m, covariance)
        diagonal = np.diag(self.w.T @ self.w) + self.s**2
        self.mean = (self.x - self.m) @ self.w / diagonal
        self.log_variance = np.log(self.s**2 / diagonal) + np.zeros_like(self.mean)

    def bounds(self, samples: int, off: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """ELBO and bound, [rows], of a posterior whose means and deviations are too large by `off`."""
        mean, log_variance, x, w, m = (
            tf.constant(values, tf.float32)
            for values in (self.mean + off, self.log_variance + 2 * np.log1p(off), self.x, self.w, self.m)
        )

        def weight_of(sample: int) -> tf.Tensor:
            z = likelihood.reparameterised(mean, log_variance, Noise(0, sample).normal("z", mean.shape))
            fit = likelihood.gaussian(x, z @ tf.transpose(w) + m, tf.math.log(self.s))
            return likelihood.log_weight(fit, z, mean, log_variance)

        traced = tf.function(lambda: likelihood.bounds(weight_of, samples), autograph=False)
        return tuple(values.numpy() for values in traced())


def test_with_the_exact_posterior_both_are_the_exact_likelihood() -> None:
    """All weights are p(x), however few they are."""
    model = LinearModel()
    for values in model.bounds(3):
        np.testing.assert_allclose(values, model.exact, rtol=1e-4, atol=1e-4)


def test_the_bound_grows_with_samples_to_the_exact_likelihood() -> None:
    """Of a posterior that is off by 0.4, the mean over 200 rows; the ELBO stays below by the KL divergence."""
    model = LinearModel()
    exact = model.exact.mean()
    bounds = [model.bounds(samples, off=0.4)[1].mean() for samples in (1, 5, 50, 1000)]
    assert np.all(np.diff(bounds) > 0) and bounds[0] < exact - 0.3
    assert abs(bounds[-1] - exact) < 0.02
    deviation = np.exp(model.log_variance / 2)
    missed = (-np.log(1.4) + (1.4**2 + (0.4 / deviation) ** 2) / 2 - 0.5).sum(axis=1).mean()
    assert abs(model.bounds(1000, off=0.4)[0].mean() - (exact - missed)) < 0.02


def test_gradients_through_the_draw_are_finite_differences() -> None:
    noise = RANDOM.normal(size=MEAN.shape)

    def total(mean: np.ndarray, log_variance: np.ndarray) -> float:
        z = mean + np.exp(log_variance / 2) * noise
        divergence = (np.exp(log_variance) + mean**2 - 1 - log_variance).sum() / 2
        return float(-np.log(special.expit(z)).sum() + divergence)

    given = [tf.constant(values, tf.float64) for values in (MEAN, LOG_VARIANCE)]
    with tf.GradientTape() as tape:
        tape.watch(given)
        z = likelihood.reparameterised(*given, noise)
        loss = tf.reduce_sum(likelihood.kl(*given)) - tf.reduce_sum(likelihood.bernoulli(tf.ones_like(z), z))
    np.testing.assert_allclose(loss, total(*(values.numpy() for values in given)), rtol=1e-10)
    for which, gradient in enumerate(tape.gradient(loss, given)):
        for place in np.ndindex(MEAN.shape):
            step = np.zeros(MEAN.shape)
            step[place] = 1e-5
            both = [[v.numpy() + sign * step * (i == which) for i, v in enumerate(given)] for sign in (1, -1)]
            assert abs(gradient[place] - (total(*both[0]) - total(*both[1])) / 2e-5) < 1e-6
