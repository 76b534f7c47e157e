"""Penalties on the kernels of models: L1 and L2."""

import keras
import tensorflow as tf

from kerasapps.hparams import Hparams
from kerasapps.tensors import Regularizer


def kernel_regularizer(hparams: Hparams) -> Regularizer:
    """l1 * sum|w| + l2 * sum w^2 of a kernel, or None where both are 0."""
    return keras.regularizers.L1L2(hparams.l1, hparams.l2) if hparams.l1 or hparams.l2 else None


def penalties(*models: keras.Model) -> tf.Tensor:
    """Sum of the models' regularization losses, a scalar."""
    sums = [tf.add_n([tf.cast(loss, tf.float32) for loss in model.losses]) for model in models if model.losses]
    return tf.add_n(sums) if sums else tf.constant(0.0)
