"""Recurrent layers whose gradient is written out by hand: simple RNN, GRU and LSTM, with Keras's weights and numbers.

The inputs' part of all steps is one matrix product before the loop; going back the loop only makes the gradients of
the gates, from which those of all weights are one product each over all steps (Appleyard et al. 2016,
arXiv:1604.01946, sections 3.2 and 3.3).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

State = tuple[tf.Tensor, ...]
"""Of a cell between two steps, [batch, units] each, its output first."""

Factors = tuple[tf.Tensor, ...]
"""What the way back multiplies with: of all steps [time, batch, ...], or of one."""


class Cell(NamedTuple):
    """The equations of a cell: of one step forward; of all steps at once what the way back needs; of one step back.

    layer: Keras's. states: how many there are. keeps: units of what forward keeps.
    forward: (inputs' part [batch, gates * units], recurrent part likewise, State) -> (State, kept or None).
    factors: (kept, States before, States after) -> [time, batch, ...] each.
    backward: (factors of a step, gradient of the State after) -> gradients of the inputs' part, and of the State
        before as far as it does not go through the recurrent part.
    recurrent: (gradient of the inputs' part, factors) -> that of the recurrent part; None where they are the same.
    """

    layer: Callable[..., keras.layers.Layer]
    states: int
    keeps: int
    forward: Callable[[tf.Tensor, tf.Tensor, State], tuple[State, tf.Tensor | None]]
    factors: Callable[[tf.Tensor | None, State, State], Factors]
    backward: Callable[[Factors, State], tuple[tf.Tensor, State]]
    recurrent: Callable[[tf.Tensor, Factors], tf.Tensor] | None = None


def _simple_forward(inputs: tf.Tensor, recurrent: tf.Tensor, states: State) -> tuple[State, None]:
    """h = tanh(W x + R h' + b). Elman 1990."""
    return (tf.tanh(inputs + recurrent),), None


def _simple_factors(kept: None, before: State, after: State) -> Factors:
    return (1 - after[0] * after[0],)


def _simple_backward(factors: Factors, gradients: State) -> tuple[tf.Tensor, State]:
    return gradients[0] * factors[0], (tf.zeros_like(gradients[0]),)


def _gru_forward(inputs: tf.Tensor, recurrent: tf.Tensor, states: State) -> tuple[State, tf.Tensor]:
    """z = s(Wz x + Rz h'), r = s(Wr x + Rr h'), n = tanh(Wn x + r (Rn h' + c)), h = z h' + (1 - z) n.

    Cho et al. 2014, arXiv:1406.1078, with the reset after the product as cuDNN and Keras have it.
    """
    units = states[0].shape[-1]
    update, reset = tf.split(tf.sigmoid(inputs[:, : 2 * units] + recurrent[:, : 2 * units]), 2, axis=-1)
    before_reset = recurrent[:, 2 * units :]
    new = tf.tanh(inputs[:, 2 * units :] + reset * before_reset)
    return (update * states[0] + (1 - update) * new,), tf.concat([update, reset, new, before_reset], axis=-1)


def _gru_factors(kept: tf.Tensor, before: State, after: State) -> Factors:
    update, reset, new, before_reset = tf.split(kept, 4, axis=-1)
    of_new = (1 - update) * (1 - new * new)
    of_update = (before[0] - new) * update * (1 - update)
    return tf.concat([of_update, of_new * before_reset * reset * (1 - reset), of_new], axis=-1), update, reset


def _gru_backward(factors: Factors, gradients: State) -> tuple[tf.Tensor, State]:
    gates, update, _ = factors
    return gates * tf.tile(gradients[0], [1, 3]), (gradients[0] * update,)


def _gru_recurrent(gradient: tf.Tensor, factors: Factors) -> tf.Tensor:
    update, reset, new = tf.split(gradient, 3, axis=-1)
    return tf.concat([update, reset, new * factors[2]], axis=-1)


def _lstm_forward(inputs: tf.Tensor, recurrent: tf.Tensor, states: State) -> tuple[State, tf.Tensor]:
    """i, f, o = s(W x + R h' + b), g = tanh(W x + R h' + b), c = f c' + i g, h = o tanh(c).

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; gates in Keras's order i, f, g, o.
    """
    entry, forget, new, exit = tf.split(inputs + recurrent, 4, axis=-1)
    entry, forget, new, exit = tf.sigmoid(entry), tf.sigmoid(forget), tf.tanh(new), tf.sigmoid(exit)
    c = forget * states[1] + entry * new
    return (exit * tf.tanh(c), c), tf.concat([entry, forget, new, exit], axis=-1)


def _lstm_factors(kept: tf.Tensor, before: State, after: State) -> Factors:
    entry, forget, new, exit = tf.split(kept, 4, axis=-1)
    squashed = tf.tanh(after[1])
    gates = [
        new * entry * (1 - entry),
        before[1] * forget * (1 - forget),
        entry * (1 - new * new),
        squashed * exit * (1 - exit),
    ]
    return tf.concat(gates, axis=-1), exit * (1 - squashed * squashed), forget


def _lstm_backward(factors: Factors, gradients: State) -> tuple[tf.Tensor, State]:
    gates, of_output, forget = factors
    d_c = gradients[1] + gradients[0] * of_output
    return gates * tf.concat([d_c, d_c, d_c, gradients[0]], axis=-1), (tf.zeros_like(d_c), d_c * forget)


CELLS = {
    "simple": Cell(keras.layers.SimpleRNN, 1, 0, _simple_forward, _simple_factors, _simple_backward),
    "gru": Cell(keras.layers.GRU, 1, 4, _gru_forward, _gru_factors, _gru_backward, _gru_recurrent),
    "lstm": Cell(keras.layers.LSTM, 2, 4, _lstm_forward, _lstm_factors, _lstm_backward),
}


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


@keras.saving.register_keras_serializable("kerasapps")
class Recurrent(keras.layers.Layer):
    """A layer of simple, gru or lstm cells: as Keras's of that name, whose weights it has, but faster.

    Weights are kernel [features, gates * units], recurrent kernel [units, gates * units] and bias, interchangeable
    with those of keras.layers.SimpleRNN, GRU and LSTM by get_weights and set_weights.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        return_sequences: bool = False,
        reverse: bool = False,
        implementation: str = "fused",
        kernel_regularizer: Any = None,
        **arguments: Any,
    ) -> None:
        """cell: of CELLS. return_sequences: the outputs of all steps, not of the last alone.

        reverse: reads from the end; the outputs are in the order of the inputs nevertheless. implementation: keras has
        training done by Keras's own layer, which is cuDNN's on a GPU; inference never is, so that it runs everywhere.
        """
        super().__init__(**arguments)
        self.cell, self.units, self.return_sequences, self.reverse = cell, units, return_sequences, reverse
        self.implementation, self.supports_masking = implementation, True
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.keras_layer = CELLS[cell].layer(
            units, return_sequences=True, kernel_regularizer=self.kernel_regularizer, dtype=self.dtype_policy, name=cell
        )

    def build(self, input_shape: Any) -> None:
        """Keras's weights."""
        self.keras_layer.build(input_shape)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = False) -> Any:
        """[batch, time, features], mask bool [batch, time] -> [batch, units] or [batch, time, units]."""
        inputs, mask = (x if x is None or not self.reverse else tf.reverse(x, [1]) for x in (inputs, mask))
        if self.implementation == "keras" and training:
            outputs = self.keras_layer(inputs, mask=mask, training=True)
        else:
            outputs = self._fused(inputs, mask)
        if not self.return_sequences:
            return outputs[:, -1]
        return tf.reverse(outputs, [1]) if self.reverse else outputs

    def _fused(self, inputs: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
        """[batch, time, units], of which only the last step where that is all that is asked for."""
        weights = self.keras_layer.cell
        kernel, recurrent = (tf.convert_to_tensor(w) for w in (weights.kernel, weights.recurrent_kernel))
        bias = tf.reshape(tf.convert_to_tensor(weights.bias), [-1, kernel.shape[1]])
        by_time = tf.transpose(inputs, [1, 0, 2])
        by_time_mask = None if mask is None else tf.transpose(mask)[..., None]
        outputs = scan(CELLS[self.cell], by_time, kernel, recurrent, bias, by_time_mask)
        return tf.transpose(outputs if self.return_sequences else outputs[-1:], [1, 0, 2])

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """[batch, units] or [batch, time, units]."""
        return (*input_shape[: 2 if self.return_sequences else 1], self.units)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The same for sequences."""
        return mask if self.return_sequences else None

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        own = {name: getattr(self, name) for name in ("cell", "units", "return_sequences", "reverse", "implementation")}
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        return {**super().get_config(), **own, "kernel_regularizer": regularizer}


@keras.saving.register_keras_serializable("kerasapps")
class Bidirectional(keras.layers.Layer):
    """Two layers of cells, of which one reads from the end; their outputs side by side (Schuster and Paliwal 1997)."""

    def __init__(
        self,
        cell: str,
        units: int,
        return_sequences: bool = False,
        implementation: str = "fused",
        kernel_regularizer: Any = None,
        **arguments: Any,
    ) -> None:
        """As of Recurrent; units: of either layer. Sequences are 0 where they are masked, as Keras has it."""
        super().__init__(**arguments)
        own = {"cell": cell, "units": units, "return_sequences": return_sequences, "implementation": implementation}
        given = {**own, "kernel_regularizer": keras.regularizers.get(kernel_regularizer), "dtype": self.dtype_policy}
        self.forward = Recurrent(name="forward", **given)
        self.backward = Recurrent(name="backward", reverse=True, **given)
        self.settings, self.supports_masking = own, True

    def build(self, input_shape: Any) -> None:
        """Both layers' weights."""
        self.forward.build(input_shape)
        self.backward.build(input_shape)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = False) -> Any:
        """[batch, time, features], mask bool [batch, time] -> [batch, 2 * units] or [batch, time, 2 * units]."""
        both = [layer(inputs, mask=mask, training=training) for layer in (self.forward, self.backward)]
        outputs = tf.concat(both, axis=-1)
        if mask is None or not self.settings["return_sequences"]:
            return outputs
        return tf.where(mask[..., None], outputs, tf.zeros_like(outputs))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """[batch, 2 * units] or [batch, time, 2 * units]."""
        shape = self.forward.compute_output_shape(input_shape)
        return (*shape[:-1], 2 * shape[-1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The same for sequences."""
        return self.forward.compute_mask(inputs, mask)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        regularizer = keras.regularizers.serialize(self.forward.kernel_regularizer)
        return {**super().get_config(), **self.settings, "kernel_regularizer": regularizer}
