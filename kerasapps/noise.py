"""Noise that is a pure function of (seed, step, name), the same in every plan of execution."""

import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

import tensorflow as tf

from kerasapps.tensors import Integer

_Shape: TypeAlias = Sequence[Integer] | tf.Tensor

AUGMENT = "augment/"
"""Prefix of the names of augmentation's noise."""


@dataclass(frozen=True)
class Noise:
    """The noise of one step, and which rows of its batch this is for. `step` may be a tensor.

    prefix: of all names; keeps apart what draws for itself.
    rows: of the whole batch, of which a replica or a micro-batch has those from `first` (may be a tensor) on, and
        takes their noise; 0 = all are here.
    present: 0 for rows that only pad the batch, else 1, float32 [batch]; None = no row is padding.

    The generator is Philox (Salmon et al. 2011): seed and name are its key, the step is the upper half of its counter.
    Of TensorFlow only its integers are taken: tf.random.stateless_uniform and its like choose a generator, mix the
    seed and make floats of integers in other ways under XLA than in graph mode. The first rows of a longer batch have
    the numbers of the shorter one.
    """

    seed: int
    step: Integer
    prefix: str = ""
    first: Integer = 0
    rows: int = 0
    present: tf.Tensor | None = None

    def _integers(self, name: str, shape: _Shape) -> tf.Tensor:
        """uint32 of `shape`, whose first axis is that of the rows."""
        if not self.rows:
            return self._philox(name, shape)
        rest = tf.convert_to_tensor(shape, tf.int32)[1:]
        whole = self._philox(name, tf.concat([[self.rows], rest], 0))
        return tf.slice(whole, tf.concat([[self.first], tf.zeros_like(rest)], 0), shape)

    def _philox(self, name: str, shape: _Shape) -> tf.Tensor:
        key = (self.seed & 0xFFFFFFFF) << 32 | zlib.crc32(f"{self.prefix}{name}".encode())
        return tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=tf.convert_to_tensor(shape, tf.int32),
            key=tf.constant([key], tf.uint64),
            counter=tf.stack([tf.constant(0, tf.uint64), tf.cast(self.step, tf.uint64)]),
            alg=tf.random.Algorithm.PHILOX.value,
            dtype=tf.uint32,
        )

    def uniform(self, name: str, shape: _Shape) -> tf.Tensor:
        """Uniform float32 in [0, 1) of `shape`: multiples of 2^-24, the same bits in every mode."""
        return (
            tf.cast(tf.bitwise.right_shift(self._integers(name, shape), tf.constant(8, tf.uint32)), tf.float32) / 2**24
        )

    def normal(self, name: str, shape: _Shape) -> tf.Tensor:
        """Standard normal float32 of `shape`, the same to rounding in every mode. Box & Muller 1958."""
        radius, angle = tf.unstack(
            self.uniform(name, tf.concat([tf.convert_to_tensor(shape, tf.int32), [2]], 0)), axis=-1
        )
        return tf.sqrt(-2 * tf.math.log(1 - radius)) * tf.cos(2 * math.pi * angle)


NO_STEP = Noise(0, 0)
"""The noise of what is no step of training: the same every time."""

_step_noise: ContextVar[Noise | None] = ContextVar("step_noise", default=None)


@contextmanager
def step_noise(noise: Noise) -> Iterator[None]:
    """Within it `current_noise` is `noise`: layers have no other way to know the step that they are part of."""
    token = _step_noise.set(noise)
    try:
        yield
    finally:
        _step_noise.reset(token)


def evaluation_noise() -> Noise:
    """The noise of an evaluation: that of no step, or the part of it for the rows that a replica has of a batch."""
    return current_noise() or NO_STEP


def current_noise() -> Noise | None:
    """The Noise of the step that is being computed; None outside the engine, as under keras.Model.fit."""
    return _step_noise.get()
