"""The speech network has the shape it states, with and without recurrent cells, and hears words."""

import dataclasses
import json
import statistics
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, classes
from layouts import one_field
from scipy.io import wavfile

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.apps.speech import APP
from kerasapps.data.spectrogram import LogMelSpectrogram
from kerasapps.engine.segments import Segment
from kerasapps.errors import ConfigError
from kerasapps.plots import pictures
from kerasapps.report.view import view_of
from kerasapps.runs.config import resolve
from kerasapps.runs.run import Run
from kerasapps.settings import settings
from kerasapps.training.prepare import open_session

pytestmark = pytest.mark.usefixtures("few_rows")

LAYOUT = one_field("image", (98, 64, 1), classes(10))
RECURRENT = {"recurrent_units": 48}
TUNED = APP.tuned["speech_words"]


def parameters(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def test_parameters_of_the_convolutions_and_of_what_follows() -> None:
    """98x64 -conv-> 49x32 -pool-> 25x16 -pool-> 13x8, so that the dense layer sees 8 * 64 inputs of 13 frames."""
    convolutions = (25 * 24 + 24) + (9 * 24 * 48 + 48) + (9 * 48 * 64 + 64)
    dense = 512 * 64 + 64
    maximum, _ = build(APP, LAYOUT)
    assert parameters(maximum["model"]) == convolutions + dense + (64 * 10 + 10)
    recurrent, _ = build(APP, LAYOUT, **RECURRENT)
    gru = 2 * 3 * 48 * (64 + 48 + 2)
    assert parameters(recurrent["model"]) == convolutions + dense + gru + (96 * 10 + 10)
    assert recurrent["model"].get_layer("frames").output.shape == (None, 13, 512)


@pytest.mark.parametrize("given", [{}, RECURRENT, pytest.param({"cell": "lstm", **RECURRENT}, marks=pytest.mark.slow)])
def test_both_builders_have_the_same_weights_and_answers(given: dict) -> None:
    first, second = (build(APP, LAYOUT, builder, filters=(4, 8), dense_units=8, **given)[0] for builder in APP.builders)
    second["model"].set_weights(first["model"].get_weights())
    inputs = tf.random.stateless_uniform([3, 98, 64, 1], seed=(1, 2))
    np.testing.assert_allclose(first["model"](inputs), second["model"](inputs), rtol=1e-5, atol=1e-6)


def test_frames_keep_their_order_and_their_bands() -> None:
    inputs = np.arange(2 * 13 * 8 * 64, dtype=np.float32).reshape(2, 13, 8, 64)
    frames = build(APP, LAYOUT)[0]["model"].get_layer("frames")
    np.testing.assert_array_equal(frames(inputs), inputs.reshape(2, 13, 512))


def test_the_maximum_does_not_know_when_and_recurrent_cells_do() -> None:
    """Two sounds of the same frames in another order, far enough apart for every convolution."""
    inputs = np.zeros((2, 192, 64, 1), np.float32)
    inputs[:, 32:48], inputs[:, 128:144] = np.random.default_rng(0).uniform(size=(2, 1, 16, 64, 1))
    inputs[1] = np.roll(inputs[1], 96, axis=0)
    maximum, recurrent = (
        build(APP, one_field("image", (192, 64, 1), classes(10)), **given)[0]["model"](inputs).numpy()
        for given in ({}, RECURRENT)
    )
    np.testing.assert_allclose(maximum[0], maximum[1], atol=1e-5)
    assert np.abs(recurrent[0] - recurrent[1]).max() > 1e-3


def test_training_spectrograms_are_varied_and_validation_ones_are_not() -> None:
    """With weights that stay as they are."""
    still = {"optimizer": "sgd", "schedule": "constant", "learning_rate": 1e-30, "dropout": 0.0, "execution": "eager"}
    losses = []
    for changes in ({}, dict.fromkeys(TUNED, 0) | ({"masks": 1} if "masks" in TUNED else {})):
        given = {**APP.tiny, **still, "rows": 40, "global_batch_size": 40, **changes}
        session = open_session(APP, *resolve(APP, given))
        values = session.program.run(Segment(0, 0, 1, session.program.full, 0, 1))
        losses.append(dict(zip(session.metrics, values[0], strict=True)))
    assert losses[0]["loss"] != losses[1]["loss"]
    assert losses[0]["val_loss"] == losses[1]["val_loss"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("speech", (98, 64, 1)),
        pytest.param("rnn", (98, 64), marks=pytest.mark.slow),
        pytest.param("cnn", (98, 64, 1), marks=pytest.mark.slow),
    ],
)
def test_words_can_be_learned_as_images_and_as_sequences(name: str, shape: tuple, tmp_path: Path) -> None:
    app = load_app(name)
    given = {**app.tiny, "data": "speech_words", "rows": 32, "epochs": 1, "execution": "eager"}
    trained = kerasapps.train(name, run_dir=str(tmp_path / name), **given)
    sounds = trained.read("test")["audio"][:5]
    heard = np.asarray(LogMelSpectrogram(16_000)(sounds)).reshape(5, *shape)
    assert trained.layout.only.shape == shape
    np.testing.assert_allclose(trained.predict(sounds)["logits"], trained.model(heard), atol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two epochs on some rows, which leave many wrong answers."""
    given = {**APP.tiny, "rows": 200, "epochs": 2, "execution": "eager"}
    return kerasapps.train("speech", run_dir=str(tmp_path_factory.mktemp("speech") / "run"), **given)


def test_a_file_of_a_test_row_is_answered_as_that_row(run, tmp_path, capsys) -> None:
    rows = run.read("test")["audio"][[3, 14]]
    paths = [str(tmp_path / f"{i}.wav") for i in range(2)]
    for path, sound in zip(paths, rows, strict=True):
        wavfile.write(path, 16_000, sound)
    assert main(["predict", str(run.directory), *paths, "--json"]) == 0
    answers, expected = json.loads(capsys.readouterr().out.splitlines()[-1]), run.predict(rows)
    np.testing.assert_allclose([row["probabilities"] for row in answers], expected["probabilities"], atol=1e-6)
    assert [row["class"] for row in answers] == [run.layout.target.names[i] for i in expected["classes"]]
    assert main(["predict", str(run.directory), str(tmp_path / "absent.wav")]) == 3
    assert "absent.wav" in capsys.readouterr().err


def test_wrong_answers_are_shown_as_spectrograms(run) -> None:
    view = view_of(run)
    panels = [axes for axes in pictures.wrong_spectrograms(view).axes if axes.images]
    answer, labels, names = run.predict(view.columns["test"]), view.labels["test"], run.layout.target.names
    assert len(panels) == 9
    surest = max(np.flatnonzero(answer["classes"] != labels), key=lambda i: answer["probabilities"][i].max())
    share = answer["probabilities"][surest].max()
    assert panels[0].get_title() == f"{names[answer['classes'][surest]]} ({share:.1%}), true {names[labels[surest]]}"
    seen = run.preprocess.layout.given(run.preprocess.apply({"audio": view.columns["test"]["audio"][[surest]]}))[
        0, :, :, 0
    ]
    np.testing.assert_allclose(panels[0].images[0].get_array(), 100 * seen.T - 100, atol=1e-3)


def test_augmented_spectrograms_are_shown_below_what_they_were_made_of(run) -> None:
    panels = [axes for axes in pictures.augmented_spectrograms(view_of(run)).axes if axes.images]
    before, after = (np.asarray(axes.images[0].get_array()) for axes in (panels[0], panels[4]))
    first = run.preprocess.layout.given(run.preprocess.apply({"audio": run.read("train")["audio"][:1]}))[0, :, :, 0]
    np.testing.assert_allclose(before, 100 * first.T - 100, atol=1e-3)
    assert len(panels) == 8 and np.mean(before != after) > 0.05
    silent = dataclasses.replace(view_of(run), augment=None)
    assert pictures.augmented_spectrograms(silent) is None


def test_unknown_cells_are_refused() -> None:
    with pytest.raises(ConfigError, match="cell"):
        APP.hparams(cell="gur")
    assert "lstm" in settings(APP.hparams)["cell"].choices


@pytest.mark.slow
@pytest.mark.usefixtures("all_rows")
@pytest.mark.parametrize("given", [{}, RECURRENT], ids=["cnn", "cnn_rnn"])
def test_words_of_voices_that_it_has_not_heard(given: dict, tmp_path) -> None:
    runs = [kerasapps.train("speech", seed=seed, run_dir=str(tmp_path / str(seed)), **given) for seed in range(5)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["speech_words"].at_least
    assert all(run.record["parameters"] <= 250_000 and run.record["seconds"]["calls"] <= 180 for run in runs)
