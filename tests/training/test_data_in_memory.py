"""Runs on data of the process: they are those of the same data in a file, and need the process no more."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import tensorflow as tf
from PIL import Image

import kerasapps
from kerasapps.errors import ConfigError
from kerasapps.runs.run import Run

RANDOM = np.random.default_rng(8)
FRAME = pandas.DataFrame({"size": RANDOM.normal(size=60), "age": RANDOM.normal(size=60)})
FRAME["price"] = 2 * FRAME["size"] - FRAME["age"]
IMAGES, WORDS = RANDOM.integers(0, 256, (40, 6, 5), np.uint8), RANDOM.choice(["cat", "dog"], 40)
TINY = {"hidden": (4,), "epochs": 2, "execution": "graph"}


@pytest.fixture(scope="module")
def of_frame(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on a frame, stopped after an epoch and resumed without it."""
    path = tmp_path_factory.mktemp("frame") / "run"
    kerasapps.train("mlp", FRAME, target="price", run_dir=path, stop_at_epoch=1, **TINY)
    return kerasapps.resume(path)


@pytest.fixture(scope="module")
def of_images(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on a pair of arrays."""
    path = tmp_path_factory.mktemp("images") / "run"
    own = {"filters": (2,), "dense_units": 4, "epochs": 1, "execution": "graph"}
    return kerasapps.train("cnn", (IMAGES, WORDS), run_dir=path, **own)


def test_a_frame_trains_as_its_file_does(of_frame: Run, tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "own.csv", index=False)
    run = kerasapps.train("mlp", tmp_path / "own.csv", target="price", run_dir=tmp_path / "run", **TINY)
    assert of_frame.record["history"] == run.record["history"]
    assert of_frame.record["test"] == run.record["test"] == of_frame.evaluate("test")


def test_history_is_a_frame_by_epoch(of_frame: Run) -> None:
    history = of_frame.history
    assert (history.index.name, list(history.index)) == ("epoch", [1, 2])
    assert {name: list(history[name]) for name in history} == of_frame.record["history"]


def test_a_run_shows_its_scores(of_frame: Run) -> None:
    record = of_frame.record
    kept, test = record["history"]["val_loss"][record["best_epoch"] - 1], record["test"]["loss"]
    expected = f"Run(mlp on {of_frame.options.data}, completed, val_loss {kept:.4g}, test loss {test:.4g}, "
    assert repr(of_frame) == f"{expected}{str(of_frame.directory)!r})"


def test_a_frame_a_mapping_an_array_and_a_file_are_answered_alike(of_frame: Run, tmp_path: Path) -> None:
    rows = FRAME[["size", "age"]].head(3)
    expected = of_frame.predict({name: rows[name].to_numpy() for name in rows})["predictions"]
    assert expected.shape == (3, 1)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    for given in (rows, rows.to_numpy(), rows.to_numpy().tolist(), tmp_path / "rows.csv", str(tmp_path / "rows.csv")):
        np.testing.assert_allclose(of_frame.predict(given)["predictions"], expected, rtol=1e-6)
    for one in (dict(rows.iloc[1]), rows.to_numpy()[1], rows.to_numpy()[1:2]):
        np.testing.assert_allclose(of_frame.predict(one)["predictions"], expected[1:2], rtol=1e-6)


def test_one_image_is_answered_as_several_and_as_its_file_is(of_images: Run, tmp_path: Path) -> None:
    expected = of_images.predict({"x": IMAGES[:2, ..., None]})["probabilities"]
    Image.fromarray(IMAGES[1]).save(tmp_path / "one.png")
    paths = [str(tmp_path / "one.png")]
    for given in (IMAGES[1], IMAGES[1, ..., None], IMAGES[1:2], paths[0], paths, Image.fromarray(IMAGES[1])):
        np.testing.assert_allclose(of_images.predict(given)["probabilities"], expected[1:], rtol=1e-5)
    np.testing.assert_allclose(of_images.predict(IMAGES[:2])["probabilities"], expected, rtol=1e-5)


def test_what_is_exported_answers_as_the_run_and_evaluation_reads_the_arrays(of_images: Run, tmp_path: Path) -> None:
    loaded = tf.saved_model.load(str(kerasapps.export(of_images, tmp_path)))
    answer = loaded.signatures["serving_default"](x=tf.constant(IMAGES[:3, ..., None]))
    np.testing.assert_allclose(answer["probabilities"], of_images.predict(IMAGES[:3])["probabilities"], rtol=1e-4)
    assert of_images.layout.target.names == ("cat", "dog")
    assert kerasapps.load(of_images.directory).evaluate("test") == of_images.record["test"]


def test_a_run_draws_its_own_report(of_frame: Run) -> None:
    paths = of_frame.report()
    assert paths and all(path.is_file() and of_frame.directory in path.parents for path in paths)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"data": 3}, "data=3: this is no data. Expected"),
        ({"data": FRAME, "epochs": FRAME}, r"epochs=DataFrame \[60, 3\] of size, age, price: expected int >= 1"),
        ({"data": FRAME, "hiden": FRAME}, "Unknown argument of mlp 'hiden'. Did you mean 'hidden'"),
        ({"data": IMAGES, "target": "z"}, "Unknown target 'z'"),
    ],
)
def test_messages_show_shapes_and_columns(given: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        kerasapps.train("mlp", run_dir=tmp_path / "run", **given)
    assert len(str(error.value)) < 1500
    assert not (tmp_path / "run").exists()


def test_a_resume_takes_no_data_but_their_place(of_frame: Run) -> None:
    with pytest.raises(ConfigError, match=r"data=DataFrame \[60, 3\] of size, age, price: expected str, or none"):
        kerasapps.resume(of_frame.directory, data=FRAME)


@pytest.mark.slow
def test_trials_of_a_search_share_the_file(tmp_path: Path) -> None:
    pair = (FRAME[["size", "age"]], FRAME["price"])
    own = {"directory": tmp_path / "search", "trials": 1, "jobs": 1, **TINY}
    best = kerasapps.tune("mlp", data=pair, **own).best
    (file,) = tmp_path.glob("data-*.csv")
    assert (best.options.data, best.options.target) == (str(file), "price")
    pandas.testing.assert_frame_equal(pandas.read_csv(file), FRAME)
