"""Texts by sampling: one token after the other, from what a decoder finds likely."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import tensorflow as tf

from kerasapps.tensors import Integer

_State = TypeVar("_State")
Choose = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""(logits [rows, vocabulary], number of the step) -> tokens int32 [rows]."""

SMALLEST_TEMPERATURE = 1e-4
"""Below it the likeliest token is taken."""


class Steps(Protocol[_State]):
    """A decoder; see kerasapps.decoding.decoder."""

    def start(self, rows: Integer) -> _State:
        """Before the first step."""

    def step(self, tokens: tf.Tensor, state: _State, at: Integer) -> tuple[tf.Tensor, _State]:
        """(tokens before the step [rows], state, number of the step) -> logits [rows, vocabulary], state."""


def greedy(logits: tf.Tensor) -> tf.Tensor:
    """The likeliest token of each row, int32 [rows]."""
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def sample(
    logits: tf.Tensor, uniform: tf.Tensor, temperature: tf.Tensor, top_k: tf.Tensor, top_p: tf.Tensor
) -> tf.Tensor:
    """A token of each row, int32 [rows], drawn from softmax(logits / temperature) of those that are left.

    logits: [rows, vocabulary]. uniform: numbers in [0, 1) [rows], one for each row. temperature: 0 = the likeliest.
    top_k: how many of the likeliest are left, 0 = all. top_p: of these the likeliest that together are so likely or
    more (Holtzman et al. 2020, arXiv:1904.09751), 1 = all. At least the likeliest is left.
    """
    return tf.cond(  # the likeliest needs no sorting
        temperature < SMALLEST_TEMPERATURE,
        lambda: greedy(logits),
        lambda: _drawn(logits / tf.maximum(temperature, SMALLEST_TEMPERATURE), uniform, top_k, top_p),
    )


def _drawn(logits: tf.Tensor, uniform: tf.Tensor, top_k: tf.Tensor, top_p: tf.Tensor) -> tf.Tensor:
    """A token of each row from softmax(logits) of those that are left; see `sample`."""
    size = logits.shape[-1]
    ranked, tokens = tf.math.top_k(logits, size)
    shares = tf.nn.softmax(ranked)
    left = tf.range(size) < tf.where(top_k > 0, tf.minimum(top_k, size), size)
    shares = tf.where(left, shares, 0.0)
    shares /= tf.reduce_sum(shares, axis=-1, keepdims=True)
    before = tf.cumsum(shares, axis=-1, exclusive=True)
    shares = tf.where((before < top_p) | (tf.range(size) == 0), shares, 0.0)
    upto = tf.cumsum(shares, axis=-1)
    wanted = uniform[:, None] * upto[:, -1:]
    drawn = tf.minimum(tf.reduce_sum(tf.cast(upto <= wanted, tf.int32), axis=-1), size - 1)
    return tf.gather(tokens, drawn, batch_dims=1)


def extend(
    decoder: Steps[_State], tokens: tf.Tensor, given: tf.Tensor, until: Integer, choose: Choose, end: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Tokens int32 [rows, time], of which each row's first `given` [rows] stay, with chosen ones behind them.

    Steps number `until` or later, and those behind the token `end`, are 0. `end` is what a text begins with, too.
    Returns the tokens, and the logarithm of how likely the decoder finds those that were chosen, float32 [rows].
    """
    time = tokens.shape[1] or tf.shape(tokens)[1]
    rows = tokens.shape[0] or tf.shape(tokens)[0]
    places = tf.range(time)
    tokens = tf.where(places < given[:, None], tokens, 0)

    def unfinished(at: tf.Tensor, tokens: tf.Tensor, ended: tf.Tensor, *_: object) -> tf.Tensor:
        return (at < until) & ~tf.reduce_all(ended)

    def next_token(at: tf.Tensor, tokens: tf.Tensor, ended: tf.Tensor, likely: tf.Tensor, state: _State) -> tuple:
        before = tf.where(at > 0, tf.reduce_sum(tf.where(places == at - 1, tokens, 0), axis=-1), end)
        logits, state = decoder.step(before, state, at)
        own = tf.reduce_sum(tf.where(places == at, tokens, 0), axis=-1)
        is_chosen = (at >= given) & ~ended
        last = tf.where(is_chosen, choose(logits, at), own)
        likely += tf.where(is_chosen, -tf.nn.sparse_softmax_cross_entropy_with_logits(last, logits), 0.0)
        return at + 1, tf.where(places == at, last[:, None], tokens), ended | (last == end), likely, state

    start = (tf.constant(0), tokens, tf.zeros([rows], tf.bool), tf.zeros([rows]), decoder.start(rows))
    _, tokens, _, likely, _ = tf.while_loop(unfinished, next_token, start, parallel_iterations=1)
    return tokens, likely
