"""Models that make images: predict writes a picture, report an animation."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.figures.images import mosaic
from kerasapps.runs.run import Run

SMALL = {"data": "mnist_5k", "rows": 40, "global_batch_size": 20, "execution": "eager", "epochs": 2}


@pytest.fixture(scope="module")
def gan(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A generator of digits by class, hardly trained."""
    path = tmp_path_factory.mktemp("gan") / "run"
    return kerasapps.train("gan", **{**load_app("gan").tiny, **SMALL, "conditional": True}, run_dir=str(path))


def test_samples_become_a_grid(gan, tmp_path: Path, capsys) -> None:
    path = tmp_path / "digits.png"
    assert main(["predict", str(gan.directory), "labels=3,7", "seed=5", "--output", str(path)]) == 0
    assert capsys.readouterr().out.split() == [str(path)]
    expected = gan.predict({"seed": 5, "labels": np.array([3, 7])})["images"]
    np.testing.assert_array_equal(np.asarray(Image.open(path)), np.asarray(mosaic(expected)))


def test_json_comes_after_what_is_written(gan, tmp_path: Path, capsys) -> None:
    path = tmp_path / "digits.png"
    assert main(["predict", str(gan.directory), "labels=3", "--output", str(path), "--json"]) == 0
    written, answer = capsys.readouterr().out.split("\n", 1)
    assert written == str(path) and Image.open(path)
    assert np.shape(json.loads(answer)[0]["images"]) == (28, 28, 1)


def test_without_arguments_the_grid_lies_with_the_run(gan, capsys) -> None:
    assert main(["predict", str(gan.directory)]) == 0
    path = gan.directory / "plots" / "predicted.png"
    assert capsys.readouterr().out.split() == [str(path)] and Image.open(path).size[0] >= 640


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (["labels=12"], "12"),
        (["digit.png"], "takes no inputs"),
        (["seed=1", "--output", "absent/x.png"], "absent/x.png cannot be written"),
    ],
)
def test_what_cannot_be_is_refused(gan, inputs: list[str], words: str, capsys) -> None:
    assert main(["predict", str(gan.directory), *inputs]) == 2
    assert words in capsys.readouterr().err


def test_another_signature_can_be_asked(tmp_path: Path, capsys) -> None:
    app = load_app("vae")
    run = kerasapps.train(app, **{**app.tiny, **SMALL}, run_dir=str(tmp_path / "run"))
    asked = ["predict", str(run.directory), "--signature", "sample", "seed=2", "number=4"]
    assert main([*asked, "--output", str(tmp_path / "made.png")]) == 0
    expected = run.ask("sample", {"seed": 2, "number": 4})["images"]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "made.png")), np.asarray(mosaic(expected)))
    np.save(tmp_path / "digits.npy", run.read("test")["image"][:3])
    codes = ["predict", str(run.directory), str(tmp_path / "digits.npy"), "--signature", "encode"]
    assert main(codes) == 0 and "z_mean[0]" in capsys.readouterr().out
    assert main([*codes, "--output", str(tmp_path / "no.png")]) == 2
    assert "no images, only z_mean, z_log_var" in capsys.readouterr().err
    assert main(["predict", str(run.directory), "--signature", "sampel"]) == 2
    assert "Did you mean 'sample'" in capsys.readouterr().err


def test_reconstructions_become_a_picture_and_their_errors_a_table(tmp_path: Path, capsys) -> None:
    app = load_app("autoencoder")
    run = kerasapps.train(app, **{**app.tiny, **SMALL}, run_dir=str(tmp_path / "run"))
    np.save(tmp_path / "digits.npy", run.read("test")["image"][:3])
    output = tmp_path / "seen.png"
    assert main(["predict", str(run.directory), str(tmp_path / "digits.npy"), "--output", str(output)]) == 0
    answer, text = run.predict(run.read("test")["image"][:3]), capsys.readouterr().out
    assert all(f"{error:.6g}" in text for error in answer["error"])
    np.testing.assert_array_equal(np.asarray(Image.open(output)), np.asarray(mosaic(answer["images"])))
    assert main(["predict", str(run.directory)]) == 2
    assert "No INPUT was given. Expected image" in capsys.readouterr().err


def test_the_report_animates_the_samples(gan, capsys) -> None:
    assert main(["report", str(gan.directory)]) == 0
    animation = Image.open(gan.directory / "plots" / "samples_animation.gif")
    assert animation.n_frames == 2 and "samples_over_training.png" in capsys.readouterr().out
