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
from kerasapps.cli._show import records, table, table_of_classes, write_table
from kerasapps.errors import ConfigError

NAMES = ("cat", "dog")
CLASSES = {
    "logits": np.array([[0.0], [1.0]], np.float32),
    "probabilities": np.array([[0.75, 0.25], [0.125, 0.875]], np.float32),
    "classes": np.array([0, 1], np.int32),
    "class": np.array(["cat", "dog"], object),
}


def test_records_name_the_class():
    rows = list(records(CLASSES))
    assert [(row["class"], row["classes"]) for row in rows] == [("cat", 0), ("dog", 1)]
    np.testing.assert_array_equal(rows[1]["probabilities"], [0.125, 0.875])


def test_classes_are_shown_with_their_probabilities():
    heads, rows = table(CLASSES, NAMES)
    assert heads == ["row", "class", "", "second", ""]
    assert rows == [["0", "cat", "75.0%", "dog", "25.0%"], ["1", "dog", "87.5%", "cat", "12.5%"]]


def test_of_many_classes_the_three_likeliest_are_shown():
    """Of equal probabilities the class that was answered comes first, then the others in their order."""
    shares = np.array([[0.02, 0.014, 0.006, 0.96], [0.25, 0.25, 0.25, 0.25]])
    answer = {"probabilities": shares, "classes": np.array([3, 2]), "class": np.array(["d", "c"], object)}
    heads, rows = table(answer, ("a", "b", "c", "d"))
    assert heads == ["row", "class", "", "second", "", "third", ""]
    assert rows[0] == ["0", "d", "96.0%", "a", "2.0%", "b", "1.4%"]
    assert rows[1] == ["1", "c", "25.0%", "a", "25.0%", "b", "25.0%"]


def test_all_classes_are_shown_with_probabilities_and_logits():
    """Two classes share one logit, that of the second."""
    heads, rows = table_of_classes(CLASSES, NAMES)
    assert heads == ["row", "class", "probability", "logit"]
    assert rows[:2] == [["0", "cat", "0.75", ""], ["0", "dog", "0.25", "0"]]
    assert rows[2:] == [["1", "dog", "0.875", "1"], ["1", "cat", "0.125", ""]]
    answer = {"probabilities": np.array([[0.2, 0.5, 0.3]]), "logits": np.array([[-1.0, 2.0, 0.5]])}
    _, rows = table_of_classes({**answer, "classes": np.array([1])}, ("a", "b", "c"))
    assert rows == [["0", "b", "0.5", "2"], ["0", "c", "0.3", "0.5"], ["0", "a", "0.2", "-1"]]


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
    answer["class"] = np.array(names, object)[answer["classes"]]
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


def test_beside_a_text_the_numbers_of_its_tokens_are_left_out(tmp_path, capsys):
    layout = SimpleNamespace(target=SimpleNamespace(names=()), features=())
    asked = SimpleNamespace(directory=tmp_path, layout=layout)
    answer = {"text": np.array(["the sea"], object), "nats": np.ones((1, 8)), "score": np.ones(1)}
    predict._show(asked, answer, None, (), False)
    shown = capsys.readouterr()
    assert "the sea" in shown.out and "score" in shown.out and "nats" not in shown.out
    assert "left out, as they are long: nats" in shown.err
    predict._show(asked, answer, None, (), True)
    assert "nats[7]" in capsys.readouterr().out


def test_of_no_images_no_picture_is_drawn(tmp_path, capsys):
    layout = SimpleNamespace(target=SimpleNamespace(names=()), features=())
    asked = SimpleNamespace(directory=tmp_path, layout=layout)
    predict._show(asked, {"images": np.zeros((0, 8, 8, 1), np.float32)}, None, (), False)
    assert "no picture is drawn" in capsys.readouterr().err and not list(tmp_path.iterdir())
