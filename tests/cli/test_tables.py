"""Models that make rows of numbers: which number is which column, on the screen, in a file and in the export."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.errors import ConfigError
from kerasapps.runs.run import Run

NAMES = ["price", "weight", "colour=blue", "colour=dark red"]
CLASSES = ["Ankle boot", "T-shirt/top", "hat", "hat, small"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A generator of goods by their class, hardly trained; names hold spaces and commas."""
    home, random = tmp_path_factory.mktemp("shop"), np.random.default_rng(0)
    with (home / "shop.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["price", "colour", "weight", "label"])
        for i in range(40):
            price, weight = random.normal([5, 50], [1, 9]).round(2)
            writer.writerow([price, ("black", "blue", "dark red")[i % 3], weight, CLASSES[i % 4]])
    given = {**load_app("gan").tiny, "conditional": True, "execution": "eager"}
    return kerasapps.train("gan", data=str(home / "shop.csv"), **given, run_dir=str(home / "run"))


def test_a_table_names_its_columns(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert main(["predict", str(run.directory), "labels=hat, small,Ankle boot", "seed=3"]) == 0
    _, heads, _, *lines = (line for line in capsys.readouterr().out.splitlines() if line.strip())
    assert heads.split() == ["row", *" ".join(NAMES).split()]
    expected = run.predict({"seed": 3, "labels": [3, 0]})["rows"]
    assert [line.split()[1:] for line in lines] == [[f"{value:.6g}" for value in row] for row in expected]


def test_a_file_has_all_digits_under_the_names(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "made.csv"
    assert main(["predict", str(run.directory), "labels=T-shirt/top,hat,hat", "--output", str(path)]) == 0
    assert capsys.readouterr().out.split() == [str(path)]
    with path.open(newline="", encoding="utf-8") as file:
        heads, *rows = csv.reader(file)
    assert heads == NAMES
    np.testing.assert_array_equal(np.array(rows, np.float32), run.predict({"seed": 0, "labels": [1, 2, 2]})["rows"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["labels=hats"], "Unknown class 'hats'. Did you mean 'hat'"),
        (["--output", "made.png"], "no images, only rows. Give a .csv file"),
        (["--output", "absent/made.csv"], "absent/made.csv cannot be written"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, given: list[str], words: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["predict", str(run.directory), *given]) == 2
    assert words in capsys.readouterr().err


def test_classes_in_python_are_numbers_and_checked(run: Run) -> None:
    for labels in ([0, 4], [-1]):
        with pytest.raises(ConfigError, match=r"Expected the numbers of classes, 0 \(Ankle boot\) to 3 \(hat, small\)"):
            run.predict({"seed": 0, "labels": labels})


def test_the_exported_model_tells_the_names_and_refuses_other_classes(run: Run, tmp_path: Path) -> None:
    folder = kerasapps.export(run, tmp_path)
    about = json.loads((folder / "assets.extra" / "kerasapps.json").read_text(encoding="utf-8"))
    assert about["rows"] == NAMES and about["classes"] == CLASSES
    loaded = tf.saved_model.load(str(folder))
    sample = loaded.signatures["serving_default"]
    answer = sample(seed=tf.constant(5), labels=tf.constant([2, 1]))["rows"]
    np.testing.assert_allclose(answer, run.predict({"seed": 5, "labels": [2, 1]})["rows"], rtol=1e-5)
    for labels in ([0, 4], [-1, 0]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="labels: expected the numbers of classes, 0"):
            sample(seed=tf.constant(5), labels=tf.constant(labels))
