"""How answers are shown."""

import csv
import json
from types import SimpleNamespace

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.cli import predict
from kerasapps.cli._show import records, table, write_table
from kerasapps.errors import ConfigError

NAMES = ("cat", "dog")
CLASSES = {
    "logits": np.array([[0.0], [1.0]], np.float32),
    "probabilities": np.array([[0.75, 0.25], [0.125, 0.875]], np.float32),
    "classes": np.array([0, 1], np.int32),
}


def test_records_name_the_class():
    rows = list(records(CLASSES, NAMES))
    assert [(row["class"], row["classes"]) for row in rows] == [("cat", 0), ("dog", 1)]
    np.testing.assert_array_equal(rows[1]["probabilities"], [0.125, 0.875])


def test_classes_are_shown_with_their_probabilities():
    heads, rows = table(CLASSES, NAMES)
    assert heads == ["row", "class", "probability", "cat", "dog"]
    assert rows == [["0", "cat", "0.75", "0.75", "0.25"], ["1", "dog", "0.875", "0.125", "0.875"]]


def test_many_classes_are_shown_by_the_likeliest():
    names = tuple(map(str, range(100)))
    answer = {"probabilities": np.eye(100)[[7]], "classes": np.array([7])}
    assert table(answer, names) == (["row", "class", "probability"], [["0", "7", "1"]])


def test_reals_are_shown_by_their_names():
    answer = {"predictions": np.array([[1.5], [2.5]], np.float32)}
    assert table(answer, ("mpg",)) == (["row", "mpg"], [["0", "1.5"], ["1", "2.5"]])


def test_other_outputs_are_numbered():
    answer = {"codes": np.array([[1.0, 2.0]]), "score": np.array([3.0])}
    assert table(answer, ()) == (["row", "codes[0]", "codes[1]", "score"], [["0", "1", "2", "3"]])


def test_a_forecast_is_shown_by_the_names_of_its_steps():
    answer = {"predictions": np.array([[1.5, 2.5]], np.float32)}
    names = ("sold_next[1]", "sold_next[2]")
    assert table(answer, names) == (["row", *names], [["0", "1.5", "2.5"]])


def test_rows_that_are_made_have_the_names_of_the_inputs_and_not_of_the_target():
    made = {"rows": np.array([[1.0, 2.0]]), "error": np.array([0.5])}
    assert table(made, ("y",), ("x1", "x2"))[0] == ["row", "x1", "x2", "error"]
    assert table({"error": np.array([0.5])}, ("y",), ("x",))[0] == ["row", "error"]


def test_a_file_has_the_probabilities_of_all_classes_and_every_digit(tmp_path):
    names = tuple(f"of {i}" for i in range(40))
    shares = np.random.default_rng(0).dirichlet(np.ones(40), size=3).astype(np.float32)
    answer = {"logits": np.log(shares), "probabilities": shares, "classes": shares.argmax(axis=1)}
    with write_table(tmp_path / "seen.csv", answer, names).open(newline="", encoding="utf-8") as file:
        heads, *rows = csv.reader(file)
    assert heads == ["class", "probability", *names]
    assert [row[0] for row in rows] == [names[one] for one in shares.argmax(axis=1)]
    np.testing.assert_array_equal(np.array([row[1:] for row in rows], np.float32)[:, 1:], shares)
    np.testing.assert_array_equal(np.array([row[1] for row in rows], np.float32), shares.max(axis=1))


def test_texts_are_asked_with_and_answered(tmp_path, capsys):
    app, path = load_app("toys.tagger"), str(tmp_path / "run")
    run = kerasapps.train(app, **{**app.tiny, "execution": "eager"}, rows=40, run_dir=path)
    asked = ["predict", path, "phrase=up left", "sign=1", "colour=red", "prefix=é", "seed=3", "--signature", "say"]
    row = {"phrase": ["up left"], "sign": [1.0], "colour": ["red"]}
    arguments = {"prefix": "é", "seed": 3, "temperature": 1.0}
    answer = run.ask("say", {**{name: np.array(values) for name, values in row.items()}, **arguments})
    line = answer["line"][0]
    assert isinstance(line, str) and answer["line"].dtype == object
    given = {name: values for name, values in arguments.items() if name != "temperature"}
    columns = {name: np.array(values) for name, values in row.items()}
    assert run.ask("say", {**columns, **given})["line"][0] == line
    with pytest.raises(ConfigError, match="got phrase, sign, colour, temprature. Expected .*, temperature.* by name"):
        run.ask("say", {**columns, "temprature": 2.0})
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["line"] == line
    assert main(asked) == 0
    assert line.startswith("é ") and line in capsys.readouterr().out


def test_of_no_images_no_picture_is_drawn(tmp_path, capsys):
    layout = SimpleNamespace(target=SimpleNamespace(names=()), features=())
    asked = SimpleNamespace(directory=tmp_path, layout=layout)
    predict._show(asked, {"images": np.zeros((0, 8, 8, 1), np.float32)}, None)
    assert "no picture is drawn" in capsys.readouterr().err and not list(tmp_path.iterdir())
