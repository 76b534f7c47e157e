"""Mixup and cutmix: each row of a batch mixed with another, its label too.

A mixed batch has other_labels, like labels, and mix, float32 [batch]: the weight of the first label.
"""

import math

import tensorflow as tf

from kerasapps.data.image_operations import inside, per_image
from kerasapps.data.spec import Batch


def beta(alpha: float, first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Beta(alpha, alpha) from two uniform tensors in [0, 1), exactly and without rejection.

    With t = sqrt(n (u^(-2/n) - 1)) cos(2 pi v), which has Student's distribution of n degrees of freedom (Bailey 1994),
    1/2 + t / (2 sqrt(n + t^2)) is Beta(n/2, n/2).
    """
    power = tf.pow(1 - first, 1 / alpha)
    cosine = tf.cos(2 * math.pi * second)
    squared = (1 - power) * tf.square(cosine)  # t^2, and below n + t^2, both times u^(2/n) / n: so nothing overflows
    return 0.5 + 0.5 * tf.sign(cosine) * tf.sqrt(squared / (squared + power))


def partners(counts: tf.Tensor, keys: tf.Tensor) -> tf.Tensor:
    """The row that each row is mixed with, int32 [batch]: one random cycle through all rows that count.

    So no row is mixed with itself but a single one, and rows of padding only with themselves. keys: uniform [batch].
    """
    number, rows = tf.reduce_sum(tf.cast(counts > 0, tf.int32)), tf.range(tf.shape(keys)[0])
    order = tf.argsort(tf.where(counts > 0, keys, 2.0), stable=True)
    place = tf.argsort(order)
    following = tf.gather(order, tf.math.floormod(place + 1, tf.maximum(number, 1)))
    return tf.where(counts > 0, following, rows)


def mixup(batch: Batch, weights: tf.Tensor, others: tf.Tensor) -> Batch:
    """weights * inputs + (1 - weights) * inputs of `others`. Zhang et al. 2018, with a weight for every row.

    weights: float32 [batch]. others: int32 [batch].
    """
    images, weight = batch["inputs"], per_image(weights)
    mixed = weight * images + (1 - weight) * tf.gather(images, others)
    return _with_labels(batch, mixed, weights, others)


def cutmix(batch: Batch, weights: tf.Tensor, centres: tf.Tensor, others: tf.Tensor) -> Batch:
    """A rectangle of the other image pasted over each image. Yun et al. 2019, algorithm 1, for every row.

    Its sides are those of the image times sqrt(1 - weights), in whole pixels, as much as lies inside round `centres`
    (float32 [batch, 2], a whole row and column). The mix is the share of the pixels that were not pasted over.
    """
    images = batch["inputs"]
    sides = tf.floor(tf.sqrt(1 - weights)[:, None] * tf.constant(list(images.shape[1:3]), tf.float32))
    starts = centres - tf.floor(sides / 2)
    pasted = inside(images.shape, starts, starts + sides)
    mixed = tf.where(pasted > 0, tf.gather(images, others), images)
    return _with_labels(batch, mixed, 1 - tf.reduce_mean(pasted, axis=[1, 2, 3]), others)


def _with_labels(batch: Batch, inputs: tf.Tensor, mix: tf.Tensor, others: tf.Tensor) -> Batch:
    return {**batch, "inputs": inputs, "mix": mix, "other_labels": tf.gather(batch["labels"], others)}
