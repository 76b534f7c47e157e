"""Floating-point operations of a model, and how many the machine can do.

Counted are multiplications and additions of matrix products and convolutions, forward, 2 for each weight and place or
step where it is used; an embedding multiplies nothing. A training step does three times as much by the usual
convention: forward, gradients of the inputs, gradients of the weights.
"""

import math
import time
from typing import Any

TRAINING = 3
SIZE = 1024


def forward_flops(model: Any) -> int:
    """Operations of a Keras model for one row.

    Raises TypeError for a layer that it cannot count: one with matrices that is not named here.
    """
    reverse = [layer for layer in model.layers if type(layer).__name__ == "ReversibleEmbedding"]
    logits = sum(2 * math.prod(model.output.shape[1:]) * layer.output_dim for layer in reverse)
    return logits + sum(_layer_flops(layer) for layer in model.layers if layer not in reverse)


def _layer_flops(layer: Any) -> int:
    kind, kernels = type(layer).__name__, [weight for weight in layer.weights if weight.name != "bias"]
    if kind == "Block":
        return _block_flops(layer)
    matrices = [kernel for kernel in kernels if len(kernel.shape) > 1]
    if not matrices or kind == "Embedding":
        return 0
    if kind not in ("Dense", "ProjectionHead", "Conv2D", "Recurrent", "Bidirectional"):
        raise TypeError(f"{layer.name} is a {kind}: its operations cannot be counted. Add its closed form to flops.py.")
    return 2 * _places(layer) * sum(math.prod(weight.shape) for weight in matrices)


def _block_flops(block: Any) -> int:
    """Dense layers at each step, and of attention two products of each step with all: also where it is causal."""
    steps, width = block.output.shape[1:]
    kernels = sum(math.prod(weight.shape) for weight in block.weights if weight.name == "kernel")
    return 2 * steps * (kernels + 2 * steps * width)


def _places(layer: Any) -> int:
    """How often the weights are used: steps, or pixels of the outputs."""
    if type(layer).__name__ not in ("Recurrent", "Bidirectional"):
        return math.prod(layer.output.shape[1:-1])
    sequences = layer.input[0] if isinstance(layer.input, list) else layer.input  # the mask is an input, too
    return sequences.shape[1]


def peak_flops(times: int = 100) -> float:
    """Operations a second of TensorFlow's product of two float32 matrices [SIZE, SIZE]: the best of several."""
    import tensorflow as tf

    left, right = tf.random.stateless_normal([2, SIZE, SIZE], [0, 0])
    multiply = tf.function(lambda: tf.reduce_sum(left @ right), autograph=False)
    multiply().numpy()
    return 2 * SIZE**3 / min(_seconds(multiply) for _ in range(times))


def _seconds(function: Any) -> float:
    started = time.perf_counter()
    function().numpy()
    return time.perf_counter() - started
