"""Targets of tokens against NumPy by hand; those of classes and reals are in tests/apps/test_supervised.py."""

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.app import Answered
from kerasapps.data.spec import Target
from kerasapps.hparams import Hparams
from kerasapps.noise import Noise
from kerasapps.tasks.supervised import Supervised
from kerasapps.tasks.targets import Tokens, target_of

WORDS, STEPS = 5, 4
LAYOUT = one_field("tokens", (STEPS,), Target("tokens", WORDS), vocabulary=WORDS)
RANDOM = np.random.default_rng(0)
LABELS = np.array([[2, 3, 1, 0], [4, 0, 0, 0], [1, 2, 4, 3]], np.int32)
"""Padding, 0, stands behind the tokens of a row."""
ROWS = np.float32([0.5, 3, 0.25])
WEIGHTS = np.array([[0.5, 0.5, 0.5, 0], [3, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]], np.float32)
"""Those of the rows; padding has none."""
LOGITS = RANDOM.normal(scale=3, size=(3, STEPS, WORDS)).astype(np.float32)


def entropies() -> np.ndarray:
    """-log of the probability of each label [rows, time], in float64, token by token."""
    found = np.zeros(LABELS.shape)
    for row, step in np.ndindex(LABELS.shape):
        powers = np.exp(LOGITS[row, step].astype(np.float64))
        found[row, step] = -np.log(powers[LABELS[row, step]] / powers.sum())
    return found


RIGHT = LOGITS.argmax(axis=-1) == LABELS


class Constant:
    """Stands for a model: answers LOGITS to everything."""

    trainable_variables, losses = (), ()

    def __call__(self, inputs, training=None):
        return tf.constant(LOGITS)


@pytest.fixture
def task() -> Supervised:
    return Supervised({"model": Constant()}, Hparams(), LAYOUT)


@pytest.fixture
def batch() -> dict:
    return {"inputs": {"inputs": tf.constant(LABELS)}, "labels": tf.constant(LABELS), "weights": tf.constant(ROWS)}


def test_the_target_of_tokens_is_that_of_the_layout() -> None:
    assert isinstance(target_of(LAYOUT), Tokens)


def test_loss_of_tokens_is_the_cross_entropy_of_each() -> None:
    """[batch, time], not reduced; in float32 of logits in half precision, too."""
    loss = Tokens(LAYOUT).loss(tf.constant(LABELS), tf.constant(LOGITS))
    np.testing.assert_allclose(loss, entropies(), rtol=1e-5)
    half = Tokens(LAYOUT).loss(tf.constant(LABELS), tf.cast(LOGITS, tf.bfloat16))
    assert half.dtype == tf.float32
    np.testing.assert_allclose(half, entropies(), rtol=0.05, atol=0.05)


def test_accuracy_of_tokens_is_that_of_each() -> None:
    accuracy = Tokens(LAYOUT).metrics(tf.constant(LABELS), tf.constant(LOGITS))
    assert list(accuracy) == ["accuracy"] and 0 < RIGHT.sum() < RIGHT.size
    np.testing.assert_array_equal(accuracy["accuracy"], RIGHT)


def test_a_step_of_training_weighs_tokens_one_by_one(task: Supervised, batch: dict) -> None:
    (update,) = task.updates()
    loss = update.loss(batch, Noise(0, 0))
    np.testing.assert_allclose(loss.values, entropies(), rtol=1e-5)
    for weights in (loss.weights, task.weights(batch)):
        np.testing.assert_array_equal(weights, WEIGHTS)
    np.testing.assert_array_equal(loss.outputs, LOGITS)
    sums = update.metrics(batch, loss)
    np.testing.assert_allclose(sums["accuracy"], ((RIGHT * WEIGHTS).sum(), WEIGHTS.sum()), rtol=1e-6)


def test_evaluation_weighs_tokens_one_by_one(task: Supervised, batch: dict) -> None:
    sums = task.evaluate(batch)
    assert list(sums) == ["loss", "accuracy"]
    np.testing.assert_allclose(sums["loss"], ((entropies() * WEIGHTS).sum(), WEIGHTS.sum()), rtol=1e-5)
    np.testing.assert_allclose(sums["accuracy"], ((RIGHT * WEIGHTS).sum(), WEIGHTS.sum()), rtol=1e-6)


def test_tokens_are_answered_with_their_probabilities(task: Supervised, batch: dict) -> None:
    answer = task.signatures()["serving_default"].function(batch["inputs"])
    powers = np.exp(LOGITS.astype(np.float64))
    assert answer.keys() == {"probabilities", "tokens"}
    np.testing.assert_allclose(answer["probabilities"], powers / powers.sum(axis=-1, keepdims=True), rtol=1e-4)
    np.testing.assert_array_equal(answer["tokens"], LOGITS.argmax(axis=-1))


def test_perplexity_is_of_the_tokens_that_are_no_padding(task: Supervised) -> None:
    """The mean is over tokens, not over rows of unequal length; padding counts for nothing."""
    known = [entropies()[row, step] for row, step in np.ndindex(LABELS.shape) if LABELS[row, step] != 0]
    assert len(known) == 8
    scores = task.score(Answered({"inputs": LABELS}, LABELS, LOGITS))
    assert scores == {"perplexity": pytest.approx(np.exp(np.mean(known)), rel=1e-6)}
    other = LOGITS + 7.0 * (LABELS == 0)[..., None] * np.arange(WORDS)
    assert task.score(Answered({"inputs": LABELS}, LABELS, other)) == scores


def test_perplexity_of_large_logits_does_not_overflow(task: Supervised) -> None:
    scores = task.score(Answered({"inputs": LABELS}, LABELS, 1000 + LOGITS))
    known = entropies()[LABELS > 0]
    assert scores["perplexity"] == pytest.approx(np.exp(known.mean()), rel=1e-3)


def test_of_words_that_are_all_alike_the_perplexity_is_their_number(task: Supervised) -> None:
    scores = task.score(Answered({"inputs": LABELS}, LABELS, np.zeros_like(LOGITS)))
    assert scores["perplexity"] == pytest.approx(WORDS)


def test_every_metric_of_tokens_has_a_direction(task: Supervised) -> None:
    assert task.directions == {"loss": "min", "accuracy": "max", "perplexity": "min"}
