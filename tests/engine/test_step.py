"""A cycle by hand, and parts of a batch whose losses and gradients add up exactly to those of the whole."""

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.app import Batch, Loss, Update
from kerasapps.data.spec import Target
from kerasapps.distribute.replicas import open_replicas
from kerasapps.engine.cycle import make_cycle
from kerasapps.engine.step import Division, gradients, metric_name
from kerasapps.hparams import Hparams
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.paths import set_noise_keys
from kerasapps.noise import AUGMENT, Noise
from kerasapps.tasks.supervised import Supervised

WORDS, STEPS = 6, 5
LAYOUT = one_field("tokens", (STEPS,), Target("tokens", WORDS), vocabulary=WORDS)
NOISE = Noise(3, 5)


def model(dropout: float = 0.0) -> keras.Model:
    """Tokens [batch, time] -> logits [batch, time, words], the same weights every time, with a penalty."""
    keras.utils.set_random_seed(0)
    tokens = keras.Input((None,), dtype="int32")
    hidden = Dropout(dropout, name="dropout")(keras.layers.Embedding(WORDS, 4)(tokens))
    penalty = keras.regularizers.L2(0.01)
    return keras.Model(tokens, keras.layers.Dense(WORDS, kernel_regularizer=penalty, name="outputs")(hidden))


def update_of(dropout: float = 0.0) -> Update:
    parts = {"model": model(dropout)}
    set_noise_keys(parts)
    return Supervised(parts, Hparams(), LAYOUT).updates()[0]


def batch_of(rows: int) -> dict[str, Any]:
    """Weights that differ by row, and padding among the labels; the second row counts nothing, the last one much."""
    random = np.random.default_rng(rows)
    weights = random.uniform(0, 2, size=rows)
    weights[1:2], weights[-1] = 0, 4
    tokens, labels = random.integers(WORDS, size=(2, rows, STEPS))
    return {
        "inputs": {"inputs": tf.constant(tokens, tf.int32)},
        "labels": tf.constant(labels, tf.int32),
        "weights": tf.constant(weights, tf.float32),
    }


DIVISIONS = [
    pytest.param(lambda n: Division(micro_batches=n), id="loop"),
    pytest.param(lambda n: Division(micro_batches=n, unrolled=True), id="unrolled"),
    pytest.param(lambda n: Division(open_replicas("auto", n)), id="replicas"),
    pytest.param(lambda n: Division(open_replicas("auto", n), 2), id="micro-batches of replicas"),
]


def assert_exact(division: Division, rows: int, dropout: float = 0.0, found: Callable[..., Any] = gradients) -> None:
    """Gradients, the sum of the weights and the metrics' sums are those of the whole batch."""
    with division.replicas.scope():
        update = update_of(dropout)
    whole = gradients(update, batch_of(rows), NOISE)
    parts = tf.function(lambda: division.totals(found, update, batch_of(rows), NOISE), autograph=False)()
    for expected, got in zip(tf.nest.flatten(whole), tf.nest.flatten(parts), strict=True):
        scale = max(float(np.max(np.abs(expected))), 1e-3)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param(*sizes, marks=() if sizes == (8, 3) else pytest.mark.slow)
        for sizes in itertools.product((6, 7, 8), (1, 2, 3))
    ],
)
@pytest.mark.parametrize("divided", DIVISIONS)
def test_parts_of_a_batch_add_up_to_the_whole(divided: Callable, rows: int, parts: int) -> None:
    assert_exact(divided(parts), rows)


@pytest.mark.parametrize("divided", DIVISIONS)
def test_parts_have_the_noise_of_the_whole(divided: Callable) -> None:
    assert_exact(divided(3), 7, dropout=0.5)


SHORTER = dataclasses.replace(LAYOUT, target=Target("tokens", WORDS, length=STEPS), lengths=(2, 3, 4))


def padded(lengths: list[int]) -> dict[str, Any]:
    """batch_of rows of so many tokens, none of which is 0, and padding of weight 0."""
    batch = batch_of(len(lengths))
    present = tf.sequence_mask(lengths, STEPS)
    tokens = tf.where(present, tf.maximum(batch["inputs"]["inputs"], 1), 0)
    labels = tf.where(present, tf.maximum(batch["labels"], 1), 0)
    return {**batch, "inputs": {"inputs": tokens}, "labels": labels}


@pytest.mark.parametrize(
    ("divided", "jit"),
    [*((case.values[0], False) for case in DIVISIONS), (lambda n: Division(), False), (DIVISIONS[0].values[0], True)],
    ids=[*(case.id for case in DIVISIONS), "whole", "XLA"],
)
def test_batches_are_cut_to_the_length_of_all_their_rows(divided: Callable, jit: bool) -> None:
    """Sums are those of whole rows; what is computed with has the first length that all rows of the batch fit in."""
    division = dataclasses.replace(divided(2), layout=SHORTER)
    with division.replicas.scope():
        update = update_of()

    def found(update: Update, part: Batch, noise: Noise) -> Any:
        steps = {values.shape[1] for values in (part["inputs"]["inputs"], part["labels"])}
        return gradients(update, part, noise), tf.constant(max(steps) if len(steps) == 1 else -1)

    @functools.partial(tf.function, jit_compile=jit, autograph=False)
    def computed(batch: Batch) -> Any:
        return division.totals(found, update, batch, NOISE)

    for lengths, expected in (([1, 2, 1, 1, 2, 2, 1], 2), ([3, 1, 1, 2, 1, 1, 3], 3), ([1, 1, 1, 1, 4, 1, 1], 4)):
        totals, steps = computed(batch := padded(lengths))
        assert int(steps) == expected * division.micro_batches * division.replicas.number
        for whole, got in zip(tf.nest.flatten(gradients(update, batch, NOISE)), tf.nest.flatten(totals), strict=True):
            np.testing.assert_allclose(got, whole, rtol=1e-5, atol=1e-5)


def test_a_batch_is_cut_to_the_only_length() -> None:
    """As of data whose rows all have as many tokens."""
    division = Division(layout=dataclasses.replace(SHORTER, lengths=(3,)))
    update, batch, steps = update_of(), padded([1, 3, 2]), []

    def found(update: Update, part: Batch, noise: Noise) -> Any:
        steps.append(part["labels"].shape[1])
        return gradients(update, part, noise)

    totals = tf.function(lambda: division.totals(found, update, batch, NOISE), autograph=False)()
    assert steps == [3]
    for whole, got in zip(tf.nest.flatten(gradients(update, batch, NOISE)), tf.nest.flatten(totals), strict=True):
        np.testing.assert_allclose(got, whole, rtol=1e-5, atol=1e-5)


def test_parts_of_a_cut_batch_have_the_noise_of_the_whole() -> None:
    batch, update = padded([2, 1, 3, 1, 1, 1, 2]), update_of(dropout=0.5)
    whole, parts = (
        Division(micro_batches=number, layout=SHORTER).totals(gradients, update, batch, NOISE) for number in (1, 3)
    )
    for expected, got in zip(tf.nest.flatten(whole), tf.nest.flatten(parts), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


def unweighted(update: Update, batch: Batch, noise: Noise) -> Any:
    """A planted fault: every row counts alike."""
    return gradients(update, {**batch, "weights": tf.ones_like(batch["weights"])}, noise)


def with_padding(update: Update, batch: Batch, noise: Noise) -> Any:
    """A planted fault: padding counts as the first word."""
    return gradients(update, {**batch, "labels": tf.maximum(batch["labels"], 1)}, noise)


@pytest.mark.parametrize("fault", [pytest.param(unweighted, marks=pytest.mark.slow), with_padding])
@pytest.mark.parametrize("divided", DIVISIONS)
def test_parts_that_forget_the_weights_are_caught(divided: Callable, fault: Callable) -> None:
    with pytest.raises(AssertionError):
        assert_exact(divided(2), 7, found=fault)


def test_totals_are_those_of_numpy() -> None:
    """Sum of the weighted cross-entropies, and the penalty as often as the weights add up to."""
    batch, update = batch_of(7), update_of()
    embedding, kernel, bias = (np.float64(w) for w in model().get_weights())
    logits = embedding[batch["inputs"]["inputs"].numpy()] @ kernel + bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    labels = batch["labels"].numpy()
    weights = np.float64(batch["weights"])[:, None] * (labels != 0)
    entropies = -np.log(np.take_along_axis(probabilities, labels[..., None], axis=-1)[..., 0])
    expected = (entropies * weights).sum() + weights.sum() * 0.01 * (kernel**2).sum()
    delta = (probabilities - np.eye(WORDS)[labels]) * weights[..., None]
    (_, _, bias_gradient), number, sums = Division(micro_batches=3).totals(gradients, update, batch, NOISE)
    np.testing.assert_allclose(number, weights.sum(), rtol=1e-5)
    np.testing.assert_allclose(sums["loss"], (expected, weights.sum()), rtol=1e-5)
    np.testing.assert_allclose(bias_gradient, delta.sum(axis=(0, 1)), rtol=1e-4, atol=1e-5)


def squares(name: str, variable: Any, seen: list | None = None) -> Update:
    """Half the squared distance of a variable from each row."""

    def loss(batch: Batch, noise: Noise) -> Loss:
        if seen is not None:
            seen.append((name, int(noise.step), noise.prefix, batch["inputs"]["x"].numpy().tolist()))
        return Loss(0.5 * tf.square(variable - batch["inputs"]["x"]), batch["weights"], batch["inputs"]["x"])

    def metrics(batch: Batch, loss: Loss) -> dict:
        return {"sum": (tf.reduce_sum(loss.outputs * loss.weights), tf.reduce_sum(loss.weights))}

    return Update(name, [variable], loss, lambda: 0.1 * variable, metrics)


def given(*x: float, weights: tuple = ()) -> dict[str, Any]:
    weights = weights or (1.0,) * len(x)
    return {"inputs": {"x": tf.constant(x)}, "weights": tf.constant(weights, tf.float32)}


def descent(variable: Any, rate: float) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.SGD(rate)
    optimizer.build([variable])
    return optimizer


def test_a_cycle_descends_along_the_gradient_of_the_weighted_mean() -> None:
    """w - rate * (sum(weight * (w - x)) / sum(weight) + penalty): 2 - 0.5 * ((1*(2-1) + 3*(2-4)) / 4 + 0.1)."""
    variable = keras.Variable(2.0)
    cycle = make_cycle([squares("model", variable)], {"model": descent(variable, 0.5)}, seed=0)
    sums = cycle(given(1.0, 4.0, 9.0, weights=(1, 3, 0)), 0)
    assert float(variable.numpy()) == pytest.approx(2 - 0.5 * ((1 - 6) / 4 + 0.1))
    assert sums.keys() == {"loss", "sum"}
    np.testing.assert_allclose(sums["loss"], (0.5 * 1 + 3 * 0.5 * 4 + 4 * 0.2, 4))
    np.testing.assert_allclose(sums["sum"], (1 + 12, 4))


def test_updates_come_in_order_and_one_that_comes_twice_adds_up_its_sums() -> None:
    """Each with the noise of a step of its own, and on what those before it have changed."""
    first, second, seen = keras.Variable(0.0), keras.Variable(10.0), []
    critic, actor = squares("critic", first, seen), squares("actor", second, seen)
    optimizers = {"critic": descent(first, 0.5), "actor": descent(second, 1.0)}
    sums = make_cycle([critic, critic, actor], optimizers, seed=0)(given(4.0, 4.0), 7)
    assert [(name, step) for name, step, *_ in seen] == [("critic", 21), ("critic", 22), ("actor", 23)]
    once = 0 - 0.5 * (0 - 4 + 0.1)
    twice = once - 0.5 * (once - 4 + 0.1)
    assert float(first.numpy()) == pytest.approx(twice)
    assert float(second.numpy()) == pytest.approx(10 - (10 - 4 + 0.1))
    assert sums.keys() == {"critic_loss", "critic_sum", "actor_loss", "actor_sum"}
    np.testing.assert_allclose(sums["critic_loss"], (16 + (once - 4) ** 2 + 2 * 0.1 * once, 4), rtol=1e-5)
    np.testing.assert_allclose(sums["actor_sum"], (8, 2))


def test_all_updates_of_a_cycle_see_the_same_augmented_batch() -> None:
    variable, seen, drawn = keras.Variable(0.0), [], []

    def augment(batch: Batch, noise: Noise) -> Batch:
        drawn.append((noise.seed, noise.step, noise.prefix))
        return {**batch, "inputs": {"x": batch["inputs"]["x"] + 100.0}}

    updates = [squares("a", variable, seen), squares("b", variable, seen)]
    optimizers = {"a": descent(variable, 0.1), "b": descent(variable, 0.1)}
    make_cycle(updates, optimizers, seed=9, augment=augment)(given(1.0, 2.0), 4)
    assert drawn == [(9, 4, AUGMENT)]
    assert [(name, prefix, rows) for name, _, prefix, rows in seen] == [(n, "", [101.0, 102.0]) for n in ("a", "b")]


@pytest.mark.parametrize("micro_batches", [1, 2, 3])
def test_a_divided_cycle_takes_one_step_of_the_optimizer(micro_batches: int) -> None:
    """That of the whole batch, clipping included: 0.5 off, as the gradient's norm of the mean is above it."""
    variable = keras.Variable(0.0)
    optimizer = keras.optimizers.SGD(1.0, clipnorm=0.5)
    optimizer.build([variable])
    cycle = make_cycle(
        [squares("model", variable)],
        {"model": optimizer},
        seed=0,
        division=Division(micro_batches=micro_batches),
    )
    cycle(given(4.0, 5.0, 6.0, 7.0, weights=(1, 2, 0, 1)), 0)
    assert int(optimizer.iterations.numpy()) == 1
    assert float(variable.numpy()) == pytest.approx(0.5)


def test_a_batch_in_which_nothing_counts_moves_nothing() -> None:
    variable = keras.Variable(2.0)
    cycle = make_cycle([squares("model", variable)], {"model": descent(variable, 0.5)}, seed=0)
    sums = cycle(given(1.0, 4.0, weights=(0, 0)), 0)
    assert float(variable.numpy()) == 2.0
    assert [float(x) for x in sums["loss"]] == [0.0, 0.0]


def test_metrics_bear_the_name_of_their_update_where_there_are_several() -> None:
    one, other = squares("one", keras.Variable(0.0)), squares("other", keras.Variable(0.0))
    assert metric_name([one, one], one, "loss") == "loss"
    assert metric_name([one, other], other, "loss") == "other_loss"
