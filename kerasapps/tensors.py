"""Types that annotations name where tensors are taken or given.

Modules that are imported without TensorFlow take them from here for type checkers alone.
"""

from typing import TypeAlias

import keras
import numpy as np
import tensorflow as tf

Tensor: TypeAlias = tf.Tensor | keras.KerasTensor
"""What layers and models take and give: numbers, or what stands for them while Keras records a functional model."""

Values: TypeAlias = tf.Tensor | np.ndarray
"""Numbers in memory: operations of TensorFlow take arrays of NumPy as they are."""

Integer: TypeAlias = int | tf.Tensor
"""A whole number; a tensor where it is not known before the graph is run."""

Shape: TypeAlias = tuple[int | None, ...]
"""As Keras tells layers; None where the size of an axis is not known."""

Regularizer: TypeAlias = keras.regularizers.Regularizer | None
"""Of a kernel; None = none."""

GivenRegularizer: TypeAlias = keras.regularizers.Regularizer | dict[str, object] | str | None
"""What Keras makes a regularizer of: itself, what it was serialized to, or its name."""
