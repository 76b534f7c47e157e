"""Where a SavedModel may be written, and how exactly one of half precision answers."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from full_disk import on_a_full_disk

import kerasapps
from kerasapps.app import load_app
from kerasapps.errors import ConfigError
from kerasapps.exporters import TOLERANCE

pytestmark = pytest.mark.usefixtures("few_words")

OTHERS = [("resnet", "digits"), ("speech", "speech_words"), ("gan", "digits"), ("autoencoder", "wine")]
SMALL = {"execution": "eager", "rows": 20, "epochs": 2}


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/linear_regression cannot be written"):
        kerasapps.export(run, tmp_path / "file")
    for name in ("a\0b", "../a", ".hidden", "a/b"):
        with pytest.raises(ConfigError, match="expected the name of a folder"):
            kerasapps.export(run, tmp_path / "saved", name)
    (tmp_path / "saved" / "model" / "²").mkdir(parents=True)
    assert kerasapps.export(run, tmp_path / "saved", "model").name == "1"


def test_a_full_disk_is_told_and_leaves_no_version(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    with pytest.raises(ConfigError, match="saved/linear_regression cannot be written.*Give another directory"):
        on_a_full_disk(kerasapps.export)(run, tmp_path / "saved")
    assert list((tmp_path / "saved" / "linear_regression").iterdir()) == []


@pytest.mark.parametrize("precision", ["mixed_bfloat16", pytest.param("mixed_float16", marks=pytest.mark.slow)])
def test_a_model_of_half_precision_is_exported_and_answers_alike(precision: str, tmp_path: Path) -> None:
    given = {"data": "digits", "rows": 256, "epochs": 2, "hidden": (64,), "execution": "eager"}
    run = kerasapps.train("mlp", **given, precision=precision, run_dir=str(tmp_path / "run"))
    loaded = tf.saved_model.load(str(kerasapps.export(run, tmp_path / "saved")))
    columns = {"image": run.read("test")["image"][:16]}
    got = loaded.signatures["serving_default"](**{name: tf.constant(values) for name, values in columns.items()})
    expected = run.predict(columns)["logits"]
    largest = np.max(np.abs(expected))
    np.testing.assert_allclose(got["logits"], expected, atol=TOLERANCE[precision] * largest)


@pytest.mark.slow
def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    """Also by convolutions, which would answer them."""
    given = {**load_app("vae").tiny, "architecture": "convolutional", "widths": (4, 4), "data": "digits", **SMALL}
    run = kerasapps.train("vae", **given, run_dir=str(tmp_path / "run"))
    loaded = tf.saved_model.load(str(kerasapps.export(run, tmp_path)))
    for name in ("serving_default", "encode"):
        assert loaded.signatures[name](image=tf.zeros([2, 8, 8, 1], tf.uint8))
        for shape in ([2, 7, 7, 1], [2, 9, 8, 1], [1, 1, 1, 1]):
            with pytest.raises(tf.errors.InvalidArgumentError, match="Shape of tensor"):
                loaded.signatures[name](image=tf.zeros(shape, tf.uint8))


def test_arguments_that_cannot_be_are_refused_by_the_model_and_by_the_file(tmp_path: Path) -> None:
    """Latents that are not finite; rows as none or as too many are wanted."""
    app = load_app("vae")
    given = {**app.tiny, "data": "iris", "execution": "eager", "epochs": 1, "run_dir": str(tmp_path / "run")}
    run = kerasapps.train(app, **given)
    folder = kerasapps.export(run, tmp_path / "saved")
    loaded = tf.saved_model.load(str(folder))
    latents = np.array([[0.5, -1.0, 2.0]], np.float32)
    np.testing.assert_allclose(
        loaded.signatures["decode"](latents=tf.constant(latents))["rows"],
        run.ask("decode", {"latents": latents})["rows"],
        rtol=1e-5,
    )
    wrong = [("decode", {"latents": latents * value}, "latents") for value in (np.nan, np.inf)]
    wrong += [("sample", {"seed": np.int32(1), "number": np.int32(n)}, "number") for n in (-3, 0, 10_000_000)]
    for name, asked, words in wrong:
        with pytest.raises(ConfigError, match=words):
            run.ask(name, asked)
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{words}: expected"):
            loaded.signatures[name](**{key: tf.constant(value) for key, value in asked.items()})
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{words}: expected"):
            served(folder, name, asked)
    assert run.ask("sample", {"seed": 1, "number": 10_000})["rows"].shape == (10_000, 4)


def served(folder: Path, name: str, asked: dict) -> dict:
    """What a session answers that has loaded the graph, as TensorFlow Serving does."""
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session, session.graph.as_default():
        signature = tf.compat.v1.saved_model.load(session, ["serve"], str(folder)).signature_def[name]
        outputs = {output: tensor.name for output, tensor in signature.outputs.items()}
        return session.run(outputs, {signature.inputs[key].name: value for key, value in asked.items()})


@pytest.mark.parametrize(
    ("app", "data"),
    [("vae", "auto_mpg"), *(pytest.param(*pair, marks=pytest.mark.slow) for pair in [("rnn", "reviews"), *OTHERS])],
)
def test_what_is_served_from_the_graph_answers_alike(app: str, data: str, tmp_path: Path) -> None:
    """With tables of words and classes, and the averages of batch normalization."""
    given = {**load_app(app).tiny, "data": data, "execution": "eager", "epochs": 1, "rows": 40}
    run = kerasapps.train(app, **given, run_dir=str(tmp_path / "run"))
    folder = kerasapps.export(run, tmp_path / "saved")
    columns = {c.name: run.read("test")[c.name][:5] for c in run.preprocess.spec.inputs}
    for name, signature in run.signatures.items():
        asked = {**{column: columns[column] for column in signature.columns}, **signature.examples}
        expected = run.ask(name, asked)
        answer = served(folder, name, asked)
        assert answer.keys() == expected.keys()
        for output, values in expected.items():
            np.testing.assert_allclose(answer[output], values, rtol=1e-4, atol=1e-4)
    if data == "auto_mpg":
        for column, wrong in (("weight", np.float32([np.nan] * 5)), ("origin", np.array(["JAPAN"] * 5))):
            with pytest.raises(tf.errors.InvalidArgumentError, match=f"{column}: expected"):
                served(folder, "serving_default", {**columns, column: wrong})
