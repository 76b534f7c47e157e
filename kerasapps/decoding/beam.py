"""Texts by beam search: the likeliest that are found by keeping a few at each step."""

from typing import Any, TypeVar

import tensorflow as tf

from kerasapps.data.tokenizers import END, PADDING
from kerasapps.decoding.sampling import Steps

_State = TypeVar("_State")
NEVER = -1e9
"""Added to the log-probability of what cannot be."""


def normalised(likely: tf.Tensor, lengths: tf.Tensor, penalty: float) -> tf.Tensor:
    """Log-probabilities divided by ((5 + length) / 6)^penalty (Wu et al. 2016, arXiv:1609.08144, eq. 14).

    Without it shorter texts win, because each token makes a text less likely. 0 = not divided.
    """
    return likely / ((5.0 + tf.cast(lengths, tf.float32)) / 6.0) ** penalty


def beam_search(
    decoder: Steps[_State], rows: tf.Tensor, length: int, beams: int, penalty: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best texts of `rows` rows, tokens int32 [rows, length] with END behind them, and their scores [rows].

    decoder: of rows * beams rows, those of one row side by side. A score is the log-probability, normalised. A text
    that has ended stays in its beam as it is until a better one takes its place.
    """
    state = decoder.start(rows * beams)
    tokens = tf.zeros([rows, beams, length], tf.int32)
    likely = tf.tile([[0.0] + [NEVER] * (beams - 1)], [rows, 1])  # all begin alike: only one of them counts
    lengths, last = tf.zeros([rows, beams], tf.int32), tf.fill([rows, beams], END)
    ended = tf.zeros([rows, beams], tf.bool)

    def unfinished(at: tf.Tensor, tokens: tf.Tensor, likely: tf.Tensor, ended: tf.Tensor, *_: object) -> tf.Tensor:
        return (at < length) & ~tf.reduce_all(ended)

    def grow(at: tf.Tensor, tokens: tf.Tensor, likely: tf.Tensor, *others: Any) -> tuple:
        ended, lengths, last, state = others
        logits, state = decoder.step(tf.reshape(last, [-1]), state, at)
        logs = tf.reshape(tf.nn.log_softmax(logits), [rows, beams, logits.shape[-1]])
        kept, chosen, likely, ended, lengths = _best(logs, likely, ended, lengths, penalty)
        tokens = tf.where(tf.range(length) == at, chosen[..., None], tf.gather(tokens, kept, batch_dims=1))
        return at + 1, tokens, likely, ended, lengths, chosen, tf.nest.map_structure(lambda x: _of(x, kept), state)

    start = (tf.constant(0), tokens, likely, ended, lengths, last, state)
    _, tokens, likely, _, lengths, *_ = tf.while_loop(unfinished, grow, start, parallel_iterations=1)
    scores = normalised(likely, lengths, penalty)
    best = tf.argmax(scores, axis=-1, output_type=tf.int32)
    return tf.gather(tokens, best, batch_dims=1), tf.gather(scores, best, batch_dims=1)


def _best(
    logs: tf.Tensor, likely: tf.Tensor, ended: tf.Tensor, lengths: tf.Tensor, penalty: float
) -> tuple[tf.Tensor, ...]:
    """Which beams go on, with which token, and their log-probabilities, whether they ended, and lengths [rows, beams].

    logs: of each beam's next token [rows, beams, vocabulary]. What has ended goes on with padding alone.
    """
    rows, (beams, size) = tf.shape(logs)[0], logs.shape[1:]
    frozen = tf.where(tf.range(size) == PADDING, 0.0, NEVER)
    never_padding = tf.where(tf.range(size) == PADDING, NEVER, 0.0)
    logs = tf.where(ended[..., None], frozen, logs + never_padding)
    totals = likely[..., None] + logs
    longer = lengths[..., None] + tf.where(ended, 0, 1)[..., None]
    ranked = tf.reshape(normalised(totals, longer, penalty), [rows, beams * size])
    places = tf.math.top_k(ranked, beams).indices
    kept, chosen = places // size, places % size
    likely = tf.gather(tf.reshape(totals, [rows, beams * size]), places, batch_dims=1)
    before, lengths = (tf.gather(each, kept, batch_dims=1) for each in (ended, lengths))
    return kept, chosen, likely, before | (chosen == END), lengths + tf.where(before, 0, 1)


def _of(values: tf.Tensor, kept: tf.Tensor) -> tf.Tensor:
    """Of values [rows * beams * n, ...] those of the beams that go on, [rows, beams] numbers of beams."""
    apart = tf.reshape(values, [*tf.unstack(tf.shape(kept)), -1])
    return tf.reshape(tf.gather(apart, kept, batch_dims=1), tf.shape(values))
