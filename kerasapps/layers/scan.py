"""A cell over all steps of a sequence, and the gradient of that.

The inputs' part of all steps is one matrix product before the loop; going back the loop only makes the gradients of
the gates, from which those of all weights are one product each over all steps (Appleyard et al. 2016,
arXiv:1604.01946, sections 3.2 and 3.3).
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from kerasapps.layers.cells import Cell, Factors, State


def scan(
    cell: Cell, inputs: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor, mask: tf.Tensor | None
) -> tf.Tensor:
    """The output of every step, [time, batch, units], from states of 0.

    inputs: [time, batch, features]. kernel, recurrent: [features or units, gates * units]. bias: [1, gates * units]; or
    [2, gates * units], of the inputs' and of the recurrent part. mask: bool [time, batch, 1]; where it is False the
    states stay as they are.
    """

    @tf.custom_gradient
    def differentiable(
        inputs: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor
    ) -> tuple[tf.Tensor, Callable]:
        parts = tf.matmul(_flat(inputs), kernel) + bias[0]
        parts = tf.reshape(parts, tf.concat([tf.shape(inputs)[:2], [kernel.shape[1]]], axis=0))
        kept, states = _forward(cell, parts, recurrent, bias[1:], mask)

        def gradient(d_outputs: tf.Tensor) -> tuple[tf.Tensor, ...]:
            before = tuple(tf.concat([tf.zeros_like(state[:1]), state[:-1]], axis=0) for state in states)
            factors = cell.factors(kept, before, states)
            d_parts = _backward(cell, factors, recurrent, mask, d_outputs)
            d_inputs = tf.reshape(tf.matmul(_flat(d_parts), kernel, transpose_b=True), tf.shape(inputs))
            d_recurrent = d_parts if cell.recurrent is None else cell.recurrent(d_parts, factors)
            return d_inputs, *_of_weights(inputs, before[0], d_parts, d_recurrent)

        return states[0], gradient

    return differentiable(inputs, kernel, recurrent, bias)


def _flat(values: tf.Tensor) -> tf.Tensor:
    """[time, batch, n] -> [time * batch, n]."""
    return tf.reshape(values, [-1, values.shape[2]])


def _of_weights(
    inputs: tf.Tensor, before: tf.Tensor, d_parts: tf.Tensor, d_recurrent: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gradients of both kernels and the bias, from those of the inputs' and of the recurrent part of all steps."""
    inputs, before, own, other = (_flat(values) for values in (inputs, before, d_parts, d_recurrent))
    if d_parts is not d_recurrent:
        kernels = (tf.matmul(x, d, transpose_a=True) for x, d in ((inputs, own), (before, other)))
        return *kernels, tf.stack([tf.reduce_sum(own, axis=0), tf.reduce_sum(other, axis=0)])
    both = tf.matmul(tf.concat([inputs, before], axis=1), own, transpose_a=True)  # faster than two products
    return *tf.split(both, [inputs.shape[1], before.shape[1]]), tf.reduce_sum(own, axis=0, keepdims=True)


def _forward(
    cell: Cell, parts: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, mask: tf.Tensor | None
) -> tuple[tf.Tensor | None, State]:
    """What each step keeps for the way back, and the states after each: [time, batch, ...]."""
    steps, batch, units = tf.shape(parts)[0], tf.shape(parts)[1], kernel.shape[0]

    def step(time: tf.Tensor, states: State) -> tuple[State, tuple]:
        recurrent = tf.matmul(states[0], kernel)
        new, kept = cell.forward(parts[time], recurrent + bias[0] if bias.shape[0] else recurrent, states)
        if mask is not None:
            new = tuple(tf.where(mask[time], after, before) for after, before in zip(new, states, strict=True))
        return new, new if kept is None else (*new, kept)

    first = tuple(tf.zeros([batch, units], parts.dtype) for _ in range(cell.states))
    widths = [units] * cell.states + [cell.keeps * units] * bool(cell.keeps)
    written = _loop(step, steps, first, widths)
    return (written[-1] if cell.keeps else None), written[: cell.states]


def _backward(
    cell: Cell, factors: Factors, kernel: tf.Tensor, mask: tf.Tensor | None, d_outputs: tf.Tensor
) -> tf.Tensor:
    """Gradients of the inputs' part of all steps, [time, batch, gates * units], made from the last to the first."""
    steps, turned = tf.shape(d_outputs)[0], tf.transpose(kernel)

    def step(time: tf.Tensor, gradients: State) -> tuple[State, tuple]:
        total = (gradients[0] + d_outputs[time], *gradients[1:])
        through = total if mask is None else tuple(tf.where(mask[time], g, tf.zeros_like(g)) for g in total)
        of_step = tuple(values[time] for values in factors)
        d_parts, own = cell.backward(of_step, through)
        d_recurrent = d_parts if cell.recurrent is None else cell.recurrent(d_parts, of_step)
        earlier = (own[0] + tf.matmul(d_recurrent, turned), *own[1:])
        if mask is not None:
            earlier = tuple(tf.where(mask[time], new, past) for new, past in zip(earlier, total, strict=True))
        return earlier, (d_parts,)

    last = tuple(tf.zeros_like(d_outputs[0]) for _ in range(cell.states))
    return _loop(step, steps, last, [kernel.shape[1]], backwards=True)[0]


def _loop(
    step: Callable, steps: tf.Tensor, states: State, widths: Sequence[int], backwards: bool = False
) -> tuple[tf.Tensor, ...]:
    """What step(time, states) -> (states, written) writes at every time, [time, batch, width] each."""

    def body(number: tf.Tensor, states: State, arrays: tuple) -> tuple:
        time = steps - 1 - number if backwards else number
        states, values = step(time, states)
        return number + 1, states, tuple(array.write(time, x) for array, x in zip(arrays, values, strict=True))

    dtype, batch = states[0].dtype, states[0].shape[0]
    arrays = tuple(tf.TensorArray(dtype, steps, element_shape=[batch, width]) for width in widths)
    start = (tf.constant(0), states, arrays)
    filled = tf.while_loop(lambda number, *_: number < steps, body, start, maximum_iterations=steps)[2]
    return tuple(array.stack() for array in filled)
