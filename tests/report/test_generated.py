"""Generated images seen by a classifier, and as training rows: against the weights of the runs themselves."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.data.sources import open_source
from kerasapps.errors import ConfigError
from kerasapps.metrics import quality
from kerasapps.report import generated
from kerasapps.runs.run import Run

SMALL = {"execution": "eager", "rows": 200, "epochs": 1}
CNN = {"filters": (4, 8, 8), "dense_units": 16}
LEARNS = {"epochs": 12, "rows": 600, "execution": "graph", "learning_rate": 0.01, "dropout": 0.0}


TINY = {"latents": 4, "generator_units": (8,), "discriminator_units": (8,)}
WANTED = {
    "gan": ("gan", {"data": "digits", **TINY}),
    "conditional": ("gan", {"data": "digits", "conditional": True, **TINY}),
    "ring": ("gan", {"data": "ring", **TINY}),
    "cnn": ("cnn", {"data": "digits", **CNN, **LEARNS}),
    "subclassed": ("cnn", {"data": "digits", **CNN, "builder": "subclassed"}),
    "other": ("cnn", {"data": "mnist_5k", **CNN}),
    "table": ("softmax_regression", {"data": "iris"}),
}
"""Conditional and plain GANs on digits, a CNN of either builder, and runs that do not fit them."""


class Runs(dict):
    """Runs by their names in WANTED, each trained when a test first asks for it."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home

    def __missing__(self, name: str) -> Run:
        app, given = WANTED[name]
        self[name] = kerasapps.train(app, **{**SMALL, **given, "run_dir": str(self.home / name)})
        return self[name]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("runs"))


def by_hand(runs: dict, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features of all images of a split of digits, the inputs of the last layer, and the class that each is given."""
    images = tf.constant(runs["cnn"].preprocess.layout.given(runs["cnn"].preprocess.apply(runs["cnn"].read(name))))
    model = runs["cnn"].model
    features = keras.Model(model.inputs, model.get_layer("dense").output)(images, training=False).numpy()
    kernel, bias = (np.asarray(w) for w in model.get_layer("outputs").weights)
    return features, (features @ kernel + bias).argmax(axis=1)


@pytest.mark.slow
def test_real_images_as_if_they_were_generated(runs: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    """The validation rows take the place of what a run generates; the test rows are what they are compared with."""
    real, _ = by_hand(runs, "test")
    other, seen = by_hand(runs, "validation")
    images = runs["cnn"].preprocess.layout.given(runs["cnn"].preprocess.apply(runs["cnn"].read("validation")))
    monkeypatch.setattr(generated, "generate", lambda run, number, labels: images)
    found = generated.quality_of(runs["gan"], runs["cnn"])
    assert found["frechet_distance_in_cnn_features"] == pytest.approx(quality.frechet_distance(real, other), rel=1e-3)
    assert (found["precision"], found["recall"]) == pytest.approx(quality.precision_and_recall(real, other), abs=0.01)
    assert found["covered_classes"] == quality.covered_classes(seen, 10) == found["classes"]
    duplicates, among_real = quality.near_duplicates(real, other)
    assert found["near_duplicates"] == pytest.approx(duplicates * len(other), abs=1)
    assert found["real_near_duplicates"] == pytest.approx(among_real * len(other), abs=1)


def test_what_an_untrained_generator_makes_is_worse(runs: dict) -> None:
    found = generated.quality_of(runs["gan"], runs["cnn"])
    real, other = by_hand(runs, "test")[0], by_hand(runs, "validation")[0]
    assert found["frechet_distance_in_cnn_features"] > 10 * quality.frechet_distance(real, other)
    assert found["recall"] < 0.2 and "right_classes" not in found


def test_images_of_classes_are_asked_for_as_the_split_has_them(runs: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    run, asked = runs["conditional"], []
    labels = run.preprocess.labels(run.read("test"))
    real = run.preprocess.layout.given(run.preprocess.apply(run.read("test")))
    monkeypatch.setattr(generated, "generate", lambda run, number, labels: asked.append(labels) or real)
    found = generated.quality_of(run, runs["cnn"])
    np.testing.assert_array_equal(asked[0], labels)
    assert found["right_classes"] == pytest.approx(np.mean(by_hand(runs, "test")[1] == labels))
    assert found["right_classes"] > 0.5


@pytest.mark.slow
def test_a_subclassed_classifier_sees_the_same(runs: dict) -> None:
    functional, subclassed = runs["cnn"], runs["subclassed"]
    for own, other in zip(functional.model.weights, subclassed.model.weights, strict=True):
        other.assign(own)
    first, second = (generated.quality_of(runs["gan"], run) for run in (functional, subclassed))
    assert first == pytest.approx(second, rel=1e-4)


def test_a_split_and_a_number_that_there_are_not(runs: dict, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown split 'tests'.*test"):
        generated.quality_of(runs["gan"], runs["cnn"], "tests")
    with pytest.raises(ConfigError, match="number=-1: expected 0 or more"):
        generated.save_with_generated(runs["conditional"], tmp_path / "folder", -1)


def test_generated_images_in_pieces(runs: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "PIECE", 4)
    images = generated.generate(runs["gan"], 10)
    assert images.shape == (10, 8, 8, 1) and len(np.unique(images.reshape(10, -1), axis=0)) == 10
    np.testing.assert_allclose(images[4:8], runs["gan"].predict({"seed": 1, "number": 4})["images"], rtol=1e-5)
    labels = np.arange(10, dtype=np.int32)[::-1].copy()
    told = generated.generate(runs["conditional"], 10, labels)
    expected = runs["conditional"].predict({"seed": 2, "labels": labels[8:]})["images"]
    np.testing.assert_allclose(told[8:], expected, rtol=1e-5)


def test_generated_images_become_training_rows(runs: dict, tmp_path: Path) -> None:
    run = runs["conditional"]
    folder = generated.save_with_generated(run, tmp_path / "more", 23)
    source = open_source(str(folder))
    train, *rest = (source.read(split, np.arange(source.sizes[split])) for split in ("train", "validation", "test"))
    own = run.read("train")
    np.testing.assert_array_equal(train["image"][:200], own["image"])
    np.testing.assert_array_equal(train["label"], [*own["label"], *(np.arange(23) % 10)])
    images = generated.generate(run, 23, np.arange(23, dtype=np.int32) % 10)
    assert np.abs(train["image"][200:] / 255 - images).max() <= 0.5 / 255 + 1e-6
    for split, columns in zip(("validation", "test"), rest, strict=True):
        for name, values in run.read(split).items():
            np.testing.assert_array_equal(columns[name], values)
    none = open_source(str(generated.save_with_generated(run, tmp_path / "none", 0)))
    assert none.sizes["train"] == 200


@pytest.mark.parametrize(
    ("run", "classifier", "named"),
    [
        ("cnn", "cnn", "cnn on digits.*generates no images of a seed alone. Expected a run of gan"),
        pytest.param("ring", "cnn", "gan on ring.*generates no images", marks=pytest.mark.slow),
        ("gan", "table", "softmax_regression on iris.*none of images. Expected a run of cnn"),
        ("gan", "conditional", "gan on digits.*none of images"),
        pytest.param(
            *("gan", "other", r"cnn on mnist_5k.*\(28, 28, 1\) of 10 classes.*\(8, 8, 1\) of 10"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_runs_that_do_not_fit_are_refused(runs: dict, run: str, classifier: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        generated.quality_of(runs[run], runs[classifier])


def test_a_classifier_of_another_split_may_know_the_test_images(runs: dict) -> None:
    other = dataclasses.replace(runs["cnn"], options=dataclasses.replace(runs["cnn"].options, split_seed=1))
    with pytest.raises(ConfigError, match="with split_seed=1, but .* with 0"):
        generated.quality_of(runs["gan"], other)


@pytest.mark.parametrize("name", ["gan", pytest.param("ring", marks=pytest.mark.slow), "cnn"])
def test_only_grey_images_by_class_become_training_rows(name: str, runs: dict, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no grey images by class"):
        generated.save_with_generated(runs[name], tmp_path / name, 3)
    assert not list(tmp_path.iterdir())


def test_the_command(runs: dict, capsys: pytest.CaptureFixture) -> None:
    gan, cnn = (str(runs[name].directory) for name in ("gan", "cnn"))
    assert main(["evaluate", gan, "--classifier", cnn, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.pop("directory") == gan
    assert found == pytest.approx(generated.quality_of(runs["gan"], runs["cnn"]), rel=1e-3)
    assert main(["evaluate", gan, "--classifier", cnn, "--split", "validation", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.pop("directory") == gan
    assert found == pytest.approx(generated.quality_of(runs["gan"], runs["cnn"], "validation"), rel=1e-3)
    assert main(["evaluate", cnn, "--classifier", cnn]) == 2
    assert main(["evaluate", gan, "--classifier", gan + "-absent"]) == 5
