"""Dropout: as many elements as asked, from the engine's noise within a step, Keras's own outside of one."""

import numpy as np
import tensorflow as tf

from kerasapps.layers.dropout import Dropout
from kerasapps.noise import Noise, step_noise

ONES = tf.ones([64, 50])


def dropped(noise: Noise, key: str = "model/dropout", rows: int = 64) -> np.ndarray:
    """What a layer of this key makes of ones within a step."""
    layer = Dropout(0.3)
    layer.noise_key = key
    with step_noise(noise):
        return layer(ONES[:rows], training=True).numpy()


def test_the_fraction_that_is_dropped_and_the_size_of_what_is_kept() -> None:
    values = dropped(Noise(1, 2))
    kept = values != 0
    assert abs(kept.mean() - 0.7) < 4 * np.sqrt(0.3 * 0.7 / kept.size)
    np.testing.assert_allclose(values[kept], 1 / 0.7, rtol=1e-6)


def test_the_mask_is_that_of_seed_step_and_key() -> None:
    first = dropped(Noise(1, 2))
    np.testing.assert_array_equal(first, dropped(Noise(1, 2)))
    for other in (dropped(Noise(1, 3)), dropped(Noise(2, 2)), dropped(Noise(1, 2), key="model/other")):
        assert np.mean((first != 0) != (other != 0)) > 0.3


def test_a_part_of_a_batch_has_the_mask_of_its_rows() -> None:
    part = dropped(Noise(1, 2, first=tf.constant(16), rows=64), rows=8)
    np.testing.assert_array_equal(part, dropped(Noise(1, 2))[16:24])


def test_nothing_is_dropped_outside_of_training() -> None:
    with step_noise(Noise(1, 2)):
        np.testing.assert_array_equal(Dropout(0.3)(ONES, training=False), ONES)


def test_outside_of_the_engine_it_is_keras_own() -> None:
    layer = Dropout(0.3, seed=4)
    first, second = layer(ONES, training=True).numpy(), layer(ONES, training=True).numpy()
    assert np.mean((first != 0) != (second != 0)) > 0.3
    assert abs((first != 0).mean() - 0.7) < 0.05
