"""The recurrent network is that written out in NumPy: tokens, stacked layers, both directions, forecasts."""

import statistics
from pathlib import Path

import numpy as np
import oracle
import pytest
import tensorflow as tf
from by_hand import build, classes, reals, task_of
from layouts import one_field

import kerasapps
from kerasapps.app import Parts
from kerasapps.apps.rnn import APP
from kerasapps.data.augment import make_augment
from kerasapps.data.spec import Forecast, Layout
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise

ROWS = one_field("sequence", (6, 3), classes(4))
TEXT = one_field("tokens", (9,), classes(2), vocabulary=12)
SERIES = one_field("sequence", (8, 1), reals((1, 2), (1, 2), (1, 2)), forecast=Forecast(4))
TOKENS = np.array(
    [[5, 1, 3, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0, 0], np.zeros(9), [2, 3, 4, 5, 6, 7, 8, 9, 11]], np.int32
)
GATES = {"simple": 1, "gru": 3, "lstm": 4}


def with_random_weights(parts: Parts) -> list[np.ndarray]:
    """Give the model weights that are all different; returns them in float64."""
    model = parts["model"]
    model.set_weights(oracle.random_weights([weight.shape for weight in model.get_weights()]))
    return [weight.astype(np.float64) for weight in model.get_weights()]


def steps(layout: Layout, rows: int = 5) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(rows, *layout.only.shape)).astype(np.float32)


def simple(x: np.ndarray, mask: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """h = tanh(x W + h R + b), all steps [batch, time, units]; a step that is masked changes nothing."""
    h, outputs = np.zeros((len(x), len(recurrent))), []
    for step in range(x.shape[1]):
        h = np.where(mask[:, step, None], np.tanh(x[:, step] @ kernel + h @ recurrent + bias), h)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def lstm(x: np.ndarray, mask: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """i, f, o = s(.), g = tanh(.) of x W + h R + b in the order i, f, g, o; c = f c + i g; h = o tanh(c)."""
    h = c = np.zeros((len(x), len(recurrent)))
    outputs = []
    for step in range(x.shape[1]):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        new_c = oracle.sigmoid(f) * c + oracle.sigmoid(i) * np.tanh(g)
        new_h = oracle.sigmoid(o) * np.tanh(new_c)
        h, c = np.where(mask[:, step, None], new_h, h), np.where(mask[:, step, None], new_c, c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_an_lstm_over_texts_is_the_network_by_hand(builder: str) -> None:
    parts, _ = build(APP, TEXT, builder, units=(4,), embedding=3)
    embedding, kernel, recurrent, bias, dense, last_bias = with_random_weights(parts)
    outputs = lstm(embedding[TOKENS], TOKENS != 0, kernel, recurrent, bias)
    expected = outputs[:, -1] @ dense + last_bias
    np.testing.assert_allclose(parts["model"](TOKENS), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(expected[2], last_bias)  # of a text of padding alone nothing is known


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_stacked_layers_give_on_every_step(builder: str) -> None:
    parts, _ = build(APP, ROWS, builder, cell="simple", units=(5, 2))
    *layers, dense, bias = with_random_weights(parts)
    everything = np.ones((5, 6), bool)
    outputs = simple(simple(steps(ROWS), everything, *layers[:3]), everything, *layers[3:])
    np.testing.assert_allclose(parts["model"](steps(ROWS)), outputs[:, -1] @ dense + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_bidirectional_reads_texts_from_their_end_too(builder: str) -> None:
    parts, _ = build(APP, TEXT, builder, cell="simple", units=(4, 3), embedding=3, bidirectional=True)
    x, *layers, dense, last_bias = with_random_weights(parts)
    x, mask = x[TOKENS], TOKENS != 0
    for first in (0, 6):
        ahead = simple(x, mask, *layers[first : first + 3])
        back = simple(x[:, ::-1], mask[:, ::-1], *layers[first + 3 : first + 6])
        x = np.concatenate([ahead, back[:, ::-1]], axis=-1)
    outputs = np.concatenate([ahead[:, -1], back[:, -1]], axis=-1)
    np.testing.assert_allclose(parts["model"](TOKENS), outputs @ dense + last_bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_parameters(cell: str, bidirectional: bool) -> None:
    """A gate of m units over n inputs has (n + m + 1) m weights; a GRU's has a second bias of m."""
    units, directions, gates = (7, 5), 1 + bidirectional, GATES[cell]
    parts, _ = build(APP, TEXT, cell=cell, units=units, embedding=6, bidirectional=bidirectional)
    inputs = (6, 7 * directions)
    recurrent = [directions * gates * (n + m + 1 + (cell == "gru")) * m for n, m in zip(inputs, units, strict=True)]
    expected = 12 * 6 + sum(recurrent) + (5 * directions + 1) * 2
    assert parts["model"].count_params() == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": "gru", "units": (5, 4)},
        *(pytest.param(f, marks=pytest.mark.slow) for f in ({}, {"bidirectional": True})),
    ],
)
def test_more_padding_changes_nothing(fields: dict) -> None:
    longer = one_field("tokens", (20,), TEXT.target, vocabulary=TEXT.only.vocabulary)
    models = [build(APP, layout, **{"units": (5,), **fields})[0]["model"] for layout in (TEXT, longer)]
    models[1].set_weights(models[0].get_weights())
    padded = np.pad(TOKENS, ((0, 0), (0, 11)))
    np.testing.assert_allclose(models[0](TOKENS), models[1](padded), rtol=1e-5, atol=1e-6)
    unknown = np.where(padded == 0, 1, padded)
    assert np.abs(models[1](padded) - models[1](unknown)).max() > 1e-3


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("layout", [TEXT, pytest.param(ROWS, marks=pytest.mark.slow)], ids=["texts", "rows"])
def test_trained_by_keras_it_is_the_same_network(cell: str, layout: Layout) -> None:
    fields = {"cell": cell, "units": (5, 4), "dropout": 0.0}
    inputs = TOKENS if layout is TEXT else steps(layout)
    labels = tf.constant(np.arange(len(inputs)) % 2, tf.int32)
    answers = []
    for implementation in ("fused", "keras"):
        parts, hparams = build(APP, layout, implementation=implementation, **fields)
        with_random_weights(parts)
        (update,) = APP.task(parts, hparams, layout).updates()
        batch = {"inputs": {"inputs": tf.constant(inputs)}, "labels": labels, "weights": tf.ones(len(inputs))}
        with tf.GradientTape() as tape:
            loss = update.loss(batch, None)
        gradients = tape.gradient(loss.values, list(update.variables))
        answers.append([loss.values, loss.outputs, *map(tf.convert_to_tensor, gradients)])
    for one, other in zip(*answers, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
@pytest.mark.parametrize("shown", ["values", "changes", "both"])
def test_a_forecast_is_what_is_added_to_the_last_step(builder: str, shown: str) -> None:
    parts, _ = build(APP, SERIES, builder, cell="simple", units=(4,), shown=shown, autoregression=False)
    *layer, dense, bias = with_random_weights(parts)
    x = steps(SERIES)
    views = {"values": [x], "changes": [x - x[:, -1:]], "both": [x, x - x[:, -1:]]}
    outputs = simple(np.concatenate(views[shown], axis=-1), np.ones((5, 8), bool), *layer)[:, -1] @ dense + bias
    np.testing.assert_allclose(parts["model"](x), x[:, -1] + outputs, rtol=1e-4, atol=1e-5)


def test_the_target_of_no_forecast_is_answered_as_it_is() -> None:
    parts, _ = build(APP, one_field("sequence", (8, 1), reals((0, 1))), units=(3,))
    weights = with_random_weights(parts)
    parts["model"].set_weights([*weights[:-2], 0 * weights[-2], np.array([2.5])])
    np.testing.assert_allclose(parts["model"](steps(SERIES)), np.full((5, 1), 2.5))


@pytest.mark.parametrize("fields", [{"units": ()}, {"units": (0,)}, {"units": 8}, {"cell": "lstn"}, {"embedding": 0}])
def test_hyperparameters_that_make_no_network_are_refused(fields: dict) -> None:
    (name,) = fields
    with pytest.raises(ConfigError, match=name):
        APP.hparams(**fields)


def test_rows_are_varied_as_the_images_that_they_are() -> None:
    layout, varied = one_field("sequence", (28, 28), classes(4)), {"shift_pixels": 3.0, "rotation_degrees": 10.0}
    x = np.random.default_rng(0).random((4, 28, 28), np.float32)
    batch = {"inputs": {"inputs": tf.constant(x)}, "labels": tf.zeros(4, tf.int32), "weights": tf.ones(4)}
    as_images = make_augment(APP.hparams(**varied), one_field("image", (28, 28, 1), classes(4)))
    expected = as_images({**batch, "inputs": {"inputs": tf.constant(x[..., None])}}, Noise(1, 2))["inputs"]["inputs"]
    got = task_of(APP, layout, **varied).augment(batch, Noise(1, 2))["inputs"]["inputs"]
    np.testing.assert_array_equal(got, expected[..., 0])
    assert np.abs(got - x).max() > 0.1
    assert task_of(APP, layout).augment is None


@pytest.mark.parametrize("layout", [TEXT, SERIES], ids=["texts", "forecasts"])
def test_what_is_no_image_is_not_varied(layout: Layout) -> None:
    assert task_of(APP, layout).augment is None
    with pytest.raises(ConfigError, match=f"varies images, but the inputs are a {layout.only.form}"):
        task_of(APP, layout, zoom=0.1)


@pytest.mark.slow
def test_mnist(tmp_path) -> None:
    runs = [kerasapps.train("rnn", data="mnist_5k", seed=s, run_dir=str(tmp_path / str(s))) for s in range(5)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["mnist_5k"].at_least


def test_a_text_is_learnt_beside_numbers_and_categories(tmp_path: Path) -> None:
    """Of toys.orders neither the text nor the numbers alone tell the class; the exported file takes all columns raw."""
    small = {"units": (8,), "embedding": 8, "epochs": 30, "sequence_length": 6, "learning_rate": 0.02}
    run = kerasapps.train("rnn", data="toys.orders", run_dir=str(tmp_path / "run"), execution="graph", **small)
    assert [(field.name, field.form) for field in run.layout.inputs] == [("note", "tokens"), ("features", "vector")]
    assert run.evaluate("train")["accuracy"] > 0.95
    loaded = tf.saved_model.load(str(kerasapps.export(run, tmp_path / "saved")))
    rows = {"note": ["send it quickly"] * 2, "amount": [2.0, -2.0], "colour": ["red", "red"]}
    answer = loaded.signatures["serving_default"](**{name: tf.constant(values) for name, values in rows.items()})
    np.testing.assert_array_equal(answer["classes"], [1, 0])
    np.testing.assert_allclose(answer["logits"], run.predict(rows)["logits"], rtol=1e-5, atol=1e-5)
