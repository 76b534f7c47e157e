"""Metrics and outputs over a whole split, every row counted once."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import App, Batch, Parts, Sums
from kerasapps.data.spec import Layout

EVALUATION_BATCH = 256


def stack_sums(sums: Sums) -> tf.Tensor:
    """Sums as one float32 tensor [metrics, 2]."""
    return tf.stack([tf.stack([tf.cast(x, tf.float32) for x in pair]) for pair in sums.values()])


def add_up(
    function: Callable[[Batch], Sums], data: Mapping[str, tf.Tensor], names: list[str], batch_size: int
) -> tf.Tensor:
    """Sums [metrics, 2] of `function` over resident `data` ([rows, ...] each), in batches and an exact tail."""
    rows = int(data["inputs"].shape[0])
    batch_size = min(batch_size, rows)
    full, tail = divmod(rows, batch_size)

    def sums_at(start: Any, size: int) -> tf.Tensor:
        batch = {
            name: tf.slice(x, [start] + [0] * (len(x.shape) - 1), [size, *x.shape[1:]]) for name, x in data.items()
        }
        return stack_sums(function({**batch, "counts": tf.ones([size])}))

    def add_batch(index: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return index + 1, total + sums_at(index * batch_size, batch_size)

    total = tf.zeros([len(names), 2])
    _, total = tf.while_loop(lambda index, _: index < full, add_batch, (tf.constant(0), total), parallel_iterations=1)
    return total + sums_at(full * batch_size, tail) if tail else total


def model_outputs(model: Any, inputs: np.ndarray, batch_size: int = EVALUATION_BATCH) -> np.ndarray:
    """`model` of all inputs [rows, ...] without dropout, computed in batches."""
    rows = tf.TensorSpec([None, *inputs.shape[1:]], tf.float32)
    function = tf.function(lambda x: model(x, training=False), autograph=False).get_concrete_function(rows)
    pieces = [function(tf.constant(inputs[i : i + batch_size])) for i in range(0, len(inputs), batch_size)]
    return np.concatenate([piece.numpy() for piece in pieces])


def evaluate_parts(app: App, parts: Parts, layout: Layout, data: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Means of the app's metrics over resident rows, and its scores of all outputs together."""
    function = app.evaluate(parts, layout)
    tensors = {name: tf.constant(values) for name, values in data.items()}
    names = metric_names(function, tensors)
    summed = tf.function(lambda: add_up(function, tensors, names, EVALUATION_BATCH), autograph=False)
    sums = summed.get_concrete_function()().numpy().astype(np.float64)
    outputs = model_outputs(parts["model"], data["inputs"])
    means = {name: float(total / count) for name, (total, count) in zip(names, sums, strict=True)}
    return {**means, **app.score(layout, data.get("labels"), outputs)}


def metric_names(function: Any, data: Mapping[str, Any]) -> list[str]:
    """Names of the metrics that `function` of a Batch sums, found on one row."""
    row = {name: tf.constant(values[:1]) for name, values in data.items()}
    sums = function({**row, "counts": tf.ones([1])})
    stack_sums(sums)
    return list(sums)
