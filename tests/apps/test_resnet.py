"""The residual network is the paper's: its size, its stages, its blocks and shortcuts, with either normalization."""

import statistics

import by_hand
import keras
import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, classes
from layouts import one_field

import kerasapps
from kerasapps.app import Update
from kerasapps.apps.resnet import APP, Block, block_layers
from kerasapps.data.spec import Layout
from kerasapps.engine.step import gradients
from kerasapps.errors import ConfigError
from kerasapps.layers import stacks
from kerasapps.layers.residual import shortcut
from kerasapps.noise import Noise

RANDOM = np.random.default_rng(0)
TINY = {"depth": 8, "width": 2}


def image_layout(height: int, width: int, channels: int, number: int = 10) -> Layout:
    return one_field("image", (height, width, channels), classes(number))


def parameters(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def test_parameters_of_resnet_20() -> None:
    """19 convolutions without biases, a scale and a shift for each of their channels, and 64 averages to 10 classes.

    Table 6 of the paper says 0.27M, of CIFAR-10's 32x32x3 images.
    """
    first = 9 * 3 * 16
    stages = 6 * (9 * 16 * 16) + (9 * 16 * 32 + 5 * 9 * 32 * 32) + (9 * 32 * 64 + 5 * 9 * 64 * 64)
    normalizations = 2 * (7 * 16 + 6 * 32 + 6 * 64)
    expected = first + stages + normalizations + (64 * 10 + 10)
    hparams = APP.hparams(depth=20, width=16, stem_strides=1)
    model = APP.builders["functional"](hparams, image_layout(32, 32, 3))["model"]
    assert parameters(model) == expected == 269_722


def test_the_default_is_small_and_begins_as_he_et_al_say() -> None:
    """Weights before a rectifier have the variance 2 / inputs; here 9 * 128 inputs, 147,456 weights."""
    model = APP.builders["functional"](APP.hparams(), image_layout(28, 28, 1))["model"]
    assert parameters(model) == 9 * (32 + 2 * 32**2 + 32 * 64 + 64**2 + 64 * 128 + 128**2) + 2 * 480 + 1290 <= 300_000
    kernel = np.asarray(model.get_layer("stage_3_block_1_conv_2").kernel)
    assert kernel.std() == pytest.approx(np.sqrt(2 / (9 * 128)), rel=0.02)
    assert abs(kernel.mean()) < 4 * kernel.std() / np.sqrt(kernel.size)


@pytest.mark.parametrize(
    ("size", "stem_strides", "stages"),
    [
        ((28, 28), 1, [(28, 28), (14, 14), (7, 7)]),
        ((28, 28), 2, [(14, 14), (7, 7), (4, 4)]),
        ((32, 32), 1, [(32, 32), (16, 16), (8, 8)]),
        ((3, 9), 1, [(3, 9), (2, 5), (1, 3)]),
        ((5, 8), 2, [(3, 4), (2, 2), (1, 1)]),
    ],
)
def test_stages_halve_the_image_and_double_the_channels(size: tuple, stem_strides: int, stages: list) -> None:
    hparams = APP.hparams(**TINY, stem_strides=stem_strides)
    model = APP.builders["functional"](hparams, image_layout(*size, 3, 5))["model"]
    outputs = [model.get_layer(f"stage_{stage}_block_1_norm_2").output for stage in (1, 2, 3)]
    assert [output.shape[1:] for output in outputs] == [(*s, 2 * 2**i) for i, s in enumerate(stages)]
    assert model.output.shape[1:] == (5,)


def convolved(x: np.ndarray, kernel: np.ndarray, strides: int) -> np.ndarray:
    """x [batch, H, W, C] by windows of 3x3 pixels; at an even size and strides 2 the border of zeros is at the end."""
    before = [0 if strides == 2 and size % 2 == 0 else 1 for size in x.shape[1:3]]
    padded = np.pad(x, [(0, 0), *((number, 1) for number in before), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::strides, ::strides]
    return np.einsum("nhwcij,ijcd->nhwd", windows, kernel)


def normalized(x: np.ndarray, kind: str, scale: np.ndarray, shift: np.ndarray, moving: list) -> np.ndarray:
    """Twelve channels by the moving averages, or by the batch; or each row by 3 groups of 4 neighbouring channels."""
    if kind == "group":
        groups = x.reshape(*x.shape[:3], 3, 4)
        mean, variance = (f(groups, axis=(1, 2, 4), keepdims=True) for f in (np.mean, np.var))
        return ((groups - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape) * scale + shift
    mean, variance = moving or (x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2)))
    return (x - mean) / np.sqrt(variance + 1e-5) * scale + shift


@pytest.mark.parametrize(("kind", "training"), [("batch", True), ("batch", False), ("group", False)])
@pytest.mark.parametrize(("channels", "strides"), [(12, 1), (6, 2)])
def test_a_block_is_that_of_the_paper(kind: str, training: bool, channels: int, strides: int) -> None:
    """relu(shortcut + norm(conv(relu(norm(conv))))) in NumPy; the shortcut is x, or every other pixel and zeros."""
    x = RANDOM.normal(size=(3, 6, 5, channels)).astype(np.float32)
    inputs, layers = (
        keras.Input(x.shape[1:], name="inputs"),
        block_layers(Block("block", 12, strides), "inputs", kind, None),
    )
    block = stacks.subclassed({"block": stacks.Stack([inputs], layers)})["block"]
    block.set_weights([RANDOM.uniform(0.5, 1.5, weight.shape) - (weight.name == "kernel") for weight in block.weights])
    weights = [np.asarray(weight, np.float64) for weight in block.get_weights()]
    half = len(weights) // 2
    y = x
    for number, (kernel, scale, shift, *moving) in enumerate((weights[:half], weights[half:])):
        y = convolved(np.maximum(y, 0) if number else y, kernel, 1 if number else strides)
        y = normalized(y, kind, scale, shift, [] if training else moving)
    kept = x if strides == 1 else np.concatenate([x[:, 1::2, ::2], np.zeros((3, 3, 3, 6))], axis=-1)
    np.testing.assert_allclose(block(x, training=training), np.maximum(kept + y, 0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(4, 4), (5, 5), (7, 6), (2, 3)])
def test_a_halving_shortcut_is_the_convolution_that_copies_its_middle(size: tuple) -> None:
    x = RANDOM.normal(size=(2, *size, 3)).astype(np.float32)
    kernel = np.zeros((3, 3, 3, 5), np.float32)
    kernel[1, 1] = np.eye(3, 5)
    np.testing.assert_array_equal(shortcut(tf.constant(x), 5, 2), tf.nn.conv2d(x, kernel, 2, "SAME"))


@pytest.mark.parametrize(
    ("depth", "nearest"),
    [(-5, "8"), (0, "8"), (2, "8"), (7, "8"), (9, "8 or 14"), (18, "14 or 20"), (111, "110 or 116")],
)
def test_other_depths_name_the_nearest(depth: int, nearest: str) -> None:
    with pytest.raises(ConfigError, match=rf"^depth={depth}: expected 6n\+2 with n >= 1, such as {nearest}\.$"):
        APP.hparams(depth=depth)
    assert all(APP.hparams(depth=int(valid)).depth == int(valid) for valid in nearest.split(" or "))


def test_images_too_small_to_be_halved_name_the_size_that_works() -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=r"stem_strides=2 .*at least 5x5 pixels, got 9x4.*stem_strides 1, or"):
            build(APP, image_layout(9, 4, 1), builder, **TINY)
        with pytest.raises(ConfigError, match=r"stem_strides=1 .*at least 3x3 pixels, got 2x2\. Give larger images"):
            build(APP, image_layout(2, 2, 1), builder, **TINY, stem_strides=1)


@pytest.mark.parametrize("normalization", ["batch", "group"])
def test_an_image_is_classified_alike_whatever_its_neighbours(normalization: str) -> None:
    model = build(APP, image_layout(8, 8, 1), **TINY, normalization=normalization)[0]["model"]
    images = tf.constant(RANDOM.normal(size=(5, 8, 8, 1)), tf.float32)
    np.testing.assert_allclose(model(images)[:1], model(images[:1]), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_group_normalization_keeps_the_laws() -> None:
    """Both builders are one model, and XLA computes what the graph does, to 1e-5 of each gradient's largest element."""
    layout = image_layout(10, 9, 1, 3)
    rows = by_hand.batch(RANDOM.normal(size=(8, 10, 9, 1)), np.arange(8) % 3)
    built = [build(APP, layout, builder, **TINY, normalization="group") for builder in APP.builders]
    built[1][0]["model"].set_weights(built[0][0]["model"].get_weights())
    first, second = (APP.task(*one, layout).updates()[0] for one in built)
    expected = compiled_gradients(first, rows, jit_compile=False)
    for others in (compiled_gradients(first, rows, jit_compile=True), compiled_gradients(second, rows, False)):
        for gradient, other in zip(expected, others, strict=True):
            largest = float(np.max(np.abs(gradient)))
            assert largest > 1e-3
            np.testing.assert_allclose(other, gradient, rtol=0, atol=1e-5 * largest)


def compiled_gradients(update: Update, rows: dict, jit_compile: bool) -> list[tf.Tensor]:
    """Gradients of the update on these rows, by the graph or by XLA."""
    return tf.function(lambda: gradients(update, rows, Noise(0, 0))[0], jit_compile=jit_compile, autograph=False)()


@pytest.mark.slow
def test_mnist(tmp_path) -> None:
    runs = [kerasapps.train("resnet", data="mnist_5k", seed=s, run_dir=str(tmp_path / str(s))) for s in range(5)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["mnist_5k"].at_least
