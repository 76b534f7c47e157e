"""Operations on images against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from kerasapps.data import image_operations

RANDOM = np.random.default_rng(0)


def some(height: int = 7, width: int = 7, channels: int = 2, batch: int = 3) -> np.ndarray:
    return RANDOM.uniform(size=(batch, height, width, channels)).astype(np.float32)


def warp(values: np.ndarray, degrees: float = 0, scale: float = 1, shift: tuple = (0, 0)) -> np.ndarray:
    """The same for all images."""
    number = len(values)
    angles, scales = tf.fill([number], np.float32(np.radians(degrees))), tf.fill([number], np.float32(scale))
    return image_operations.warp(tf.constant(values), angles, scales, tf.constant([shift] * number, tf.float32)).numpy()


@pytest.mark.parametrize("shift", [(0, 0), (2, 0), (0, -3), (-1, 4), (7, 0), (0, 9)])
def test_a_shift_by_whole_pixels_is_a_roll_filled_with_zeros(shift: tuple) -> None:
    values = some(6, 8)
    padded = np.pad(values, ((0, 0), (10, 10), (10, 10), (0, 0)))
    expected = np.roll(padded, shift, axis=(1, 2))[:, 10:-10, 10:-10]
    np.testing.assert_array_equal(warp(values, shift=shift), expected)


@pytest.mark.parametrize("side", [6, 7])
@pytest.mark.parametrize("turns", [-1, 1, 2])
def test_quarter_turns(side: int, turns: int) -> None:
    values = some(side, side)
    np.testing.assert_allclose(warp(values, 90 * turns), np.rot90(values, turns, axes=(1, 2)), atol=1e-5)


@pytest.mark.parametrize(("degrees", "scale", "shift"), [(30, 1, (0, 0)), (-70, 1.3, (0.4, -1.7)), (5, 0.6, (2.5, 1))])
def test_warps_are_those_of_scipy(degrees: float, scale: float, shift: tuple) -> None:
    """Of SciPy's, which maps places of the result to the image: undo the shift, the scale and the rotation."""
    values, angle = some(9, 6), np.radians(degrees)
    back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / scale
    centre = np.array([4.0, 2.5])
    offset = centre - back @ (centre + shift)
    got = warp(values, degrees, scale, shift)
    for index in np.ndindex(3, 2):
        channel = values[index[0], ..., index[1]]
        expected = scipy.ndimage.affine_transform(channel, back, offset, order=1, mode="grid-constant")
        np.testing.assert_allclose(got[index[0], ..., index[1]], expected, atol=1e-5)


def test_every_image_is_warped_by_its_own_numbers() -> None:
    values = some(batch=2)
    angles, scales, shifts = tf.constant([0.0, np.pi]), tf.constant([1.0, 1.0]), tf.constant([[1.0, 0.0], [0.0, 0.0]])
    got = image_operations.warp(tf.constant(values), angles, scales, shifts).numpy()
    np.testing.assert_array_equal(got[0, 1:], values[0, :-1])
    np.testing.assert_allclose(got[1], values[1, ::-1, ::-1], atol=1e-5)


def test_a_scale_of_one_is_the_identity_and_two_enlarges() -> None:
    values = some()
    np.testing.assert_array_equal(warp(values, scale=1), values)
    np.testing.assert_allclose(warp(values, scale=2)[:, 1:-1:2, 1:-1:2], values[:, 2:5, 2:5], atol=1e-6)


@pytest.mark.parametrize("axis", [1, 2])
def test_only_the_chosen_are_flipped(axis: int) -> None:
    values = some(5, 4)
    got = image_operations.flip(tf.constant(values), tf.constant([True, False, True]), axis)
    expected = np.where(np.array([1, 0, 1])[:, None, None, None] == 1, np.flip(values, axis), values)
    np.testing.assert_array_equal(got, expected)


def test_crops_are_windows_of_the_padded_image() -> None:
    values, corners = some(5, 6), [(0, 0), (4, 3), (2, 2)]
    padded = np.pad(values, ((0, 0), (2, 2), (2, 2), (0, 0)))
    expected = [padded[i, r : r + 5, c : c + 6] for i, (r, c) in enumerate(corners)]
    np.testing.assert_array_equal(
        image_operations.crop(tf.constant(values), tf.constant(corners), 2), np.stack(expected)
    )


@pytest.mark.parametrize("side", [1, 3, 4])
def test_a_square_is_cut_out_as_far_as_it_lies_inside(side: int) -> None:
    values, centres = 1 + some(9, 8), [(4, 4), (0, 0), (8, 5)]
    expected = values.copy()
    for image, (row, column) in zip(expected, centres, strict=True):
        top, left = row - side // 2, column - side // 2
        image[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
    got = image_operations.cut_out(tf.constant(values), tf.constant(centres, tf.float32), side).numpy()
    np.testing.assert_array_equal(got, expected)
    assert (got[0] == 0).all(axis=-1).sum() == side**2


def test_contrast_scales_the_differences_from_each_channels_mean() -> None:
    values, factors = some(), np.array([0.0, 1.0, 1.7], np.float32)
    means = values.astype(np.float64).mean(axis=(1, 2), keepdims=True)
    expected = means + (values - means) * factors[:, None, None, None]
    np.testing.assert_allclose(
        image_operations.contrast(tf.constant(values), tf.constant(factors)), expected, atol=1e-6
    )
