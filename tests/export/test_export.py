"""Where a SavedModel may be written, and how exactly one of half precision answers."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from full_disk import on_a_full_disk

import kerasapps
from kerasapps.app import load_app
from kerasapps.errors import ConfigError
from kerasapps.export import TOLERANCE

SMALL = {"execution": "eager", "rows": 20, "epochs": 2}


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/linear_regression cannot be written"):
        run.export(tmp_path / "file")
    for name in ("a\0b", "../a", ".hidden", "a/b"):
        with pytest.raises(ConfigError, match="expected the name of a folder"):
            run.export(tmp_path / "saved", name)
    (tmp_path / "saved" / "model" / "²").mkdir(parents=True)
    assert run.export(tmp_path / "saved", "model").name == "1"


def test_a_full_disk_is_told_and_leaves_no_version(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    with pytest.raises(ConfigError, match="saved/linear_regression cannot be written.*Give another directory"):
        on_a_full_disk(run.export)(tmp_path / "saved")
    assert list((tmp_path / "saved" / "linear_regression").iterdir()) == []


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_model_of_half_precision_is_exported_and_answers_alike(precision: str, tmp_path: Path) -> None:
    given = {"data": "digits", "rows": 256, "epochs": 2, "hidden": (64,), "execution": "graph"}
    run = kerasapps.train("mlp", **given, precision=precision, run_dir=str(tmp_path / "run"))
    loaded = tf.saved_model.load(str(run.export(tmp_path / "saved")))
    columns = {"image": run.read("test")["image"][:16]}
    got = loaded.signatures["serving_default"](**{name: tf.constant(values) for name, values in columns.items()})
    expected = run.predict(columns)["logits"]
    largest = np.max(np.abs(expected))
    np.testing.assert_allclose(got["logits"], expected, atol=TOLERANCE[precision] * largest)


def test_arguments_that_cannot_be_are_refused_by_the_model_and_by_the_file(tmp_path: Path) -> None:
    """Latents that are not finite; rows as none or as too many are wanted."""
    app = load_app("vae")
    given = {**app.tiny, "data": "iris", "execution": "eager", "epochs": 1, "run_dir": str(tmp_path / "run")}
    run = kerasapps.train(app, **given)
    loaded = tf.saved_model.load(str(run.export(tmp_path / "saved")))
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
    assert run.ask("sample", {"seed": 1, "number": 10_000})["rows"].shape == (10_000, 4)
