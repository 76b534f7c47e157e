"""Cross-entropy of tokens, with label smoothing."""

import tensorflow as tf

from kerasapps.tensors import Values


def cross_entropy(labels: Values, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """Labels int32 [batch, time], logits [batch, time, V] -> nats [batch, time] float32.

    smoothing: share of each label that is spread evenly over all V classes (Szegedy et al. 2016, arXiv:1512.00567,
    section 7).
    """
    logits = tf.cast(logits, tf.float32)
    values = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    if not smoothing:
        return values
    even = tf.reduce_logsumexp(logits, axis=-1) - tf.reduce_mean(logits, axis=-1)
    return (1 - smoothing) * values + smoothing * even
