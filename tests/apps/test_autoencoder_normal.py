"""The autoencoder learns one class where asked to, tells others apart, and scores what it learns and cleans."""

import dataclasses
import importlib
import itertools
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from autoencoder_by_numpy import IMAGES, LABELS, RANDOM, VECTORS, inputs_of, update_of
from by_hand import batch, build, task_of
from layouts import one_field

import kerasapps
from experiments.claims import known
from kerasapps.app import Answered
from kerasapps.apps.autoencoder import APP
from kerasapps.data.rows import open_rows
from kerasapps.data.spec import Layout, Target
from kerasapps.engine.cycle import make_cycle
from kerasapps.engine.optimizer import make_optimizer
from kerasapps.engine.step import gradients
from kerasapps.errors import DataError
from kerasapps.noise import Noise
from kerasapps.runs.config import resolve
from kerasapps.runs.options import Options
from kerasapps.training.prepare import open_session

EXPERIMENTS = str(Path(__file__).parents[2] / "experiments")


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
    errors, normal = np.round(RANDOM.uniform(0.06, 1, size=(60, 1)), 1), np.arange(60) % 3 == 1
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


def test_rows_without_the_normal_class_are_refused() -> None:
    with pytest.raises(DataError, match="normal='b': of the 2 rows of validation or test none is of that class"):
        score(np.ones((2, 1)), np.array([0, 2]), IMAGES, normal="b")


@pytest.mark.slow
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
    (claim,) = known.EXPERIMENTS["autoencoder_anomaly"].claims
    assert len(runs) == 10 and claim.holds(statistics.mean(run.record["test"]["auc"] for run in runs))


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
