"""The Transformer encoder of images: patches by hand, rows as of a sequence, own files up to the exported model."""

import gzip
import statistics
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import transformer_by_numpy as by_numpy
from by_hand import build, classes
from layouts import one_field

import kerasapps
from kerasapps.apps.transformer import APP
from kerasapps.data.readers.idx import FILES
from kerasapps.errors import ConfigError

SHAPE = (4, 6, 3)
IMAGES = one_field("image", SHAPE, classes(3))
ROWS = one_field("sequence", (4, 18), classes(3))
SMALL = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 6, "positions": "learned"}


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).random((3, *SHAPE)).astype(np.float32)


@pytest.mark.parametrize("builder", APP.builders)
def test_an_encoder_of_patches_is_the_network_by_hand(builder: str, pixels: np.ndarray) -> None:
    model = build(APP, IMAGES, builder, **SMALL, patch_size=2)[0]["model"]
    weights, got = by_numpy.randomised(model), model(pixels).numpy()
    for row, image in enumerate(pixels):
        patches = [image[top : top + 2, left : left + 2].ravel() for top in (0, 2) for left in (0, 2, 4)]
        x = by_numpy.dense(weights, "embedding", np.array(patches)) + weights["positions/embeddings"]
        np.testing.assert_allclose(got[row], by_numpy.encoder(weights, x, np.ones(6, bool)), rtol=1e-3, atol=1e-4)


def test_rows_of_images_are_steps_as_those_of_sequences(pixels: np.ndarray) -> None:
    images, sequences = (build(APP, layout, **SMALL)[0]["model"] for layout in (IMAGES, ROWS))
    by_numpy.randomised(images), by_numpy.randomised(sequences)
    np.testing.assert_allclose(images(pixels), sequences(pixels.reshape(3, 4, 18)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("form", "shape"), [("tokens", (9,)), ("sequence", (6, 3))])
def test_only_images_have_patches(form: str, shape: tuple) -> None:
    layout = one_field(form, shape, classes(3), vocabulary=12)
    with pytest.raises(ConfigError, match=rf"^patch_size=3 cuts images, but the inputs are {form}\. Expected none\.$"):
        build(APP, layout, **SMALL, patch_size=3)


def write_images(folder: Path) -> Path:
    """The four files of MNIST's format, of images of 28x20 pixels of two classes: bright above or below."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for first, rows in ((0, 60), (2, 20)):
        labels = np.arange(rows, dtype=np.uint8) % 2
        images = random.integers(0, 128, (rows, 28, 20), dtype=np.uint8)
        images[labels == 0, :14] += 100
        images[labels == 1, 14:] += 100
        for name, array in zip(FILES[first : first + 2], (images, labels), strict=True):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{name}.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return folder


@pytest.mark.slow
def test_images_of_files_are_learned_and_asked_of_the_exported_model(tmp_path: Path) -> None:
    data, own = str(write_images(tmp_path / "data")), {**APP.tiny, "epochs": 8, "learning_rate": 2e-2}
    with pytest.raises(ConfigError, match=r"images of 28x20 pixels\. Expected a divisor of both: 1, 2, 4; or none"):
        kerasapps.train("transformer", data=data, **own, patch_size=5, run_dir=str(tmp_path / "refused"))
    run = kerasapps.train(
        "transformer",
        data=data,
        **own,
        patch_size=4,
        shift_pixels=1.0,
        execution="graph",
        run_dir=str(tmp_path / "run"),
    )
    assert run.record["test"]["accuracy"] == 1.0
    loaded = tf.saved_model.load(str(kerasapps.export(run, tmp_path / "saved")))
    images = run.read("test")["image"]
    assert images.shape[1:] == (28, 20, 1)
    answer, expected = loaded.signatures["serving_default"](image=tf.constant(images)), run.predict({"image": images})
    np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        answer["classes"], images[:, :14].mean(axis=(1, 2, 3)) < images[:, 14:].mean((1, 2, 3))
    )


@pytest.mark.slow
def test_mnist(tmp_path: Path) -> None:
    runs = [kerasapps.train("transformer", data="mnist_5k", seed=s, run_dir=str(tmp_path / str(s))) for s in range(3)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["mnist_5k"].at_least
