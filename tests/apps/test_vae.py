"""The variational autoencoder's losses, bounds and answers are those of NumPy with the same weights and noise."""

import dataclasses
import statistics

import numpy as np
import pytest
import tensorflow as tf
from by_hand import task_of
from scipy import special, stats
from vae_by_numpy import (
    IMAGES,
    KINDS,
    NOISE,
    RANDOM,
    batch_of,
    built,
    by_numpy,
    decoded,
    encoded,
    log_likelihood,
    weights_of,
)

import kerasapps
from kerasapps.app import Answered, View
from kerasapps.apps.vae import APP, POSTERIOR
from kerasapps.data import rows as data_rows
from kerasapps.data.spec import Arrays, Column, Layout, Spec
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise, step_noise
from kerasapps.plots.encoded import as_seen
from kerasapps.report import report
from kerasapps.runs.run import Run
from kerasapps.tasks import generative


@pytest.mark.parametrize(("layout", "fields"), KINDS)
def test_loss_and_metrics_are_those_of_numpy(layout: Layout, fields: dict) -> None:
    parts, hparams = built(layout, beta=0.5, free_bits=0.4, **fields)
    batch = {**batch_of(layout), "weights": tf.constant([1.0, 1, 1, 1, 0, 1])}
    noise = NOISE.normal(POSTERIOR, [6, 2]).numpy()
    reconstruction, divergence = by_numpy(weights_of(parts), hparams, layout, batch["inputs"]["inputs"].numpy(), noise)
    (update,) = APP.task(parts, hparams, layout).updates()
    loss = update.loss(batch, NOISE)
    expected = reconstruction + 0.5 * np.maximum(divergence, 0.4).sum(axis=1)
    np.testing.assert_allclose(loss.values, expected, rtol=1e-4)
    np.testing.assert_array_equal(loss.weights, batch["weights"])
    assert np.any(divergence < 0.4) and np.any(divergence > 0.4)
    sums, known = update.metrics(batch, loss), np.arange(6) != 4
    for name, rows in {"reconstruction": reconstruction, "kl": divergence.sum(axis=1)}.items():
        np.testing.assert_allclose(sums[name], (rows[known].sum(), 5), rtol=1e-4)


@pytest.mark.parametrize(("layout", "fields"), KINDS)
def test_gradients_are_finite_differences(layout: Layout, fields: dict) -> None:
    """Of the mean loss of 6 rows by NumPy in float64, in three directions of each weight."""
    parts, hparams = built(layout, **fields)
    batch, weights = batch_of(layout), weights_of(parts)
    noise = NOISE.normal(POSTERIOR, [6, 2]).numpy()
    (update,) = APP.task(parts, hparams, layout).updates()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(update.loss(batch, NOISE)[0])
    gradients = iter(tape.gradient(loss, list(update.variables)))
    for part in ("encoder", "decoder"):
        for i, weight in enumerate(weights[part]):
            gradient = np.asarray(next(gradients), np.float64)
            for _ in range(3):
                step, values = 1e-5 * RANDOM.normal(size=weight.shape), []
                for sign in (1, -1):
                    moved = [w + sign * step if i == j else w for j, w in enumerate(weights[part])]
                    terms = by_numpy(
                        {**weights, part: moved}, hparams, layout, batch["inputs"]["inputs"].numpy(), noise
                    )
                    values.append(terms[0].mean() + terms[1].sum(axis=1).mean())
                expected = (values[0] - values[1]) / 2
                assert abs((gradient * step).sum() - expected) < 1e-3 * np.abs(gradient * step).sum() + 1e-9
    assert next(gradients, None) is None


@pytest.mark.parametrize(("layout", "fields"), KINDS)
def test_elbo_and_bound_are_those_of_numpy(layout: Layout, fields: dict) -> None:
    """With the noise of Noise(0, sample), without dropout; the same in a graph of batches of any size."""
    parts, hparams = built(layout, bound_samples=5, **fields, dropout=0.5)
    x, weights = batch_of(layout)["inputs"]["inputs"], weights_of(parts)
    mean, log_variance = encoded(weights["encoder"], x.numpy())
    logs = []
    for sample in range(5):
        z = mean + np.exp(log_variance / 2) * Noise(0, sample).normal(POSTERIOR, [6, 2]).numpy()
        ratio = stats.norm.logpdf(z) - stats.norm.logpdf(z, mean, np.exp(log_variance / 2))
        logs.append(log_likelihood(weights["decoder"], hparams, layout, x.numpy(), z) + ratio.sum(axis=1))
    expected = np.stack([np.mean(logs, axis=0), special.logsumexp(logs, axis=0) - np.log(5)], axis=1)
    bounds, field = APP.task(parts, hparams, layout).outputs, {"inputs": x}
    np.testing.assert_allclose(bounds(field), expected, rtol=1e-4)
    whole = tf.function(
        bounds, autograph=False, input_signature=[{"inputs": tf.TensorSpec([None, *layout.only.shape])}]
    )
    np.testing.assert_allclose(whole(field), expected, rtol=1e-4)
    assert np.all(expected[:, 1] > expected[:, 0])


def test_scores_are_means_of_rows() -> None:
    answered = Answered({}, None, np.array([[-5.0, -4], [-3, -1]], np.float32))
    assert task_of(APP, IMAGES).score(answered) == {"elbo": -4.0, "bound": -2.5}


def test_noise_is_of_the_step() -> None:
    """The same of the same step, other of another, and a part of the batch has its own rows of the whole one's."""
    parts, hparams = built(IMAGES)
    batch = batch_of(IMAGES)
    (update,) = APP.task(parts, hparams, IMAGES).updates()
    first, again, other = (update.loss(batch, Noise(7, step))[0].numpy() for step in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)
    part = tf.nest.map_structure(lambda values: values[4:], batch)
    np.testing.assert_allclose(update.loss(part, Noise(7, 3, first=4, rows=6))[0], first[4:], rtol=1e-5)


def test_evaluation_has_its_own_noise_penalties_and_no_dropout() -> None:
    parts, hparams = built(IMAGES, dropout=0.5, l2=0.1)
    batch = batch_of(IMAGES)
    noise = Noise(0, 0).normal(POSTERIOR, [6, 2]).numpy()
    weights = weights_of(parts)
    terms = by_numpy(weights, hparams, IMAGES, batch["inputs"]["inputs"].numpy(), noise)
    squares = sum((w**2).sum() for part in weights.values() for w in part if w.ndim == 2)
    expected = (terms[0] + terms[1].sum(axis=1)).sum() + 6 * 0.1 * squares
    sums = APP.task(parts, hparams, IMAGES).evaluate(batch)
    assert next(iter(sums)) == "loss"
    np.testing.assert_allclose(sums["loss"], (expected, 6), rtol=1e-4)
    np.testing.assert_allclose(sums["kl"], (terms[1].sum(), 6), rtol=1e-4)


def test_dropout_is_in_both_parts_and_of_the_step() -> None:
    """Noise of another key in each: half of the units of one are not those of the other."""
    parts, _ = built(IMAGES, dropout=0.5, widths=(64,))
    keys = [layer.noise_key for part in parts.values() for layer in part.layers if "dropout" in layer.name]
    assert keys == ["encoder/hidden_dropout_1", "decoder/hidden_dropout_1"]
    parts, hparams = built(IMAGES, dropout=0.5)
    (update,), batch = APP.task(parts, hparams, IMAGES).updates(), batch_of(IMAGES)
    losses = []
    for step in (1, 1, 2):
        with step_noise(Noise(7, step)):
            losses.append(update.loss(batch, NOISE)[0].numpy())
    np.testing.assert_array_equal(losses[0], losses[1])
    assert np.any(losses[0] != losses[2])


def test_grey_values_are_bits_for_encoder_and_target() -> None:
    """Pixels of one half are 1; the exported model is given grey values."""
    parts, hparams = built(IMAGES, binarize=True)
    grey = np.linspace(0, 1, 25, dtype=np.float32)[:24].reshape(2, 4, 3, 1)  # 12 / 24 among them
    bits = (grey >= 0.5).astype(np.float32)
    assert bits.sum() == 12
    plain = dataclasses.replace(hparams, binarize=False)
    for given, own in ((grey, hparams), (bits, plain)):
        task = APP.task(parts, own, IMAGES)
        (update,), asked, field = task.updates(), task.signatures(), {"inputs": tf.constant(given)}
        batch = {"inputs": field, "weights": tf.ones([2])}
        answers = [update.loss(batch, NOISE).values, task.outputs(field), task.evaluate(batch)["loss"][0]]
        answers += [asked["serving_default"].function(field)["images"], asked["encode"].function(field)["z_mean"]]
        if given is grey:
            expected = answers
    for value, other in zip(expected, answers, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-6)


@pytest.mark.parametrize(("layout", "fields"), KINDS)
def test_signatures_are_the_parts_by_hand(layout: Layout, fields: dict) -> None:
    """Without the dropout of training."""
    parts, hparams = built(layout, **fields, dropout=0.5)
    weights, task = weights_of(parts), APP.task(parts, hparams, layout)
    asked = task.signatures()
    name = "images" if layout.only.form == "image" else "rows"
    field = batch_of(layout)["inputs"]

    def expected(z: np.ndarray) -> np.ndarray:
        values = decoded(weights["decoder"], z)
        if layout.only.form == "image":
            return special.expit(values).reshape(len(z), *layout.only.shape)
        return values * [2.0, 0.5, 1, 1, 1] + [10.0, -3.0, 0, 0, 0]

    mean, log_variance = encoded(weights["encoder"], field["inputs"].numpy())
    answer = asked["encode"].function(field)
    for found in (answer["z_mean"], task.encode(field["inputs"])):
        np.testing.assert_allclose(found, mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(answer["z_log_var"], log_variance, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(asked["serving_default"].function(field)[name], expected(mean), rtol=1e-4, atol=1e-5)
    z = RANDOM.normal(size=(7, 2)).astype(np.float32)
    np.testing.assert_allclose(asked["decode"].function({}, latents=z)[name], expected(z), rtol=1e-4, atol=1e-5)
    latents = generative.latents(5, 3, 2).numpy()
    sampled = asked["sample"].function({}, seed=5, number=3)[name]
    np.testing.assert_allclose(sampled, expected(latents), rtol=1e-4, atol=1e-5)
    kept = layout.only.in_units(task.samples())
    np.testing.assert_allclose(kept, expected(generative.latents(0, 64, 2).numpy()), rtol=1e-4, atol=1e-5)


def test_samples_are_those_of_their_seed() -> None:
    parts, hparams = built(IMAGES)
    sample = APP.task(parts, hparams, IMAGES).signatures()["sample"].function
    first, again, more, other = (
        sample({}, seed=seed, number=number)["images"].numpy() for seed, number in ((1, 4), (1, 4), (1, 9), (2, 4))
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(more[:4], first, rtol=1e-5)
    assert more.shape == (9, 4, 3, 1) and np.abs(first - other).max() > 1e-3


NUMBERS = RANDOM.normal([5, -20], [3, 0.1], size=(60, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on two numbers in units of their own, without labels."""
    spec = Spec((Column("a", "number"), Column("b", "number")), None)
    source = Arrays("pairs", spec, {"train": {"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}})
    path = tmp_path_factory.mktemp("trained") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_rows, "open_source", lambda *named, **reading: source)
        done = kerasapps.train("vae", data="pairs", **{**APP.tiny, "execution": "eager", "run_dir": str(path)})
        assert done.rows["test"].read().keys() == {"a", "b"}  # while the source is there
    return done


def test_rows_without_labels_are_learnt_and_drawn(trained: Run) -> None:
    """What has to be an image has no plot."""
    assert set(trained.record["test"]) == {"loss", "reconstruction", "kl", "elbo", "bound"}
    rows = trained.ask("sample", {"seed": 1, "number": 200})["rows"]
    assert np.all(np.abs(rows.mean(axis=0) - NUMBERS.mean(axis=0)) < 2 * NUMBERS.std(axis=0))
    written = {path.stem for path in report(trained)}
    assert {"learning_curves", "samples", "reconstructions", "latent_scatter"} <= written
    assert not {"interpolation", "manifold", "augmented"} & written


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("decode", {"latents": np.zeros((2, 7))}, r"latents is float64 of the shape \(2, 7\).*shape \(rows, 3\)"),
        ("decode", {"latents": np.zeros(3)}, r"of the shape \(3,\)"),
        ("decode", {"latents": [["a", "b", "c"]]}, "latents is <U1"),
        ("sample", {"seed": 1, "number": -3}, "number=-3. Expected whole numbers from 1 to 10000"),
        ("sample", {"seed": 1.5, "number": 3}, r"seed=1.5. Expected whole numbers"),
        ("sample", {"seed": 2**31, "number": 3}, "seed=2147483648"),
        ("sample", {"seed": 1, "number": [3]}, r"number is int64 of the shape \(1,\).*one alone"),
    ],
)
def test_what_cannot_be_asked_is_refused(trained: Run, name: str, given: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        trained.ask(name, given)


def test_plots_are_given_means_and_what_the_encoder_sees() -> None:
    parts, hparams = built(IMAGES, binarize=True)
    grey = np.full((1, 4, 3, 1), 0.6, np.float32)
    task = APP.task(parts, hparams, IMAGES)
    shown = as_seen(lambda view: view)(View({}, None, IMAGES, task, {}, {}, None, lambda columns: grey, {}))
    np.testing.assert_array_equal(shown.apply({}), np.ones((1, 4, 3, 1)))
    z = tf.ones([1, 2])
    means = shown.task.decode(z)
    np.testing.assert_allclose(means, special.expit(parts["decoder"](z).numpy()), rtol=1e-5)


@pytest.mark.slow
def test_mnist(tmp_path) -> None:
    runs = [kerasapps.train("vae", seed=seed, run_dir=str(tmp_path / str(seed))) for seed in range(3)]
    assert statistics.median(one.record["test"]["bound"] for one in runs) >= APP.goals["mnist_5k"].at_least
