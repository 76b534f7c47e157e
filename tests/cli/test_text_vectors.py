"""Texts given to an application that takes vectors: trained by the command, asked, exported and refused."""

import csv
import json

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.apps.logistic_regression import TEXTS as SUITED
from kerasapps.errors import DataError

GOOD, BAD = ("superb", "fresh", "loved it"), ("dull", "stale", "walked out")
OTHER = ("the", "a", "of", "film", "plot", "story")
UNKNOWN = "quite unheard"


def written(path, rows=80):
    """A table of texts, half of which have a good word or pair, and half a bad one."""
    random = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["said", "label"])
        for i in range(rows):
            words = [*random.choice(OTHER, 6), random.choice((GOOD, BAD)[i % 2])]
            table.writerow([" ".join(random.permutation(words)), ("good", "bad")[i % 2]])


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    home = tmp_path_factory.mktemp("vectors")
    written(home / "said.csv")
    given = ["--data", str(home / "said.csv"), "--target", "label", "--execution", "graph", "--max-tokens", "50"]
    given += ["--epochs", "20", "--no-report"]
    assert main(["train", "logistic_regression", *given, "--run-dir", str(home / "run")]) == 0
    return home / "run"


@pytest.fixture(scope="module")
def run(run_dir):
    return kerasapps.load(run_dir)


def test_settings_that_suit_texts_are_used_where_none_are_given(run) -> None:
    assert run.record["hparams"]["epochs"] == 20 != SUITED["epochs"]
    own = {name: run.record["hparams"][name] for name in SUITED if name != "epochs"}
    assert own == {name: value for name, value in SUITED.items() if name != "epochs"}
    assert run.layout.only.form == "vector"


def test_it_learns_words_and_pairs(run) -> None:
    assert run.record["test"]["accuracy"] == 1.0
    kernel, features = run.model.trainable_variables[0].numpy()[:, 0], run.layout.features
    weights = dict(zip(features, kernel, strict=True))
    good = run.layout.target.names.index("good") * 2 - 1
    assert all(good * weights[f"said={term}"] > 0.1 for term in GOOD)
    assert all(good * weights[f"said={term}"] < -0.1 for term in BAD)


def test_a_text_of_unknown_words_is_answered_by_the_bias_alone(run) -> None:
    with pytest.warns(UserWarning, match=f"^No word of '{UNKNOWN}' is known from training: the answer says nothing"):
        logit = run.predict({"said": np.array([UNKNOWN], object)})["logits"]
    np.testing.assert_allclose(logit[0], run.model.trainable_variables[1].numpy(), rtol=1e-6)


def test_the_command_says_of_which_texts_no_word_is_known(run_dir) -> None:
    with pytest.warns(UserWarning, match=f"^No word of 2 texts, such as {UNKNOWN!r}, is known from training"):
        assert main(["predict", str(run_dir), UNKNOWN, "superb film", "plainly unheard"]) == 0


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_text_is_answered_by_the_bias_and_said(run, empty) -> None:
    with pytest.warns(UserWarning, match="said: 1 missing value, read as an empty text"):
        logits = run.predict({"said": np.array(["the film", empty], object)})["logits"]
    np.testing.assert_allclose(logits[1], run.model.trainable_variables[1].numpy(), rtol=1e-6)


@pytest.mark.parametrize("bad", [3.0, "\ud800"])
def test_what_is_no_text_is_refused(run, bad) -> None:
    with pytest.raises(DataError, match="column said: .*Expected a text of whole characters"):
        run.predict({"said": np.array(["the film", bad], object)})


def test_the_exported_model_answers_and_refuses_alike(run_dir, run, tmp_path, capsys) -> None:
    assert main(["export", str(run_dir), "--directory", str(tmp_path), "--json"]) == 0
    path = json.loads(capsys.readouterr().out.splitlines()[-1])["path"]
    ask = tf.saved_model.load(path).signatures["serving_default"]
    texts = ["Superb, the film IS superb", "what a stale plot", "loved it", UNKNOWN, ""]
    expected = run.predict({"said": np.array(texts, object)})
    answer = ask(said=tf.constant(texts))
    np.testing.assert_allclose(answer["logits"], expected["logits"], atol=1e-5)
    np.testing.assert_array_equal(answer["classes"], expected["classes"])
    assert answer["class"].numpy().astype(str).tolist() == expected["class"].tolist()
    assert set(expected["class"]) == {"good", "bad"}
    with pytest.raises(tf.errors.InvalidArgumentError, match="said: expected a text of whole characters"):
        ask(said=tf.constant([texts[0], b"\xff"]))


def test_the_linear_baseline_stands_beside_the_metrics(run_dir, run, capsys) -> None:
    assert run.record["baselines"].keys() == {"validation", "test"}
    assert main(["evaluate", str(run_dir), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.pop("directory") == str(run_dir) and found == run.evaluate("test") | run.record["baselines"]["test"]
    assert found["linear_accuracy"] > 0.9


def test_the_report_is_drawn(run_dir, capsys) -> None:
    assert main(["report", str(run_dir), "--json"]) == 0
    names = {path.name for path in (run_dir / "plots").iterdir()}
    assert {"sigmoid.png", "confusion_matrix.png"} <= names
