"""The convolutional network has the shape it states, for every size of image, and reads MNIST."""

import statistics

import keras
import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, classes
from layouts import one_field

import kerasapps
from kerasapps.apps.cnn import APP, padding_of, smallest_valid_image
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError


def image_layout(side: int, channels: int, number: int = 10) -> Layout:
    return one_field("image", (side, side, channels), classes(number))


def test_parameters_of_conv32_conv64_conv64_dense64() -> None:
    """28 -conv-> 26 -pool-> 13 -conv-> 11 -pool-> 5 -conv-> 3, so that the dense layer sees 3 * 3 * 64 inputs."""
    parts, _ = build(APP, image_layout(28, 1))
    expected = (9 * 32 + 32) + (9 * 32 * 64 + 64) + (9 * 64 * 64 + 64) + (576 * 64 + 64) + (64 * 10 + 10)
    assert sum(np.prod(v.shape) for v in parts["model"].trainable_variables) == expected == 93_322


def test_colour_images_of_64_pixels_need_no_padding() -> None:
    """64 -conv-> 62 -pool-> 31 -conv-> 29 -pool-> 14 -conv-> 12."""
    parts, hparams = build(APP, image_layout(64, 3))
    assert hparams.padding == "auto" and padding_of(hparams, image_layout(64, 3)) == "valid"
    assert parts["model"].get_layer("flatten").output.shape == (None, 12 * 12 * 64)
    assert parts["model"].get_layer("conv_1").kernel.shape == (3, 3, 3, 32)


@pytest.mark.parametrize(("side", "channels"), [(4, 1), (8, 1), (17, 1), (18, 1), (32, 3), (64, 3)])
def test_images_of_every_size(side: int, channels: int) -> None:
    tiny = {name: value for name, value in APP.tiny.items() if name != "epochs"}
    parts, _ = build(APP, image_layout(side, channels, 5), **tiny)
    assert parts["model"](tf.zeros([2, side, side, channels])).shape == (2, 5)


def test_the_smallest_unpadded_image() -> None:
    assert [smallest_valid_image(convolutions) for convolutions in (1, 2, 3)] == [3, 8, 18]


def test_images_too_small_for_unpadded_convolutions_name_the_sizes_that_work() -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=r"3 convolutions.*at least 18x18 pixels, got 8x8.*auto or same"):
            build(APP, image_layout(8, 1), builder, padding="valid")
        build(APP, image_layout(8, 1), builder, padding="valid", filters=(2, 2))


@pytest.mark.parametrize("given", [(), [], "8", 8, (0,), (2.5,), ("8",)])
def test_filters_that_make_no_network_are_refused(given) -> None:
    with pytest.raises(ConfigError, match=r"^filters="):
        APP.hparams(filters=given)


def test_the_first_block_is_a_convolution_a_relu_and_a_maximum() -> None:
    """Against windows of 3x3 and of 2x2 pixels, multiplied and compared in NumPy."""
    random = np.random.default_rng(0)
    image, kernel = random.normal(size=(8, 8)), random.normal(size=(3, 3))
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    convolved = np.maximum((windows * kernel).sum(axis=(2, 3)) + 0.5, 0)
    pooled = convolved.reshape(3, 2, 3, 2).max(axis=(1, 3))
    parts, _ = build(APP, image_layout(8, 1, 2), filters=(1, 1), padding="valid")
    model = parts["model"]
    model.get_layer("conv_1").set_weights([kernel[:, :, None, None], np.array([0.5])])
    block = keras.Model(model.inputs[0], model.get_layer("pool_1").output)
    np.testing.assert_allclose(block(image[None, :, :, None])[0, :, :, 0], pooled, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_mnist(tmp_path) -> None:
    runs = [kerasapps.train("cnn", data="mnist_5k", seed=s, run_dir=str(tmp_path / str(s))) for s in range(5)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["mnist_5k"].at_least
