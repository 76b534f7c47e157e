"""The autoencoder errs as NumPy says, learns one class where asked to, cleans of noise, and refuses what cannot be."""

import dataclasses
import importlib
import itertools
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from by_hand import batch, build, classes, reals, task_of, vector_layout
from layouts import adapt, one_field
from sklearn.decomposition import PCA

import kerasapps
from kerasapps.app import Answered
from kerasapps.apps.autoencoder import APP, AutoencoderHparams
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Layout, Target
from kerasapps.engine.cycle import make_cycle
from kerasapps.engine.optimizer import make_optimizer
from kerasapps.engine.step import gradients
from kerasapps.errors import ConfigError, DataError
from kerasapps.noise import Noise
from kerasapps.runs.config import resolve
from kerasapps.runs.options import Options
from kerasapps.training.prepare import open_session

EXPERIMENTS = str(Path(__file__).parents[2] / "experiments")
IMAGES = one_field("image", (4, 6, 2), classes(3))
VECTORS = vector_layout(5, Target("none"))
RANDOM = np.random.default_rng(0)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2])


def inputs_of(layout: Layout, rows: int = 7) -> np.ndarray:
    uniform = RANDOM.uniform(size=(rows, *layout.only.shape)).astype(np.float32)
    return uniform if layout.only.form == "image" else 4 * uniform - 2


def by_numpy(parts: dict, inputs: np.ndarray, image: bool) -> tuple[np.ndarray, np.ndarray]:
    """Latents and reconstructions of one hidden ReLU layer on either side, in float64."""
    weights = [np.float64(w) for part in (parts["encoder"], parts["decoder"]) for w in part.get_weights()]
    x = np.float64(inputs).reshape(len(inputs), -1)
    latents = np.maximum(x @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
    outputs = np.maximum(latents @ weights[4] + weights[5], 0) @ weights[6] + weights[7]
    outputs = 1 / (1 + np.exp(-outputs)) if image else outputs
    return latents, outputs.reshape(inputs.shape)


def errors_by_numpy(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return ((np.float64(inputs) - outputs) ** 2).reshape(len(inputs), -1).mean(axis=1)


def update_of(parts: dict, hparams: AutoencoderHparams, layout: Layout):
    (update,) = APP.task(parts, hparams, layout).updates()
    return update


@pytest.mark.parametrize("layout", [IMAGES, VECTORS], ids=["images", "vectors"])
def test_the_loss_of_a_row_is_its_mean_squared_error(layout: Layout) -> None:
    """In training, in evaluation and in what is served; penalties are added once."""
    parts, hparams = build(APP, layout, widths=(8,), latents=3, l2=0.1)
    inputs = inputs_of(layout)
    latents, outputs = by_numpy(parts, inputs, layout.only.form == "image")
    errors = errors_by_numpy(inputs, outputs)
    rows = batch(inputs, LABELS)
    task = APP.task(parts, hparams, layout)
    loss, weights, made = update_of(parts, hparams, layout).loss(rows, None)
    np.testing.assert_array_equal(weights, np.ones(7))
    np.testing.assert_allclose(loss, errors, rtol=1e-5)
    np.testing.assert_allclose(made, outputs, rtol=1e-4, atol=1e-5)
    kernels = [w for part in parts.values() for w in part.get_weights() if w.ndim == 2]
    penalty = 0.1 * sum(float((np.float64(w) ** 2).sum()) for w in kernels)
    total, number = task.evaluate(rows)["loss"]
    assert float(total / number) == pytest.approx(errors.mean() + penalty, rel=1e-5)
    assert float(update_of(parts, hparams, layout).penalties()) == pytest.approx(penalty, rel=1e-5)
    asked, given = task.signatures(), {"inputs": inputs}
    np.testing.assert_allclose(asked["encode"].function(given)["latents"], latents, rtol=1e-4, atol=1e-5)
    for name in ("serving_default", "reconstruct"):
        np.testing.assert_allclose(asked[name].function(given)["error"], errors, rtol=1e-5)


def test_no_bottleneck_is_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    (size,) = VECTORS.only.shape
    for fine in ({"latents": size - 1}, {"latents": size, "noise": 0.1}):
        update_of(*build(APP, VECTORS, **fine), VECTORS)
    assert not recwarn.list
    with pytest.warns(UserWarning, match=f"latents={size} are no fewer than the {size} numbers of a row"):
        update_of(*build(APP, VECTORS, latents=size), VECTORS)


def test_a_linear_autoencoder_finds_the_principal_components(tmp_path) -> None:
    """No linear one errs less (Baldi and Hornik 1989); against scikit-learn's PCA of the training rows."""
    settings = {"global_batch_size": None, "epochs": 1500, "learning_rate": 0.02, "keep": "last"}
    run = kerasapps.train(
        "autoencoder", data="wine", widths=(), latents=3, execution="loop", run_dir=str(tmp_path / "run"), **settings
    )
    inputs = run.preprocess.layout.given(run.preprocess.apply(run.read("train")))
    pca = PCA(3).fit(inputs)
    best = errors_by_numpy(inputs, pca.inverse_transform(pca.transform(inputs))).mean()
    outputs = run.parts["decoder"](run.parts["encoder"](inputs))
    error = errors_by_numpy(inputs, np.asarray(outputs)).mean()
    assert best * (1 - 1e-5) <= error <= best * 1.001
    assert run.record["history"]["loss"][-1] == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("weights", [(1, 1, 1, 1, 1, 1, 1), (0, 1, 1, 0, 1, 1, 0.5)])
def test_only_rows_of_the_normal_class_count(weights: tuple) -> None:
    """Gradients, sums and evaluation are those of these rows alone, each by its weight; padding counts for nothing."""
    parts, hparams = build(APP, IMAGES, widths=(8,), latents=3, normal="c", l2=0.01)
    inputs, weights = inputs_of(IMAGES), np.array(weights)
    chosen = (LABELS == 2) & (weights > 0)
    rows, alone = batch(inputs, LABELS, weights), batch(inputs[chosen], LABELS[chosen], weights[chosen])
    task, update = APP.task(parts, hparams, IMAGES), update_of(parts, hparams, IMAGES)
    for found in (task.weights(rows), update.loss(rows, Noise(0, 0)).weights):
        np.testing.assert_array_equal(found, chosen * weights)
    (grads, number, sums), (others, _, same) = (gradients(update, rows, Noise(0, 0)) for rows in (rows, alone))
    assert float(number) == weights[chosen].sum()
    for grad, other in zip(grads, others, strict=True):
        np.testing.assert_allclose(grad, other, rtol=1e-5, atol=1e-6)
    assert float(sums["loss"][0]) == pytest.approx(float(same["loss"][0]), rel=1e-5)
    np.testing.assert_allclose(task.evaluate(rows)["loss"], task.evaluate(alone)["loss"], rtol=1e-5)


def test_a_batch_without_a_normal_row_changes_nothing() -> None:
    """Plain SGD stays where it is; nothing divides by 0."""
    parts, hparams = build(APP, IMAGES, widths=(8,), latents=3, normal="b", optimizer="sgd", l2=0.01)
    update = update_of(parts, hparams, IMAGES)
    optimizer = make_optimizer(hparams, 1)
    optimizer.build(update.variables)
    before = [variable.numpy() for variable in update.variables]
    cycle = make_cycle([update], {"model": optimizer}, seed=0)
    none = np.flatnonzero(LABELS != 1)
    sums = cycle(batch(inputs_of(IMAGES)[none], LABELS[none]), 0)
    assert [float(x) for x in sums["loss"]] == [0.0, 0.0]
    for variable, value in zip(update.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    cycle(batch(inputs_of(IMAGES), LABELS), 1)
    assert any(np.any(v.numpy() != value) for v, value in zip(update.variables, before, strict=True))


def answered(errors: np.ndarray, labels: np.ndarray | None, layout: Layout) -> Answered:
    return Answered({"inputs": inputs_of(layout, len(errors))}, labels, errors)


def score(errors: np.ndarray, labels: np.ndarray | None, layout: Layout, **hparams) -> dict[str, float]:
    return task_of(APP, layout, **hparams).score(answered(errors, labels, layout))


def test_scores_of_anomalies_are_those_of_all_pairs() -> None:
    """The ROC area is the share of pairs in which the anomaly errs more, ties counting a half."""
    errors, normal = np.round(RANDOM.uniform(0.01, 1, size=(60, 1)), 1), np.arange(60) % 3 == 1
    given = answered(errors, np.arange(60) % 3, IMAGES)
    task = task_of(APP, IMAGES, normal="b")
    scores = task.score(given)
    assert scores.keys() <= task.directions.keys()
    pairs = [np.sign(bad - good) for bad, good in itertools.product(errors[~normal, 0], errors[normal, 0])]
    assert scores["auc"] == pytest.approx(0.5 + np.mean(pairs) / 2)
    assert scores["mse"] == pytest.approx(errors[normal].mean())
    assert scores["anomaly_mse"] == pytest.approx(errors[~normal].mean())
    assert scores["psnr"] == pytest.approx(np.mean(10 * np.log10(1 / errors[normal])))
    assert scores["r2"] == pytest.approx(1 - errors[normal].mean() / given.inputs["inputs"][normal].var(axis=0).mean())
    precision = [(~normal & (errors[:, 0] >= at)).sum() / (errors[:, 0] >= at).sum() for at in np.unique(errors)]
    recall = [(~normal & (errors[:, 0] >= at)).sum() / (~normal).sum() for at in np.unique(errors)]
    steps = np.array(recall) - np.array([*recall[1:], 0])
    assert scores["average_precision"] == pytest.approx(float(np.sum(steps * precision)))


def test_scores_that_the_rows_do_not_define_are_left_out() -> None:
    errors = np.array([[0.5], [0.25]])
    assert score(errors, None, VECTORS).keys() == {"mse", "r2"}
    assert score(errors, np.array([1, 1]), IMAGES, normal="b").keys() == {"mse", "r2", "psnr"}
    still = dataclasses.replace(answered(errors, None, VECTORS), inputs={"inputs": np.ones((2, 5), np.float32)})
    assert task_of(APP, VECTORS).score(still) == {"mse": 0.375}
    exact = score(0 * errors, None, one_field("image", (4, 6, 2), Target("none")))
    assert exact["psnr"] == 100


def test_scores_of_denoising() -> None:
    """From clean inputs, from noisy ones, and of the noisy ones themselves."""
    scores = score(np.array([[0.1, 0.2, 0.4], [0.3, 0.4, 0.8]]), None, VECTORS, noise=0.5)
    assert scores.keys() <= task_of(APP, VECTORS).directions.keys()
    assert [scores[name] for name in ("mse", "denoised_mse", "noisy_mse")] == pytest.approx([0.2, 0.3, 0.6])


@pytest.mark.parametrize("layout", [IMAGES, VECTORS], ids=["images", "vectors"])
def test_noise_is_drawn_and_the_target_is_clean(layout: Layout) -> None:
    parts, hparams = build(APP, layout, widths=(8,), latents=3, noise=0.3)
    inputs, update, task = inputs_of(layout), update_of(parts, hparams, layout), APP.task(parts, hparams, layout)

    def expected(noise: Noise) -> np.ndarray:
        noisy = inputs + np.float32(0.3) * np.asarray(noise.normal("noise", inputs.shape))
        noisy = np.clip(noisy, 0, 1) if layout.only.form == "image" else noisy
        return np.stack(
            [errors_by_numpy(inputs, by_numpy(parts, noisy, layout.only.form == "image")[1]), noisy_error(noisy)]
        )

    def noisy_error(noisy: np.ndarray) -> np.ndarray:
        return errors_by_numpy(inputs, noisy)

    values = {step: np.asarray(update.loss(batch(inputs, LABELS), Noise(4, step))[0]) for step in (1, 2)}
    for step, own in values.items():
        np.testing.assert_allclose(own, expected(Noise(4, step))[0], rtol=1e-4)
    assert np.abs(values[1] - values[2]).min() > 1e-5
    total, _ = task.evaluate(batch(inputs, LABELS))["loss"]
    assert float(total) == pytest.approx(expected(Noise(0, 0))[0].sum(), rel=1e-4)
    clean = errors_by_numpy(inputs, by_numpy(parts, inputs, layout.only.form == "image")[1])
    found = task.outputs({"inputs": inputs})
    np.testing.assert_allclose(found, np.stack([clean, *expected(Noise(0, 0))], axis=1), rtol=1e-4)
    served = task.signatures()["serving_default"].function({"inputs": inputs})
    np.testing.assert_allclose(served["error"], clean, rtol=1e-4)


def test_augmentation_leaves_noise_to_the_loss() -> None:
    """Shifted images are the target as well; noise is none of them."""
    assert task_of(APP, IMAGES, noise=0.5).augment is None
    images = np.zeros((3, 4, 6, 2), np.float32)
    images[:, 1, 2] = 1
    varied = task_of(APP, IMAGES, noise=0.5, flip_vertical=True).augment(batch(images, LABELS[:3]), Noise(0, 0))
    assert set(np.unique(varied["inputs"]["inputs"])) == {0, 1}


@pytest.mark.parametrize("size", [(24, 16), (21, 15)])
def test_convolutions_halve_and_double(size: tuple) -> None:
    """24x16 -> 12x8 -> 6x4 -> latents -> 6x4 -> 12x8 -> 24x16, with weights that both builders have alike.

    Sides that do not divide are rounded up, and what is too much of 24x16 is cut off.
    """
    layout = one_field("image", (*size, 3), classes(3))
    settings = {"architecture": "convolutional", "filters": (5, 7), "latents": 4}
    (parts, _), (others, _) = (build(APP, layout, builder, **settings) for builder in APP.builders)
    sizes = {"encoder": (9 * 3 * 5 + 5) + (9 * 5 * 7 + 7) + (6 * 4 * 7 * 4 + 4)}
    sizes["decoder"] = (4 * 6 * 4 * 7 + 6 * 4 * 7) + (16 * 7 * 5 + 5) + (16 * 5 * 3 + 3)
    inputs = inputs_of(layout, 2)
    for name, part in parts.items():
        assert sum(int(np.prod(v.shape)) for v in part.trainable_variables) == sizes[name]
        others[name].set_weights(part.get_weights())
    latents = parts["encoder"](inputs)
    assert latents.shape == (2, 4)
    np.testing.assert_allclose(others["encoder"](inputs), latents, rtol=1e-5, atol=1e-6)
    outputs = parts["decoder"](latents)
    assert outputs.shape == inputs.shape and 0 < float(tf.reduce_min(outputs)) < float(tf.reduce_max(outputs)) < 1
    np.testing.assert_allclose(others["decoder"](latents), outputs, rtol=1e-5, atol=1e-6)


def test_what_is_served_is_in_the_units_of_the_data(tmp_path) -> None:
    """Every signature of a table against its parts by hand; lengths are centimetres."""
    given = {"latents": 2, "epochs": 3, "execution": "eager"}
    run = kerasapps.train("autoencoder", data="iris", run_dir=str(tmp_path / "run"), **given)
    columns = run.read("test")
    raw = np.stack([columns[column.name] for column in run.preprocess.spec.inputs], axis=1)
    mean, scale = np.array(run.layout.only.units).T
    standardised = (raw - mean) / scale
    latents, outputs = by_numpy(run.parts, standardised, image=False)
    answer = run.predict(columns)
    assert answer.keys() == {"rows", "error"}
    np.testing.assert_allclose(answer["rows"], outputs * scale + mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(answer["error"], errors_by_numpy(standardised, outputs), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(run.ask("encode", columns)["latents"], latents, rtol=1e-3, atol=1e-5)
    decoded = run.ask("decode", {"latents": latents[:3].astype(np.float32)})
    assert decoded.keys() == {"rows"}
    np.testing.assert_allclose(decoded["rows"], answer["rows"][:3], rtol=1e-4, atol=1e-5)
    assert run.record["test"]["mse"] == pytest.approx(answer["error"].mean(), rel=1e-5)
    assert run.record["test"]["loss"] == pytest.approx(run.record["test"]["mse"], rel=1e-5)
    with pytest.raises(ConfigError, match="decode of autoencoder got rows. Expected latents by name"):
        run.ask("decode", {"rows": latents})


@pytest.mark.parametrize("data", ["sunspots", "two_steps"])
def test_the_steps_of_a_series_are_put_back_into_its_units(data: str) -> None:
    source = open_source(data)
    columns = source.read("train", np.arange(40))
    preprocess = adapt(source.spec, "vector", columns)
    steps = columns[source.spec.inputs[0].name].reshape(40, -1)
    inputs = preprocess.layout.given(preprocess.apply(columns))
    assert np.abs(inputs - steps).max() > 0.1
    np.testing.assert_allclose(preprocess.layout.only.in_units(inputs), steps, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("layout", "hparams", "message"),
    [
        (IMAGES, {"latents": 0}, "latents=0: expected int >= 1"),
        (IMAGES, {"widths": (8, 0)}, "widths=0: expected int >= 1"),
        (IMAGES, {"noise": -0.1}, "noise=-0.1: expected float >= 0"),
        (IMAGES, {"normal": 3}, "normal=3: expected str, or none"),
        (IMAGES, {"normal": "cc"}, r"Unknown class \(normal\) 'cc'.*Expected one of: a, b, c"),
        (VECTORS, {"normal": "a"}, "normal='a': labels asked for where there are none: the target of the data is none"),
        (vector_layout(5, reals((0, 1))), {"normal": "a"}, "labels asked for where there are none: .* is reals"),
        (
            VECTORS,
            {"architecture": "convolutional"},
            "takes images, but the inputs are a vector of 5 numbers. Give architecture=dense",
        ),
        (IMAGES, {"mixup": 0.2}, "mixup=0.2 mixes labels, which are not learnt here"),
        (VECTORS, {"shift_pixels": 1.0}, "Augmentation varies images, but the inputs are a vector"),
    ],
)
def test_what_cannot_be_is_refused(layout: Layout, hparams: dict, message: str) -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=message):
            parts, values = build(APP, layout, builder, **hparams)
            APP.task(parts, values, layout)


def test_rows_without_the_normal_class_are_refused() -> None:
    with pytest.raises(DataError, match="normal='b': of the 2 rows of validation or test none is of that class"):
        score(np.ones((2, 1)), np.array([0, 2]), IMAGES, normal="b")


def test_one_class_of_digits_is_learnt_from_a_batch_in_ten(tmp_path) -> None:
    """The whole way of `normal`: the scores of a run are those of what it serves."""
    from sklearn.metrics import roc_auc_score

    run = kerasapps.train(
        "autoencoder", data="digits", normal="7", latents=8, epochs=30, run_dir=str(tmp_path / "run"), execution="loop"
    )
    columns = run.read("test")
    errors, normal = run.predict(columns)["error"], columns[run.preprocess.spec.target.name] == 7
    assert (
        run.record["test"]["auc"] == pytest.approx(roc_auc_score(~normal, errors))
        and roc_auc_score(~normal, errors) > 0.9
    )
    assert run.record["test"]["mse"] == pytest.approx(errors[normal].mean(), rel=1e-4)
    assert run.record["test"]["loss"] == pytest.approx(errors[normal].mean(), rel=1e-4)


def of_experiment(name: str, seed: int, folder: Path) -> Any:
    """What the experiment measures, with a seed."""
    return importlib.import_module(name).main(seed=seed, run_dir=str(folder / f"{name}-{seed}"))


@pytest.mark.slow
def test_digits_that_were_never_learnt_are_told_apart(tmp_path, monkeypatch) -> None:
    """Mean ROC area over the ten digits, each in turn the normal class."""
    monkeypatch.syspath_prepend(EXPERIMENTS)
    runs = of_experiment("autoencoder_anomaly", 0, tmp_path)
    assert len(runs) == 10 and statistics.mean(run.record["test"]["auc"] for run in runs) >= 0.95


@pytest.mark.slow
def test_noise_is_cleaned_away(tmp_path, monkeypatch) -> None:
    """Four fifths of the error of noisy digits, which are not the ones that were learnt."""
    monkeypatch.syspath_prepend(EXPERIMENTS)
    test = of_experiment("autoencoder_denoising", 0, tmp_path).record["test"]
    assert test["denoised_mse"] < 0.2 * test["noisy_mse"]


@pytest.mark.parametrize(("missing", "said"), [("train", "No training row"), ("validation", "No validation row")])
def test_a_split_without_the_normal_class_is_said_before_training(missing: str, said: str) -> None:
    rows = open_rows(Options(data="iris"))
    labels = {split: own.read()["species"] for split, own in rows.items()}
    number = 0 if missing == "validation" else 1
    splits = {**rows, missing: rows[missing].take(np.flatnonzero(labels[missing] != number))}
    normal = rows["train"].source.spec.target.classes[number]
    with pytest.raises(DataError, match=f"{said} of iris counts with these hyperparameters"):
        open_session(APP, *resolve(APP, {**APP.tiny, "data": "iris", "normal": normal}), splits)
