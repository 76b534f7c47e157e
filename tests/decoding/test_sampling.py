"""What is drawn, against probabilities by NumPy; and texts that are extended with and without a memory."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.apps.language_model import APP
from kerasapps.data.spec import Target
from kerasapps.data.tokenizers import END
from kerasapps.decoding.decoder import Decoder
from kerasapps.decoding.sampling import extend, greedy, sample
from kerasapps.engine.parts import build_parts

LOGITS = np.log(np.array([0.05, 0.4, 0.1, 0.3, 0.15], np.float32))
DRAWS = 20_000


def drawn(temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> np.ndarray:
    """Shares of the tokens in DRAWS draws, with evenly spread numbers in the place of random ones."""
    uniform = (np.arange(DRAWS, dtype=np.float32) + 0.5) / DRAWS
    tokens = sample(
        tf.constant(np.tile(LOGITS, (DRAWS, 1))),
        tf.constant(uniform),
        tf.constant(temperature),
        tf.constant(top_k),
        tf.constant(top_p),
    )
    assert tokens.dtype == tf.int32
    return np.bincount(tokens, minlength=5) / DRAWS


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [0.05, 0.4, 0.1, 0.3, 0.15]),
        ({"temperature": 0.5}, np.array([0.05, 0.4, 0.1, 0.3, 0.15]) ** 2 / 0.285),
        ({"temperature": 0.0}, [0, 1, 0, 0, 0]),
        ({"top_k": 1}, [0, 1, 0, 0, 0]),
        ({"top_k": 2}, [0, 4 / 7, 0, 3 / 7, 0]),
        ({"top_k": 9}, [0.05, 0.4, 0.1, 0.3, 0.15]),
        ({"top_p": 0.69}, [0, 4 / 7, 0, 3 / 7, 0]),
        ({"top_p": 0.71}, [0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85]),
        ({"top_p": 0.01}, [0, 1, 0, 0, 0]),
        ({"top_k": 3, "top_p": 0.8}, [0, 4 / 7, 0, 3 / 7, 0]),
    ],
)
def test_tokens_are_drawn_by_their_probabilities(asked: dict, expected: list[float]) -> None:
    np.testing.assert_allclose(drawn(**asked), expected, atol=2 / DRAWS)


def test_the_largest_number_draws_a_token_that_is_left() -> None:
    logits, one = tf.constant(LOGITS[None]), tf.constant([np.nextafter(np.float32(1), np.float32(0))])
    assert sample(logits, one, tf.constant(1.0), tf.constant(2), tf.constant(1.0)).numpy() == [3]


SLOTS, VOCABULARY = 6, 9


@pytest.fixture(scope="module")
def model() -> tf.keras.Model:
    hparams = APP.hparams(layers=2, heads=2, key_value_heads=1, width=8, feed_forward=8, longest_wave=9.0)
    layout = one_field("tokens", (SLOTS,), Target("none"), vocabulary=VOCABULARY)
    part = build_parts(APP, "functional", hparams, layout, seed=1)["model"]
    random = np.random.default_rng(0)
    part.set_weights([random.normal(size=weight.shape) for weight in part.get_weights()])
    return part


def uncached(model: tf.keras.Model, prompt: list[int], until: int, choose: Callable) -> tuple[list[int], float]:
    """Tokens, each from a forward pass over all before it, and the sum of the log-probabilities of those chosen."""
    tokens, total = list(prompt), 0.0
    while len(tokens) < until and END not in tokens[len(prompt) :]:
        row = np.zeros((1, SLOTS), np.int32)
        row[0, : len(tokens)] = tokens
        logits = model(row).numpy()[0, len(tokens)].astype(np.float64)
        tokens.append(int(choose(logits, len(tokens))))
        total += logits[tokens[-1]] - np.log(np.exp(logits).sum())
    return tokens, total


@pytest.mark.parametrize(
    ("until", "compiled"),
    [
        (1, False),
        (4, True),
        (SLOTS, False),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in [(1, True), (4, False), (SLOTS, True)]),
    ],
)
def test_remembering_is_computing_all_anew(model: tf.keras.Model, until: int, compiled: bool) -> None:
    prompts = [[3, 4], [], [5, 6, 7]]
    given = tf.constant([min(len(prompt), until) for prompt in prompts])
    tokens = np.zeros((3, SLOTS), np.int32)
    for row, prompt in zip(tokens, prompts, strict=True):
        row[: len(prompt)] = prompt
    run = tf.function(
        lambda tokens: extend(Decoder(model, SLOTS), tokens, given, until, lambda x, at: greedy(x), END),
        jit_compile=compiled,
    )
    made, likely = run(tf.constant(tokens))
    for row, prompt in enumerate(prompts):
        expected, total = uncached(model, prompt[:until], until, lambda logits, at: logits.argmax())
        np.testing.assert_array_equal(made[row], expected + [0] * (SLOTS - len(expected)))
        np.testing.assert_allclose(likely[row], total, rtol=1e-4, atol=1e-4)


def test_of_longer_texts_each_step_sees_the_last_ones(model: tf.keras.Model) -> None:
    """As a band of a causal mask over the whole text at once has it, with positions counted from its beginning."""
    length = 3 * SLOTS
    tokens = np.random.default_rng(1).integers(2, VOCABULARY, size=(2, length)).astype(np.int32)
    decoder = Decoder(model, SLOTS)
    state, stepwise = decoder.start(2), []
    for at in range(length):
        before = tokens[:, at - 1] if at else np.full(2, END, np.int32)
        logits, state = decoder.step(tf.constant(before), state, tf.constant(at))
        stepwise.append(logits.numpy())
    x = model.get_layer("embedding")(np.concatenate([np.full((2, 1), END), tokens[:, :-1]], axis=1))
    near = np.tri(length, length, 0, bool) & ~np.tri(length, length, -SLOTS, bool)
    for block in decoder.blocks:
        attention = block.attention
        x = block._added(x, lambda y: banded(attention, y, near), block.norm_1, block.dropout_1)  # noqa: B023
        x = block._added(x, block.feed_forward, block.norm_2, block.dropout_2)
    expected = model.get_layer("embedding")(model.get_layer("norm")(x), reverse=True)
    np.testing.assert_allclose(np.stack(stepwise, axis=1), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(stepwise[SLOTS - 1], model(tokens[:, :SLOTS])[:, -1], rtol=1e-3, atol=1e-3)


def banded(attention: object, x: tf.Tensor, near: np.ndarray) -> tf.Tensor:
    """Attention of a step to those that are near before it, bool [time, time]."""
    return attention._attended(attention.queries(x), attention.keys_and_values(x), tf.constant(near)[None, None])
