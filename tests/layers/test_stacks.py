"""Stacks of layers are, with either builder, what NumPy makes of the same weights."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.data.spec import Field, Layout, Target
from kerasapps.layers import stacks
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.heads import ProjectionHead
from kerasapps.layers.paths import set_noise_keys
from kerasapps.layers.recurrent import Bidirectional, Recurrent
from kerasapps.layers.stacks import Call, Stack
from kerasapps.noise import Noise, step_noise

RANDOM = np.random.default_rng(4)
ROWS, CLASSES = RANDOM.normal(size=(6, 3)).astype(np.float32), np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1, 0]]
TOKENS = np.array([[3, 1, 4, 2, 0], [2, 2, 0, 0, 0], [1, 0, 0, 0, 0], [4, 3, 2, 1, 1]], np.int32)
TWO = Target("classes", 2, ("a", "b"))
BUILDERS = pytest.mark.parametrize("builder", ["functional", "subclassed"])


def stacks_of(hparams: None, layout: None) -> dict[str, Stack]:
    """Three kinds: one after the other, with two values, and with a layer that takes a further input."""
    dense, rows, told = keras.layers.Dense, keras.Input([3], name="rows"), keras.Input([2], name="classes")
    left, right = dense(1, name="left"), Call(dense(2, name="right"), ("first",))
    return {
        "plain": Stack([rows], [dense(4, "relu", name="first"), dense(2, name="second")]),
        "forked": Stack([rows], [dense(4, "relu", name="first"), left, right], ["left", "right"]),
        "told": Stack(
            [rows, told], [dense(4, "relu", name="first"), Call(ProjectionHead(name="scores"), ("first", "classes"))]
        ),
    }


@BUILDERS
def test_what_stacks_make_of_their_inputs(builder: str) -> None:
    parts = stacks.builders(stacks_of)[builder](None, FIELDS)
    weights = {}
    for name, part in parts.items():
        weights[name] = [RANDOM.normal(size=weight.shape) for weight in part.get_weights()]
        part.set_weights(weights[name])
    hidden = {name: np.maximum(ROWS @ kernel + bias, 0) for name, (kernel, bias, *_) in weights.items()}
    _, _, kernel, bias = weights["plain"]
    np.testing.assert_allclose(parts["plain"](ROWS), hidden["plain"] @ kernel + bias, rtol=1e-4, atol=1e-5)
    left, right = parts["forked"](ROWS)
    _, _, *heads = weights["forked"]
    np.testing.assert_allclose(left, hidden["forked"] @ heads[0] + heads[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(right, hidden["forked"] @ heads[2] + heads[3], rtol=1e-4, atol=1e-5)
    _, _, kernel, bias, embeddings = weights["told"]
    expected = (hidden["told"] @ kernel + bias)[:, 0] + np.sum(CLASSES @ embeddings * hidden["told"], axis=1)
    told = parts["told"]({"classes": CLASSES, "rows": ROWS})
    np.testing.assert_allclose(told, expected, rtol=1e-4, atol=1e-5)


def test_both_builders_begin_with_the_same_weights() -> None:
    first = []
    for build in stacks.builders(stacks_of).values():
        keras.utils.set_random_seed(1)
        first.append({name: part.get_weights() for name, part in build(None, FIELDS).items()})
    tf.nest.map_structure(np.testing.assert_array_equal, *first)
    assert all(np.ptp(weights[0]) > 0 for weights in first[0].values())


FIELDS = Layout((Field("text", "tokens", (5,), vocabulary=5), Field("numbers", "vector", (3,))), TWO)


def of_fields(hparams: None, layout: Layout) -> dict[str, Stack]:
    """Tokens, read from both ends, and beside what comes of them a vector; dropout between."""
    layers = [
        keras.layers.Embedding(5, 4, mask_zero=True, name="embedding"),
        Dropout(0.5, name="dropout_0"),
        Bidirectional("gru", 3, return_sequences=True, name="recurrent_1"),
        Recurrent("lstm", 2, name="recurrent_2"),
        Call(Beside(name="beside"), ("recurrent_2", "numbers")),
        Dropout(0.5, name="dropout_1"),
        keras.layers.Dense(2, name="outputs"),
    ]
    return {"model": Stack(stacks.inputs_of(layout), layers)}


class Beside(keras.layers.Layer):
    """One vector beside the other."""

    def call(self, x, y):
        """[batch, m], [batch, n] -> [batch, m + n]."""
        return keras.ops.concatenate([x, y], axis=-1)


def model_of_fields(builder: str) -> keras.Model:
    """A model with the same weights every time, that draws as within the engine."""
    keras.utils.set_random_seed(1)
    parts = stacks.builders(of_fields)[builder](None, FIELDS)
    set_noise_keys(parts)
    return parts["model"]


def test_inputs_are_those_of_the_layout() -> None:
    text, numbers = stacks.inputs_of(FIELDS)
    assert (text.name, text.shape, text.dtype) == ("text", (None, 5), "int32")
    assert (numbers.name, numbers.shape, numbers.dtype) == ("numbers", (None, 3), "float32")
    (only,) = stacks.inputs_of(one_field("tokens", (7,), TWO, vocabulary=4))
    assert (only.name, only.shape, only.dtype) == ("inputs", (None, 7), "int32")


@BUILDERS
def test_texts_are_taken_shorter_where_batches_are_cut(builder: str) -> None:
    tokens, numbers = np.array([[1, 2, 0, 0, 0], [3, 0, 0, 0, 0]], np.int32), np.ones([2, 3], np.float32)
    keras.utils.set_random_seed(1)
    cut = stacks.builders(of_fields)[builder](None, dataclasses.replace(FIELDS, lengths=(2, 5)))["model"]
    whole, shorter = (cut({"text": tokens[:, :length], "numbers": numbers}) for length in (5, 2))
    np.testing.assert_allclose(shorter, whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(whole, model_of_fields(builder)({"text": tokens, "numbers": numbers}))


def test_keras_refuses_shorter_texts_where_batches_are_whole() -> None:
    with pytest.raises(ValueError, match="incompatible with the layer"):
        model_of_fields("functional")({"text": np.ones([2, 3], np.int32), "numbers": np.ones([2, 3], np.float32)})


@pytest.mark.parametrize(
    ("training", "compiled"),
    [(False, False), (True, False), *(pytest.param(one, True, marks=pytest.mark.slow) for one in (False, True))],
)
def test_fields_by_name_are_answered_alike_with_the_noise_of_a_step(training: bool, compiled: bool) -> None:
    inputs = {"text": tf.constant(TOKENS), "numbers": tf.constant(ROWS[:4])}
    answers = []
    for model in map(model_of_fields, ("functional", "subclassed")):

        def answer(inputs: dict, model: keras.Model = model) -> tf.Tensor:
            with step_noise(Noise(1, 2)):
                return model(inputs, training=training)

        run = tf.function(answer, jit_compile=True, autograph=False) if compiled else answer
        answers.append(run(inputs).numpy())
    np.testing.assert_allclose(*answers, rtol=1e-5, atol=1e-6)


@BUILDERS
def test_training_reaches_every_layer_and_so_does_the_mask(builder: str) -> None:
    """Called for training it drops; padding, and only that, is not read."""
    model = model_of_fields(builder)
    given = {"text": TOKENS, "numbers": ROWS[:4]}
    with step_noise(Noise(1, 2)):
        assert np.abs(model(given, training=True) - model(given, training=False)).max() > 1e-3
    np.testing.assert_array_equal(model(given), model(given, training=False))
    embeddings, *others = model.get_weights()
    embeddings[0] += 7
    before = model(given).numpy()
    model.set_weights([embeddings, *others])
    np.testing.assert_array_equal(model(given), before)
    embeddings[1] += 7
    model.set_weights([embeddings, *others])
    assert (np.abs(model(given) - before).max(axis=1) > 1e-3).tolist() == [True, False, True, True]


@BUILDERS
def test_names_that_are_unknown_or_taken_are_refused(builder: str) -> None:
    def layers(*names: str) -> list:
        return [keras.layers.Dense(2, name=name) for name in names]

    build = getattr(stacks, builder)
    with pytest.raises(ValueError, match=r"b takes c\. Expected names from before it: \['x', 'a'\]"):
        build({"model": Stack([keras.Input([3], name="x")], [*layers("a"), Call(*layers("b"), ("c",))])})
    for twice in (["a", "a"], ["a", "x"]):
        with pytest.raises(ValueError, match=f"are called {twice[1]}. Give each input and layer its own name"):
            build({"model": Stack([keras.Input([3], name="x")], layers(*twice))})


@BUILDERS
def test_half_precision_does_not_round_what_a_float32_layer_takes(builder: str) -> None:
    """1 + 2^-12 is 1 in bfloat16."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layers = [keras.layers.Dense(1, kernel_initializer="ones", dtype="float32", name="outputs")]
        model = getattr(stacks, builder)({"model": Stack([keras.Input([1], name="inputs")], layers)})["model"]
    finally:
        keras.config.set_dtype_policy("float32")
    given = tf.constant([[1 + 2**-12]])
    np.testing.assert_array_equal(model(given), given)
