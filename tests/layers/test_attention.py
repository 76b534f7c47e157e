"""Attention against NumPy by hand; what hidden keys, later steps and dropout change, and what they do not."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import transformer_by_numpy as by_numpy

from kerasapps.layers.attention import NEAR, Attention
from kerasapps.noise import Noise, step_noise

X = np.random.default_rng(0).normal(size=(3, 5, 8)).astype(np.float32)
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 0]], bool)
EVERYTHING, CAUSAL = np.ones((5, 5), bool), np.tril(np.ones((5, 5), bool))


def built(*given: object, **fields: object) -> Attention:
    """A layer with weights, that draws as within a part."""
    layer = Attention(*given, **fields)
    layer.build(X.shape)
    layer.dropout.noise_key = "model/attention/dropout"
    return layer


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("heads", "shared"), [(1, None), (4, None), (4, 2), (4, 1)])
@pytest.mark.parametrize("rotary", [False, True])
def test_it_is_that_by_hand(heads: int, shared: int | None, rotary: bool, causal: bool) -> None:
    layer = built(heads, shared, rotary=by_numpy.LONGEST_WAVE if rotary else None, causal=causal)
    weights, got = by_numpy.randomised(layer), layer(X, mask=tf.constant(MASK)).numpy()
    for row, present in enumerate(MASK):
        seen = present & (CAUSAL if causal else EVERYTHING)
        expected = by_numpy.attention(weights, X[row], seen, heads, shared, rotary)
        np.testing.assert_allclose(got[row], expected, rtol=1e-4, atol=1e-5)


def test_at_first_turned_queries_and_keys_look_nearby() -> None:
    """Of inputs that are all 0 the biases decide: weights fall with the distance, on either side alike."""
    layer = Attention(1, rotary=50.0)
    layer.build((1, 9, 8))
    products = np.full(8, NEAR) @ np.array([by_numpy.turned(np.full((9, 8), NEAR))[step] for step in range(9)]).T
    np.testing.assert_allclose(layer.query.bias, NEAR)
    np.testing.assert_allclose(layer.key.bias, NEAR)
    assert products.argmax() == 0 and np.all(np.diff(products[:4]) < 0)


@pytest.mark.parametrize("shared", [1, 2])
def test_shared_heads_are_repeated_ones(shared: int) -> None:
    few, all_heads = built(4, shared), built(4)
    weights = by_numpy.randomised(few)

    def repeated(path: str, weight: np.ndarray) -> np.ndarray:
        if path.split("/")[0] not in ("key", "value"):
            return weight
        split = weight.reshape(*weight.shape[:-1], shared, 2)
        return np.repeat(split, 4 // shared, axis=-2).reshape(*weight.shape[:-1], 8)

    all_heads.set_weights([repeated(path, weight) for path, weight in weights.items()])
    np.testing.assert_allclose(few(X), all_heads(X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_causal_step_depends_on_none_after_it(dropout: float) -> None:
    layer, inputs = built(2, rotary=50.0, causal=True, dropout=dropout), tf.constant(X)
    with tf.GradientTape(persistent=True) as tape, step_noise(Noise(1, 2)):
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        at = [tf.reduce_sum(outputs[:, step] ** 2) for step in range(5)]
    for step, total in enumerate(at):
        sizes = np.abs(tape.gradient(total, inputs)).max(axis=(0, 2))
        assert np.all(sizes[: step + 1] > 0) or dropout
        assert sizes[step] > 0
        np.testing.assert_array_equal(sizes[step + 1 :], 0)


def test_hidden_keys_change_nothing_and_of_none_the_mean_is_taken() -> None:
    layer, mask = built(2), MASK & (np.arange(3) != 1)[:, None]
    other = np.where(MASK[..., None], X, 100).astype(np.float32)
    before, after = (layer(x, mask=tf.constant(MASK)).numpy() for x in (X, other))
    np.testing.assert_array_equal(before[MASK], after[MASK])
    weights = by_numpy.randomised(layer)
    alone = by_numpy.dense(weights, "outputs", by_numpy.dense(weights, "value", X[1]).mean(axis=0))
    np.testing.assert_allclose(layer(X, mask=tf.constant(mask))[1], np.tile(alone, (5, 1)), rtol=1e-4, atol=1e-5)


def test_dropout_hides_so_many_keys_but_never_ones_own() -> None:
    """With values that tell their steps apart and products that are all 0, the outputs show which keys were seen."""
    layer = Attention(1, dropout=0.3)
    inputs = tf.eye(100, batch_shape=[2])
    layer.build(inputs.shape)
    nothing, identity = np.zeros((100, 100)), np.eye(100)
    for part, kernel in (
        (layer.query, nothing),
        (layer.key, nothing),
        (layer.value, identity),
        (layer.outputs, identity),
    ):
        part.kernel.assign(kernel)
    layer.dropout.noise_key = "model/attention/dropout"
    with step_noise(Noise(1, 2)):
        seen = layer(inputs, training=True).numpy()
    np.testing.assert_allclose(seen.sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(np.diagonal(seen, axis1=1, axis2=2) > 0, True)
    others = seen[:, ~np.eye(100, dtype=bool)] > 0
    assert abs(others.mean() - 0.7) < 4 * np.sqrt(0.3 * 0.7 / others.size)
    assert np.mean(others[0] != others[1]) > 0.3
    np.testing.assert_allclose(layer(inputs), 0.01, rtol=1e-5)


@pytest.mark.parametrize(("dtype", "rounding"), [("bfloat16", 2**-7), ("float16", 2**-10)])
def test_half_precision_computes_the_same(dtype: str, rounding: float) -> None:
    """The softmax is in float32, and what is hidden there is hidden; of no key at all nothing is NaN."""
    exact, half = built(2, rotary=50.0), built(2, rotary=50.0, dtype=f"mixed_{dtype}")
    half.set_weights(exact.get_weights())
    mask = tf.constant(MASK & (np.arange(3) != 1)[:, None])
    expected, got = exact(X, mask=mask).numpy(), half(X, mask=mask)
    assert got.dtype == dtype
    np.testing.assert_allclose(tf.cast(got, tf.float32), expected, atol=8 * rounding * np.abs(expected).max())


def test_it_is_loaded_from_a_file_of_keras(tmp_path) -> None:
    inputs = keras.Input([5, 8])
    layer = Attention(4, 2, rotary=50.0, causal=True, dropout=0.1, kernel_regularizer="l2", name="attention")
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()
    np.testing.assert_array_equal(loaded(X), model(X))
