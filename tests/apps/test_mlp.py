"""The multi-layer perceptron's gradients are those worked out by hand; its activations are the published ones."""

import math
import statistics

import keras_tuner
import numpy as np
import oracle
import pytest
import tensorflow as tf
from by_hand import batch, build, classes, gradients, vector_layout

import kerasapps
from experiments.claims.known import EXPERIMENTS
from kerasapps.apps.mlp import ACTIVATIONS, APP
from kerasapps.errors import ConfigError

ERF = np.vectorize(math.erf)
CLOSED_FORMS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "gelu": lambda z: z * (1 + ERF(z / math.sqrt(2))) / 2,
}


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_gradients_equal_the_network_by_hand(builder: str) -> None:
    random = np.random.default_rng(0)
    x, labels = random.normal(size=(9, 4)), np.arange(9) % 3
    weights = oracle.random_weights([(4, 5), (5,), (5, 3), (3,)])
    layout = vector_layout(4, classes(3))
    parts, hparams = build(APP, layout, builder, hidden=(5,), activation="sigmoid")
    parts["model"].set_weights(weights)
    got = gradients(APP, parts, hparams, layout, batch(x, labels))
    for gradient, expected in zip(got, oracle.three_layer_gradients(weights, x, labels), strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_without_hidden_layers_it_is_linear(builder: str) -> None:
    parts, hparams = build(APP, vector_layout(4, classes(3)), builder, hidden=[])
    assert [tuple(v.shape) for v in parts["model"].trainable_variables] == [(4, 3), (3,)]
    assert APP.space(hparams, keras_tuner.HyperParameters()) == hparams


@pytest.mark.parametrize("given", [128, "128", (0,), (True,), None])
def test_hidden_layers_of_no_width_are_refused(given) -> None:
    with pytest.raises(ConfigError, match=r"^hidden="):
        APP.hparams(hidden=given)


def test_every_activation_has_a_closed_form() -> None:
    assert set(CLOSED_FORMS) == set(ACTIVATIONS)


@pytest.mark.parametrize("activation", CLOSED_FORMS)
def test_activation(activation: str) -> None:
    """A net of identity kernels shows its activation."""
    x = np.linspace(-4, 4, 8)[:, None] * [1.0, 0.5]
    parts, _ = build(APP, vector_layout(2, classes(2)), hidden=(2,), activation=activation)
    parts["model"].set_weights([np.eye(2), np.zeros(2), np.eye(2), np.zeros(2)])
    outputs = parts["model"](tf.constant(x, tf.float32))
    np.testing.assert_allclose(outputs, CLOSED_FORMS[activation](x), rtol=1e-4, atol=2e-4)


def test_dropout_acts_in_training_only() -> None:
    parts, _ = build(APP, vector_layout(2, classes(2)), hidden=(64,), dropout=0.5)
    x = tf.ones([1, 2])
    once, again = (np.asarray(parts["model"](x, training=True)) for _ in range(2))
    assert not np.array_equal(once, again)
    np.testing.assert_array_equal(parts["model"](x, training=False), parts["model"](x))


@pytest.mark.slow
def test_digits(tmp_path) -> None:
    runs = [kerasapps.train("mlp", data="digits", seed=s, run_dir=str(tmp_path / str(s))) for s in range(5)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["digits"].at_least


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp_xor", "mlp_xor_two_hidden"])
def test_xor(name: str, tmp_path) -> None:
    hidden, (claim,) = EXPERIMENTS[name].fields["hidden"], EXPERIMENTS[name].claims
    solved = 0
    for seed in range(10):
        run = kerasapps.train("mlp", data="xor", hidden=hidden, seed=seed, run_dir=str(tmp_path / str(seed)))
        solved += run.record["test"]["accuracy"] == 1.0
    assert claim.holds(solved)
