"""Commands over a real run on texts: what is typed, what lies in files, and the exported model."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main

TEXTS = [
    "The acting is superb, but the plot is dull.",
    "Ärger! Don’t call the story 东京 fresh \U0001f600",
    "<br />I would not, 12",
]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A tiny run of rnn on the generated reviews, made by the command itself."""
    path = tmp_path_factory.mktemp("texts") / "run"
    tiny = ["--rows", "64", "--epochs", "1", "--units", "4", "--embedding", "4", "--sequence-length", "20"]
    tiny += ["--execution", "eager", "--no-report"]
    assert main(["train", "rnn", "--data", "reviews", *tiny, "--run-dir", str(path)]) == 0
    return path


def answers(capsys, *arguments):
    assert main(["predict", *map(str, arguments), "--json"]) == 0
    return [row["probabilities"] for row in json.loads(capsys.readouterr().out.splitlines()[-1])]


@pytest.fixture(scope="module")
def expected(run_dir):
    """What the weights say, text by text."""
    run = kerasapps.load(run_dir)
    found = [run.predict(np.array([text], object))["probabilities"][0] for text in TEXTS]
    assert len({tuple(row) for row in found}) == 3
    return found


def test_each_argument_is_a_text(run_dir, capsys, expected):
    np.testing.assert_allclose(answers(capsys, run_dir, *TEXTS), expected, rtol=1e-5)


def test_tables_and_text_files_and_what_is_typed_follow_each_other(run_dir, capsys, expected, tmp_path):
    table, lines = tmp_path / "a.csv", tmp_path / "b.txt"
    table.write_text(f'stars,review\n1,"{TEXTS[1]}"\n5,"{TEXTS[2]}"\n', encoding="utf-8-sig")
    lines.write_text(f"{TEXTS[2]}\r\n  {TEXTS[0]}", encoding="utf-8")
    order = [1, 2, 0, 2, 0]
    np.testing.assert_allclose(
        answers(capsys, run_dir, table, TEXTS[0], lines), [expected[i] for i in order], rtol=1e-5
    )


def test_a_table_names_the_class(run_dir, capsys):
    assert main(["predict", str(run_dir), TEXTS[0]]) == 0
    shown = capsys.readouterr().out
    assert "negative" in shown and "positive" in shown


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("", b"", "The text given: ''"),
        ("  ", b"", "The text given: '  '"),
        ("absent.txt", None, "absent.txt cannot be read"),
        ("absent.csv", None, "absent.csv cannot be read"),
        ("empty.txt", b"", "empty.txt is empty"),
        ("gap.txt", b"a b\n\nc d\n", "gap.txt, line 2: ''"),
        ("latin.txt", b"a b\n\xe9t\xe9\n", "latin.txt, line 2: the byte 0xe9"),
        ("gap.csv", b"review\na b\n' '\n\" \"\n", "gap.csv, line 4, column review: ''"),
        ("latin.csv", b"review\n\xe9t\xe9\n", "latin.csv, line 2: the byte 0xe9"),
        ("other.csv", b"text\na b\n", "other.csv: the column review is missing. Expected a header with review"),
    ],
)
def test_what_cannot_be_read_is_refused(run_dir, capsys, tmp_path, name, content, named):
    given = name
    if name.strip():
        given = str(tmp_path / name)
        if content is not None:
            (tmp_path / name).write_bytes(content)
    assert main(["predict", str(run_dir), given]) == 3
    assert named in capsys.readouterr().err


def test_an_exported_model_takes_strings(run_dir, capsys, tmp_path, expected):
    assert main(["export", str(run_dir), "--directory", str(tmp_path), "--json"]) == 0
    path = json.loads(capsys.readouterr().out.splitlines()[-1])["path"]
    answer = tf.saved_model.load(path).signatures["serving_default"](review=tf.constant(TEXTS))
    np.testing.assert_allclose(answer["probabilities"], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(answer["classes"], np.argmax(expected, axis=1))


def test_the_report_shows_calibration_and_examples(run_dir, capsys):
    assert main(["report", str(run_dir), "--json"]) == 0
    names = {path.name for path in (run_dir / "plots").iterdir()}
    drawn = ("calibration", "examples", "confusion_matrix", "learning_curves", "roc_and_precision_recall")
    assert names == {f"{name}.png" for name in drawn}
