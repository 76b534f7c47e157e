"""The equations of simple RNN, GRU and LSTM cells: a step forward, and its gradient written by hand."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import keras
import tensorflow as tf

State = tuple[tf.Tensor, ...]
"""Of a cell between two steps, [batch, units] each, its output first."""

Factors = tuple[tf.Tensor, ...]
"""What the way back multiplies with: of all steps [time, batch, ...], or of one."""


CellName = Literal["simple", "gru", "lstm"]


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


CELLS: dict[CellName, Cell] = {
    "simple": Cell(keras.layers.SimpleRNN, 1, 0, _simple_forward, _simple_factors, _simple_backward),
    "gru": Cell(keras.layers.GRU, 1, 4, _gru_forward, _gru_factors, _gru_backward, _gru_recurrent),
    "lstm": Cell(keras.layers.LSTM, 2, 4, _lstm_forward, _lstm_factors, _lstm_backward),
}
