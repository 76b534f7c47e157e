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

    The generator is Philox (Salmon et al. 2011): seed and name are its key, the step is the upper half of its counter.
    They are given to it as they are, because tf.random.stateless_normal and its like first mix them into another
    key, in which XLA and graph mode differ, as they do in the choice of a generator.
    """

    seed: int
    step: Any
    prefix: str = ""

    def _arguments(self, name: str, shape: Any) -> dict[str, Any]:
        key = (self.seed & 0xFFFFFFFF) << 32 | zlib.crc32(f"{self.prefix}{name}".encode())
        return {
            "shape": tf.convert_to_tensor(shape, tf.int32),
            "key": tf.constant([key], tf.uint64),
            "counter": tf.stack([tf.constant(0, tf.uint64), tf.cast(self.step, tf.uint64)]),
            "alg": tf.random.Algorithm.PHILOX.value,
        }

    def normal(self, name: str, shape: Any) -> tf.Tensor:
        """Standard normal float32 of `shape`."""
        return tf.raw_ops.StatelessRandomNormalV2(**self._arguments(name, shape))

    def uniform(self, name: str, shape: Any) -> tf.Tensor:
        """Uniform float32 in [0, 1) of `shape`."""
        return tf.raw_ops.StatelessRandomUniformV2(**self._arguments(name, shape))
