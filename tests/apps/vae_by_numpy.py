"""A small variational autoencoder by NumPy and SciPy, and layouts to ask it of."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, classes
from layouts import one_field
from scipy import special, stats

from kerasapps.apps.vae import APP
from kerasapps.data.spec import Layout, Target
from kerasapps.layers.heads import LEAST_LOG_SCALE
from kerasapps.noise import Noise

RANDOM = np.random.default_rng(0)
IMAGES = one_field("image", (4, 3, 1), classes(3))
ROWS = one_field("vector", (5,), Target("none"), tuple("abcde"), units=((10.0, 2.0), (-3.0, 0.5)))
TINY = {"widths": (6,), "latents": 2}
NOISE = Noise(7, 3)
KINDS = [
    pytest.param(IMAGES, {}, id="bits"),
    pytest.param(IMAGES, {"likelihood": "gaussian", "scale": 0.2}, id="grey"),
    pytest.param(ROWS, {}, id="rows"),
]


def batch_of(layout: Layout, rows: int = 6) -> dict[str, tf.Tensor]:
    """Bits of images, or rows of numbers; no labels."""
    values = RANDOM.normal(size=(rows, *layout.only.shape))
    values = (values > 0) if layout.only.form == "image" else values
    return {"inputs": {"inputs": tf.constant(values, tf.float32)}, "weights": tf.ones([rows])}


def built(layout: Layout, **hparams: Any) -> tuple[dict, Any]:
    """A small dense one with biases that are not 0, so that each of them is seen."""
    parts, hparams = build(APP, layout, **{**TINY, **hparams})
    for part in parts.values():
        part.set_weights([RANDOM.normal(scale=0.5, size=w.shape) for w in part.get_weights()])
    return parts, hparams


def encoded(weights: list, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and logarithm of the variance, [rows, latents], in float64."""
    hidden = np.maximum(x.reshape(len(x), -1) @ weights[0] + weights[1], 0)
    return hidden @ weights[2] + weights[3], hidden @ weights[4] + weights[5]


def decoded(weights: list, z: np.ndarray) -> np.ndarray:
    """What the last dense layer gives, [rows, numbers]."""
    return np.maximum(z @ weights[0] + weights[1], 0) @ weights[2] + weights[3]


def log_likelihood(weights: list, hparams: Any, layout: Layout, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """log p(x|z), [rows], by SciPy."""
    flat, outputs = x.reshape(len(x), -1), decoded(weights, z)
    if hparams.likelihood == "auto" and layout.only.form == "image":
        return stats.bernoulli.logpmf(flat, special.expit(outputs)).sum(axis=1)
    means = special.expit(outputs) if layout.only.form == "image" else outputs
    scale = hparams.scale or np.exp(LEAST_LOG_SCALE + np.log1p(np.exp(weights[4])))
    return stats.norm.logpdf(flat, means, scale).sum(axis=1)


def by_numpy(weights: dict, hparams: Any, layout: Layout, x: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, ...]:
    """-log p(x|z) [rows] and the KL divergences [rows, latents]."""
    mean, log_variance = encoded(weights["encoder"], x)
    z = mean + np.exp(log_variance / 2) * noise
    divergence = (np.exp(log_variance) + mean**2 - 1 - log_variance) / 2
    return -log_likelihood(weights["decoder"], hparams, layout, x, z), divergence


def weights_of(parts: dict) -> dict[str, list]:
    return {name: [w.astype(np.float64) for w in part.get_weights()] for name, part in parts.items()}
