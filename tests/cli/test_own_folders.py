"""A user's own folders on the command line: train says what was chosen, predict reads files as training did."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import kerasapps
from kerasapps.__main__ import main

QUICK = [
    "--no-report",
    "--epochs",
    "1",
    "--execution",
    "eager",
    "--filters",
    "4",
    "--dense-units",
    "4",
    "--global-batch-size",
    "16",
]
SIZES = ((20, 12), (40, 40), (9, 30))


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dark cats and grey dogs on white, of several sizes and modes."""
    folder = tmp_path_factory.mktemp("own") / "pets"
    for i in range(16):
        path = folder / ("cat", "dog")[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full(SIZES[i % 3], 255, np.uint8)
        pixels[2:-2, 2:-2] = 20 + 80 * (i % 2)
        Image.fromarray(pixels).convert(("L", "RGB", "P", "LA")[i % 4]).save(path)
    return folder


def test_images(pets: Path, capsys: pytest.CaptureFixture) -> None:
    run = pets.parent / "run"
    assert main(["train", "cnn", "--data", str(pets), "--image-size", "10", "8", "--run-dir", str(run), *QUICK]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "16 images from " in said and "become 8 x 10, in colour (--image-size 10 8 --channels 3)." in said
    loaded = kerasapps.load(run)
    assert loaded.preprocess.spec.inputs[0].shape == (10, 8, 3) and loaded.evaluate() == loaded.record["test"]
    with Image.open(pets / "cat" / "0.png") as picture:
        picture.convert("RGB").resize((8, 10), Image.Resampling.BILINEAR).save(run / "small.png")
    answers = []
    for path in (pets / "cat" / "0.png", run / "small.png"):
        assert main(["predict", str(run), str(path), "--json"]) == 0
        answers.append(capsys.readouterr())
    assert json.loads(answers[0].out) == json.loads(answers[1].out)
    assert answers[0].err.endswith("0.png is 12 x 20; resized to 8 x 10, as the training images.\n")
    assert "resized" not in answers[1].err


def test_sounds(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    words = tmp_path / "words"
    for i in range(16):
        (words / ("no", "yes")[i % 2]).mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(i).uniform(-0.5, 0.5, 1600)
        soundfile.write(words / ("no", "yes")[i % 2] / f"{i}.wav", noise, 8000)
    run = tmp_path / "run"
    assert main(["train", "speech", "--data", str(words), "--run-dir", str(run), *QUICK]) == 0
    assert "16 sounds are read as 0.2 s of 8,000 samples a second; shorter ones are padded." in " ".join(
        capsys.readouterr().err.split()
    )
    shutil.rmtree(words / "no")  # the model answers without its data
    assert main(["predict", str(run), str(words / "yes" / "1.wav"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["class"] in ("no", "yes")


def test_one_class_is_refused_with_advice(pets: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "above").mkdir()
    (tmp_path / "above" / "pets").symlink_to(pets)
    for folder in (pets / "cat", tmp_path / "above"):
        assert main(["train", "cnn", "--data", str(folder)]) == 3
        said = capsys.readouterr().err
        assert "Expected at least two classes: images or sounds of each in a folder of its own" in said
    assert f"Its folder pets has folders itself: {tmp_path / 'above' / 'pets'} may be meant." in said
