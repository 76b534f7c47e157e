"""Steps of images: patches against slices of NumPy arrays, rows against a reshaped array."""

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.errors import ConfigError
from kerasapps.layers.patches import steps_of_image

IMAGES = np.random.default_rng(0).random((2, 6, 9, 2)).astype(np.float32)


def steps_of(patch_size: int | None) -> np.ndarray:
    """What the layers make of IMAGES."""
    x = tf.constant(IMAGES)
    for layer in steps_of_image(IMAGES.shape[1:], patch_size):
        x = layer(x)
    return x.numpy()


@pytest.mark.parametrize("size", [1, 3])
def test_patches_are_slices_row_by_row(size: int) -> None:
    corners = [(top, left) for top in range(0, 6, size) for left in range(0, 9, size)]
    slices = [IMAGES[:, top : top + size, left : left + size].reshape(2, -1) for top, left in corners]
    np.testing.assert_array_equal(steps_of(size), np.stack(slices, axis=1))


def test_without_patches_rows_are_the_steps() -> None:
    np.testing.assert_array_equal(steps_of(None), IMAGES.reshape(2, 6, 18))


@pytest.mark.parametrize(
    ("shape", "size", "divisors"), [((28, 20, 1), 5, "1, 2, 4"), ((9, 9, 3), 6, "1, 3, 9"), ((7, 5, 1), 7, "1")]
)
def test_patches_that_do_not_fill_an_image_name_those_that_do(shape: tuple, size: int, divisors: str) -> None:
    with pytest.raises(ConfigError) as caught:
        steps_of_image(shape, size)
    assert str(caught.value) == (
        f"patch_size={size} does not divide images of {shape[0]}x{shape[1]} pixels. Expected a divisor of both: "
        f"{divisors}; or none, which takes the rows as steps."
    )
