"""Transformers written out in NumPy float64; weights are given by their paths, such as "query/kernel"."""

import math
from collections.abc import Mapping

import keras
import numpy as np

from kerasapps.layers.paths import weight_paths

Weights = Mapping[str, np.ndarray]

EPSILON = 1e-3
LONGEST_WAVE = 50.0


def randomised(layer: keras.layers.Layer, seed: int = 0) -> Weights:
    """Give a layer that is built weights that are all different; returns them by their paths in float64."""
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(size=weight.shape) / 2 for weight in layer.get_weights()])
    return {path: weight.numpy().astype(np.float64) for path, weight in weight_paths(layer)}


def inside(weights: Weights, name: str) -> Weights:
    """Those of the layer of this name."""
    return {path.removeprefix(f"{name}/"): value for path, value in weights.items() if path.startswith(f"{name}/")}


def dense(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """x W + b; keys are made without b."""
    return x @ weights[f"{name}/kernel"] + weights.get(f"{name}/bias", 0.0)


def normalised(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    return scaled * weights[f"{name}/gamma"] + weights[f"{name}/beta"]


def turned(vectors: np.ndarray) -> np.ndarray:
    """Vectors [steps, width] as complex numbers, entry i + width / 2 imaginary, times e^(i t / w^(2 i / width))."""
    steps, width = vectors.shape
    turns = np.array(
        [[np.exp(1j * t * LONGEST_WAVE ** (-2 * i / width)) for i in range(width // 2)] for t in range(steps)]
    )
    product = (vectors[:, : width // 2] + 1j * vectors[:, width // 2 :]) * turns
    return np.concatenate([product.real, product.imag], axis=1)


def attention(
    weights: Weights, x: np.ndarray, seen: np.ndarray, heads: int, shared_heads: int | None = None, rotary: bool = False
) -> np.ndarray:
    """x [time, width] of one row, seen bool [time, time] by query and key: one head after the other, softmax by row."""
    query, key, value = (dense(weights, name, x) for name in ("query", "key", "value"))
    size, of_heads = query.shape[1] // heads, []
    for head in range(heads):
        shared = head // (heads // (shared_heads or heads))
        q = query[:, head * size : (head + 1) * size]
        k, v = (vectors[:, shared * size : (shared + 1) * size] for vectors in (key, value))
        if rotary:
            q, k = turned(q), turned(k)
        powers = np.where(seen, np.exp(q @ k.T / math.sqrt(size)), 0.0)
        of_heads.append(powers / powers.sum(axis=1, keepdims=True) @ v)
    return dense(weights, "outputs", np.concatenate(of_heads, axis=1))


def feed_forward(weights: Weights, x: np.ndarray, activation: str = "gelu") -> np.ndarray:
    """GELU is x times the normal distribution function; swish is x sigmoid(x)."""
    hidden = dense(weights, "hidden", x)
    if activation == "gelu":
        hidden = hidden * np.vectorize(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2)(hidden)
    else:
        gate = dense(weights, "gate", x)
        hidden = hidden * gate / (1 + np.exp(-gate))
    return dense(weights, "outputs", hidden)


def block(weights: Weights, x: np.ndarray, seen: np.ndarray, norm: str, heads: int) -> np.ndarray:
    """Attention and feed-forward layer with residual connections, x [time, width] of one row."""
    own, forward = inside(weights, "attention"), inside(weights, "feed_forward")
    if norm == "pre":
        x = x + attention(own, normalised(weights, "norm_1", x), seen, heads)
        return x + feed_forward(forward, normalised(weights, "norm_2", x))
    x = normalised(weights, "norm_1", x + attention(own, x, seen, heads))
    return normalised(weights, "norm_2", x + feed_forward(forward, x))


def encoder(weights: Weights, x: np.ndarray, present: np.ndarray, pooling: str = "mean") -> np.ndarray:
    """What a pre-norm encoder of two blocks with two heads gives for embedded steps x [time, width] of one row."""
    for name in ("block_1", "block_2"):
        x = block(inside(weights, name), x, present & np.ones((len(x), 1), bool), "pre", 2)
    x = normalised(weights, "norm", x)
    pooled = x[0] if pooling == "first" else x[present].mean(axis=0)
    return dense(weights, "outputs", pooled)


def sinusoids(steps: int, width: int) -> np.ndarray:
    """PE(t, 2i) = sin(t / w^(2i / width)), w the longest wave, PE(t, 2i + 1) = cos of the same."""
    table = np.zeros((steps, width))
    for step in range(steps):
        for i in range(0, width, 2):
            table[step, i : i + 2] = (
                math.sin(step / LONGEST_WAVE ** (i / width)),
                math.cos(step / LONGEST_WAVE ** (i / width)),
            )
    return table
