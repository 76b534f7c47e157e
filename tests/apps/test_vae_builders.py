"""The variational autoencoder's networks have the sizes they should, and refuse what cannot be."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, classes, task_of
from layouts import one_field
from vae_by_numpy import (
    IMAGES,
    ROWS,
    built,
)

from kerasapps.apps.vae import APP
from kerasapps.engine.parts import build_parts
from kerasapps.errors import ConfigError
from kerasapps.layers.heads import LEAST_LOG_SCALE, LogScale


def test_layers_of_784_256_20_256_784() -> None:
    parts, hparams = build(APP, one_field("image", (28, 28, 1), classes(10)))
    assert (hparams.widths, hparams.latents) == ((256,), 20)
    own = {name: sum(w.size for w in part.get_weights()) for name, part in parts.items()}
    assert own == {
        "encoder": (784 * 256 + 256) + 2 * (256 * 20 + 20),
        "decoder": (20 * 256 + 256) + (256 * 784 + 784),
    }


@pytest.mark.parametrize("shape", [(28, 28, 1), (10, 9, 2), (5, 32, 3), (1, 1, 1)])
@pytest.mark.parametrize("builder", list(APP.builders))
def test_convolutions_give_back_the_size_of_the_image(shape: tuple, builder: str) -> None:
    layout = one_field("image", shape, classes(2))
    parts, _ = build(APP, layout, builder, architecture="convolutional", widths=(3, 4), latents=2)
    mean, log_variance = parts["encoder"](tf.ones([2, *shape]))
    assert mean.shape == log_variance.shape == (2, 2)
    assert parts["decoder"](mean).shape == (2, *shape)
    halved = -(-shape[0] // 4) * -(-shape[1] // 4)
    assert parts["decoder"].get_weights()[0].shape == (2, halved * 4)
    assert parts["encoder"].get_weights()[4].shape == (halved * 4, 2)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_convolutional_builders_agree_and_answer_in_float32(likelihood: str) -> None:
    """Also where layers compute in bfloat16; of other weights the answers are others."""
    layout = one_field("image", (5, 6, 2), classes(2))
    fields = {"architecture": "convolutional", "widths": (3, 4), "latents": 2, "likelihood": likelihood}
    hparams, answers = APP.hparams(**fields), []
    for builder, precision in (("functional", "float32"), ("subclassed", "float32"), ("functional", "mixed_bfloat16")):
        parts = build_parts(APP, builder, hparams, layout, 1, precision)
        random = np.random.default_rng(5)
        for part in parts.values():
            part.set_weights([random.normal(scale=0.4, size=w.shape) for w in part.get_weights()])
        encoded = parts["encoder"](random.normal(size=(3, 5, 6, 2)).astype(np.float32))
        answers.append([*encoded, *tf.nest.flatten(parts["decoder"](encoded[0]))])
        assert all(answer.dtype == tf.float32 for answer in answers[-1])
    for first, second, half in zip(*answers, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-5)
        scale = float(np.abs(first).max())
        np.testing.assert_allclose(half, first, atol=0.05 * scale)
    assert np.ptp(answers[0][2]) > 0.1


def test_a_learned_scale_is_one_number_above_its_least() -> None:
    layer = LogScale(0.3, learned=True)
    means = tf.reshape(tf.range(48.0), [2, 4, 3, 2])
    np.testing.assert_array_equal(layer(means)[0], means)
    np.testing.assert_allclose(layer(means)[1], np.full((2, 4, 3, 1), np.log(0.3)), rtol=1e-5)
    for given, expected in ((-1e4, LEAST_LOG_SCALE), (2.0, LEAST_LOG_SCALE + np.log1p(np.exp(2.0)))):
        layer.set_weights([np.float32(given)])
        np.testing.assert_allclose(layer(means)[1][0, 0, 0, 0], expected, rtol=1e-5)
    fixed = LogScale(1e-5, learned=False)
    np.testing.assert_allclose(fixed(means)[1][1, 3, 2], [np.log(1e-5)], rtol=1e-5)
    assert not fixed.weights


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [("likelihood", "bernoulli", "gaussian"), ("binarize", True, False), ("architecture", "convolutional", "dense")],
)
def test_rows_of_numbers_are_refused_what_is_of_images(name: str, value: Any, instead: Any) -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=rf"^{name}={value} takes images.*vector of 5.*Give {name}={instead}\.$"):
            build(APP, ROWS, builder, **{name: value})


def test_a_scale_of_bits_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^scale=0.3 needs likelihood=gaussian.*Give likelihood=gaussian"):
        build(APP, IMAGES, scale=0.3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("latents", 0), ("widths", (0,)), ("bound_samples", 0), ("beta", -1.0), ("free_bits", -0.1)),
        *(("scale", -0.5), ("dropout", 1.0), ("likelihood", "poisson"), ("architecture", "attention")),
    ],
)
def test_values_out_of_range_are_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        APP.hparams(**{name: value})


def test_convolutions_need_filters() -> None:
    with pytest.raises(ConfigError, match=r"architecture=convolutional with widths=\[\]: expected the filters"):
        built(IMAGES, architecture="convolutional", widths=())


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_rows_that_are_targets_are_not_mixed(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}=0.2 mixes labels"):
        task_of(APP, IMAGES, **{name: 0.2})


def test_augmentation_is_of_images() -> None:
    assert task_of(APP, ROWS).augment is None
    with pytest.raises(ConfigError, match="inputs are a vector"):
        task_of(APP, ROWS, shift_pixels=1.0)
