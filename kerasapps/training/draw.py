"""Noise that is a pure function of (seed, step, name), the same in every plan of execution."""

import zlib
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

AUGMENT = "augment/"
"""Prefix of the names of augmentation's noise."""


@dataclass(frozen=True)
class Draw:
    """The noise of one step. `step` may be a tensor. `prefix` of all names keeps apart what draws for itself.

    The generator is Philox, named explicitly, because TensorFlow's automatic choice gives other numbers
    under XLA than in graph mode.
    """

    seed: int
    step: Any
    prefix: str = ""

    def _key(self, name: str) -> tf.Tensor:
        key = (self.seed ^ zlib.crc32(f"{self.prefix}{name}".encode())) & 0x7FFFFFFF
        return tf.stack([tf.constant(key, tf.int32), tf.cast(self.step, tf.int32)])

    def normal(self, name: str, shape: Any) -> tf.Tensor:
        """Standard normal float32 of `shape`."""
        return tf.random.stateless_normal(shape, self._key(name), alg="philox")

    def uniform(self, name: str, shape: Any) -> tf.Tensor:
        """Uniform float32 in [0, 1) of `shape`."""
        return tf.random.stateless_uniform(shape, self._key(name), alg="philox")
