"""Recurrent layers: Keras's numbers, gradients and weights, in every mode and through every file format."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import oracle
import pytest
import tensorflow as tf

from kerasapps.layers.cells import CELLS
from kerasapps.layers.recurrent import Bidirectional, Recurrent

KERAS = {"simple": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
BATCH, TIME, FEATURES, UNITS = 5, 7, 3, 4
LENGTHS = np.array([[7], [3], [0], [1], [6]])
MASKS = {
    "no mask": None,
    "lengths": np.arange(TIME) < LENGTHS,
    "holes": np.random.default_rng(1).random((BATCH, TIME)) < 0.5,
}
SOME_MASKS = [pytest.param(name, marks=pytest.mark.slow) if name == "lengths" else name for name in MASKS]
"""Lengths are holes at the end."""
SIZES = {"a batch of 1": (1, 4, 3, 2), "one step": (3, 1, 2, 5), "one of all": (1, 1, 1, 1), "odd": (3, 9, 7, 13)}


def inputs(*shape: int) -> np.ndarray:
    """Normal numbers, always the same."""
    return np.random.default_rng(0).normal(size=shape or (BATCH, TIME, FEATURES)).astype(np.float32)


def with_weights(layer: keras.Layer, x: np.ndarray) -> keras.Layer:
    """The layer built for `x` with random weights, biases included: the same for layers of equal weights."""
    layer.build(x.shape)
    shapes = [weight.shape for weight in layer.get_weights()]
    layer.set_weights([0.7 * weight.astype(np.float32) for weight in oracle.random_weights(shapes)])
    return layer


def answers(layer: keras.Layer, x: np.ndarray, mask: np.ndarray | None = None, **given: bool) -> list[tf.Tensor]:
    """Outputs, and the gradients of their weighted sum for inputs and weights."""
    x, mask = tf.constant(x), None if mask is None else tf.constant(mask)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = layer(x, mask=mask, **given)
        factors = tf.cos(tf.reshape(tf.range(tf.size(outputs), dtype=tf.float32), outputs.shape))
        total = tf.reduce_sum(tf.cast(outputs, tf.float32) * factors)
    return [outputs, *tape.gradient(total, [x, *layer.trainable_variables])]


def assert_same(got: list, expected: list, tolerance: float = 1e-5) -> None:
    """To the tolerance of the largest element of each."""
    for one, other in zip(got, expected, strict=True):
        other = np.asarray(other, np.float64)
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * max(1.0, np.abs(other).max(initial=0.0)))


def pair(cell: str, x: np.ndarray, units: int = UNITS, reverse: bool = False, **given: bool) -> list[keras.Layer]:
    """Ours and Keras's."""
    layers = Recurrent(cell, units, reverse=reverse, **given), KERAS[cell](units, go_backwards=reverse, **given)
    return [with_weights(layer, x) for layer in layers]


@pytest.mark.parametrize("cell", KERAS)
@pytest.mark.parametrize("mask", SOME_MASKS)
@pytest.mark.parametrize("return_sequences", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize("reverse", [False, True])
def test_it_is_keras_own(cell: str, mask: str, return_sequences: bool, reverse: bool) -> None:
    own, kerass = pair(cell, inputs(), reverse=reverse, return_sequences=return_sequences)
    if reverse and return_sequences:  # which Keras answers from the last step to the first
        kerass = keras.Sequential([kerass, keras.layers.Lambda(lambda outputs: outputs[:, ::-1])])
    assert_same(answers(own, inputs(), MASKS[mask]), answers(kerass, inputs(), MASKS[mask]))


@pytest.mark.parametrize("cell", KERAS)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_keras_own_on_every_size(cell: str, size: str) -> None:
    *shape, units = SIZES[size]
    own, kerass = pair(cell, inputs(*shape), units, return_sequences=True)
    assert_same(answers(own, inputs(*shape)), answers(kerass, inputs(*shape)))


@pytest.mark.parametrize("cell", KERAS)
@pytest.mark.parametrize("mask", SOME_MASKS)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_in_both_directions_it_is_keras_own(cell: str, mask: str, return_sequences: bool) -> None:
    own = Bidirectional(cell, UNITS, return_sequences)
    kerass = keras.layers.Bidirectional(KERAS[cell](UNITS, return_sequences=return_sequences))
    layers = [with_weights(layer, inputs()) for layer in (own, kerass)]
    assert_same(*(answers(layer, inputs(), MASKS[mask]) for layer in layers))


def test_a_derivative_that_is_wrong_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = CELLS["lstm"].backward

    def wrong(*given: object) -> tuple:
        *gradients, (h, c) = right(*given)
        return *gradients, (h, 0.99 * c)

    own, kerass = pair("lstm", inputs())
    monkeypatch.setitem(CELLS, "lstm", CELLS["lstm"]._replace(backward=wrong))
    with pytest.raises(AssertionError):
        assert_same(answers(own, inputs()), answers(kerass, inputs()))


@pytest.mark.parametrize("cell", KERAS)
def test_weights_go_both_ways(cell: str) -> None:
    own, kerass = Recurrent(cell, UNITS), KERAS[cell](UNITS)
    for layer in (own, kerass):
        layer.build(inputs().shape)
    first = kerass.get_weights()
    assert [w.shape for w in own.get_weights()] == [w.shape for w in first]
    assert [w.name for w in own.weights] == [w.name for w in kerass.weights]
    kerass.set_weights(own.get_weights())
    assert_same([kerass(inputs())], [own(inputs())])
    own.set_weights(first)
    kerass.set_weights(first)
    assert_same([own(inputs())], [kerass(inputs())])


def lstm_by_hand(x: np.ndarray, mask: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """Outputs [batch, time, units] in float64; where the mask is False, those of the step before, at first 0."""
    kernel, recurrent, bias = weights
    units = len(recurrent)
    h, c, outputs = np.zeros((len(x), units)), np.zeros((len(x), units)), []
    for step in range(x.shape[1]):
        z = x[:, step] @ kernel + h @ recurrent + bias
        i, f, o = (oracle.sigmoid(z[:, k * units : (k + 1) * units]) for k in (0, 1, 3))
        new_c = f * c + i * np.tanh(z[:, 2 * units : 3 * units])
        goes_on = mask[:, step, None]
        h, c = np.where(goes_on, o * np.tanh(new_c), h), np.where(goes_on, new_c, c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("mask", ["lengths", "holes"])
def test_an_lstm_is_that_by_hand_and_its_gradient_that_of_finite_differences(mask: str) -> None:
    layer, known = with_weights(Recurrent("lstm", UNITS, return_sequences=True), inputs()), MASKS[mask]
    weights = [weight.astype(np.float64) for weight in layer.get_weights()]
    outputs, _, *gradients = answers(layer, inputs(), known)
    expected = lstm_by_hand(inputs().astype(np.float64), known, weights)
    factors = np.cos(np.arange(expected.size)).reshape(expected.shape)

    def total(weights: list[np.ndarray]) -> float:
        return float((lstm_by_hand(inputs().astype(np.float64), known, weights) * factors).sum())

    assert_same([outputs], [expected])
    assert_same(gradients, oracle.finite_differences(total, weights))


@pytest.mark.parametrize("cell", ["gru", *(pytest.param(c, marks=pytest.mark.slow) for c in KERAS if c != "gru")])
@pytest.mark.parametrize("mask", ["holes", pytest.param("no mask", marks=pytest.mark.slow)])
def test_it_is_the_same_eagerly_in_a_graph_and_under_xla(cell: str, mask: str) -> None:
    layer = with_weights(Recurrent(cell, UNITS), inputs())
    expected = answers(layer, inputs(), MASKS[mask])
    for jit in (False, True):
        compiled = tf.function(lambda: answers(layer, inputs(), MASKS[mask]), jit_compile=jit, autograph=False)
        assert_same(compiled(), expected)


@pytest.mark.parametrize("cell", KERAS)
def test_trained_by_keras_it_is_the_same(cell: str) -> None:
    own, other = Recurrent(cell, UNITS), Recurrent(cell, UNITS, implementation="keras")
    layers = [with_weights(layer, inputs()) for layer in (own, other)]
    assert_same(*(answers(layer, inputs(), MASKS["lengths"], training=True) for layer in layers))


def test_trained_by_keras_it_is_keras_own_layer_that_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, asked = with_weights(Recurrent("gru", UNITS, implementation="keras"), inputs()), []
    monkeypatch.setattr(layer.keras_layer, "call", lambda *given, **named: asked.append(1) or tf.zeros([5, 7, 4]))
    layer(inputs())
    assert not asked
    layer(inputs(), training=True)
    assert asked


@pytest.mark.parametrize(
    ("cell", "jit"),
    [
        ("lstm", False),
        *(pytest.param(cell, False, marks=pytest.mark.slow) for cell in ("simple", "gru")),
        pytest.param("lstm", True, marks=pytest.mark.slow),
    ],
)
def test_the_number_of_steps_may_be_unknown(cell: str, jit: bool) -> None:
    """XLA compiles once for each number that occurs."""
    entry = keras.Input([None, FEATURES])
    both = Bidirectional(cell, UNITS, return_sequences=True, name="both")(entry)
    model = keras.Model(entry, Recurrent(cell, UNITS, name="last")(both))
    assert both.shape == (None, None, 2 * UNITS)

    def gradients(x: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            outputs = model(x)
        return [outputs, *tape.gradient(outputs, model.trainable_variables)]

    signature = [tf.TensorSpec([None, None, FEATURES])]
    compiled = tf.function(gradients, jit_compile=jit, autograph=False, input_signature=signature)
    for steps in (2, 5):
        x = tf.constant(inputs(BATCH, steps, FEATURES))
        assert_same(compiled(x), gradients(x))


@pytest.mark.parametrize("layer", [Recurrent, pytest.param(Bidirectional, marks=pytest.mark.slow)])
@pytest.mark.parametrize("cell", KERAS)
def test_in_bfloat16_it_is_near(layer: Callable, cell: str) -> None:
    exact, half = layer(cell, UNITS), layer(cell, UNITS, dtype="mixed_bfloat16")
    layers = [with_weights(one, inputs()) for one in (exact, half)]
    expected, got = (answers(one, inputs(), MASKS["lengths"]) for one in layers)
    assert got[0].dtype == tf.bfloat16 and {weight.dtype for weight in half.weights} == {"float32"}
    assert_same(got, expected, tolerance=0.05)
    with pytest.raises(AssertionError):
        assert_same(got, expected)


def tokens_model() -> keras.Model:
    """Every cell and direction, over masked tokens of any length."""
    x = entry = keras.Input([None], dtype="int32", name="tokens")
    layers = [
        keras.layers.Embedding(11, FEATURES, mask_zero=True),
        Bidirectional("gru", 3, return_sequences=True, dtype="mixed_bfloat16"),
        Recurrent("simple", 5, return_sequences=True, reverse=True, kernel_regularizer=keras.regularizers.L2(0.1)),
        Bidirectional("simple", 2, return_sequences=True, kernel_regularizer=keras.regularizers.L1(0.1)),
        Recurrent("lstm", 4, implementation="keras"),
    ]
    for layer in layers:
        x = layer(x)
    return keras.Model(entry, x)


TOKENS = np.array([[3, 9, 1, 4, 0, 0], [5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6]], np.int32)


def test_a_keras_file_holds_all_of_it(tmp_path: Path) -> None:
    model = tokens_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(TOKENS), model(TOKENS))
    assert [layer.get_config() for layer in loaded.layers] == [layer.get_config() for layer in model.layers]
    np.testing.assert_allclose([float(loss) for loss in loaded.losses], [float(loss) for loss in model.losses])
    assert len(loaded.losses) == 3


STRANGER = """
import sys
sys.modules["kerasapps"] = None
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
np.save(sys.argv[1] + "/answer.npy", loaded.serve(np.load(sys.argv[1] + "/tokens.npy")).numpy())
"""


@pytest.mark.slow
def test_a_saved_model_needs_no_kerasapps(tmp_path: Path) -> None:
    model, folder = tokens_model(), str(tmp_path / "saved")
    model.export(folder, verbose=False)
    np.save(folder + "/tokens.npy", TOKENS)
    done = subprocess.run([sys.executable, "-c", STRANGER, folder], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(folder + "/answer.npy"), model(TOKENS), rtol=1e-5, atol=1e-6)
