"""Encoders and decoders are what NumPy makes of the same weights, on images of every size."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit

from kerasapps.layers import coders
from kerasapps.layers.coders import Hidden
from kerasapps.layers.dropout import Dropout

RANDOM = np.random.default_rng(3)


def made(layers: list, inputs: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """What the layers make of inputs, and their weights, none of which is 0."""
    x = tf.constant(inputs, tf.float32)
    for layer in layers:
        layer(x)
        layer.set_weights([RANDOM.normal(size=weight.shape) for weight in layer.get_weights()])
        x = layer(x)
    return x.numpy(), [weight for layer in layers for weight in layer.get_weights()]


def doubled(maps: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Each pixel [i, j] of [rows, H, W, C] puts kernel [4, 4, new, C] on rows 2i - 1 to 2i + 2, columns likewise."""
    rows, height, width, _ = maps.shape
    border = np.zeros((rows, 2 * height + 2, 2 * width + 2, len(bias)))
    for i, j in np.ndindex(height, width):
        border[:, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += np.einsum("bc,hwnc->bhwn", maps[:, i, j], kernel)
    return border[:, 1:-1, 1:-1] + bias


def halved(images: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Every other window of 3x3 pixels, beginning at the border of an even side and a pixel outside of an odd one."""
    rows, *sides, _ = images.shape
    images = np.pad(images, [(0, 0), *[(side % 2, 1) for side in sides], (0, 0)])
    found = np.zeros((rows, *(-(-side // 2) for side in sides), len(bias)))
    for i, j in np.ndindex(*found.shape[1:3]):
        found[:, i, j] = np.einsum("bhwc,hwcn->bn", images[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3], kernel) + bias
    return found


def normalised(maps: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Each row over all of its numbers."""
    mean, variance = maps.mean(axis=(1, 2, 3), keepdims=True), maps.var(axis=(1, 2, 3), keepdims=True)
    return (maps - mean) / np.sqrt(variance + 1e-3) * scale + shift


@pytest.mark.parametrize("shape", [(8, 4, 2), (7, 5, 2), (3, 1, 1)])
@pytest.mark.parametrize("norm", [False, True])
def test_a_decoder_doubles_and_cuts(shape: tuple, norm: bool) -> None:
    latents = RANDOM.normal(size=(3, 5))
    hidden = Hidden("relu", normalised=norm)
    found, (kernel, bias, *rest) = made(coders.up(True, shape, (3, 2), hidden, "sigmoid"), latents)
    x = (latents @ kernel + bias).reshape(3, -(-shape[0] // 4), -(-shape[1] // 4), 3)
    x = np.maximum(normalised(x, rest.pop(0), rest.pop(0)) if norm else x, 0)
    x = doubled(x, rest.pop(0), rest.pop(0))
    x = np.maximum(normalised(x, rest.pop(0), rest.pop(0)) if norm else x, 0)
    x = expit(doubled(x, *rest))[:, : shape[0], : shape[1]]
    np.testing.assert_allclose(found, x, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 4, 2), (7, 5, 2), (3, 1, 1)])
@pytest.mark.parametrize("norm", [False, True])
def test_an_encoder_halves_and_its_first_layer_sees_the_image_as_it_is(shape: tuple, norm: bool) -> None:
    images = RANDOM.normal(size=(3, *shape))
    hidden = Hidden("leaky_relu", normalised=norm)
    found, (kernel, bias, *rest) = made(coders.down(True, (3, 2), hidden), images)
    x = halved(images, kernel, bias)
    x = halved(np.maximum(x, 0.2 * x), rest.pop(0), rest.pop(0))
    x = normalised(x, *rest) if norm else x
    np.testing.assert_allclose(found, np.maximum(x, 0.2 * x).reshape(3, -1), rtol=1e-4, atol=1e-5)


def test_dense_layers_there_and_back() -> None:
    images = RANDOM.normal(size=(3, 2, 3, 1))
    encoder, decoder = coders.down(False, (5, 4), Hidden()), coders.up(False, (2, 3, 1), (4, 5), Hidden(), None)
    code, (a, b, c, d) = made(encoder, images)
    expected = np.maximum(np.maximum(images.reshape(3, 6) @ a + b, 0) @ c + d, 0)
    np.testing.assert_allclose(code, expected, rtol=1e-4, atol=1e-5)
    found, (a, b, c, d, e, f) = made(decoder, code)
    expected = np.maximum(np.maximum(code @ a + b, 0) @ c + d, 0) @ e + f
    np.testing.assert_allclose(found, expected.reshape(3, 2, 3, 1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("convolutional", [False, True])
def test_every_hidden_layer_has_dropout_of_its_own_name(convolutional: bool) -> None:
    """Names tell the noise of one from that of the other inside a part."""
    hidden = Hidden(dropout=0.2)
    for part in (
        coders.down(convolutional, (4, 3), hidden),
        coders.up(convolutional, (8, 8, 1), (3, 4), hidden, None),
    ):
        layers = [layer for layer in part if isinstance(layer, Dropout)]
        assert [layer.rate for layer in layers] == [0.2, 0.2]
        assert len({layer.name for layer in layers}) == 2
    assert not any(isinstance(layer, Dropout) for layer in coders.down(convolutional, (4, 3), Hidden()))
