"""CSV files: what becomes of columns and targets, and what is refused."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from kerasapps.app import load_app
from kerasapps.data.preprocess import layouts
from kerasapps.data.readers.txt import read_lines
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import open_source, select_features
from kerasapps.data.spec import Column, Spec
from kerasapps.data.split import Rows
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options
from kerasapps.training.layout import choose_layout


def table(folder: Path, text: str) -> str:
    """The path of a CSV file with this text."""
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_target_can_be_chosen(tmp_path: Path) -> None:
    path = table(tmp_path, "body mass,label,town\n1.5,yes,Oslo\n2,no,Bonn\n")
    for target, kind in (("town", "category"), ("body mass", "number"), ("body_mass", "number"), ("", "category")):
        spec = open_source(path, target=target).spec
        expected = target.replace(" ", "_") or "label"
        assert (spec.target.name, spec.target.kind) == (expected, kind)
        assert [column.name for column in spec.inputs] == [n for n in ("body_mass", "label", "town") if n != expected]
    with pytest.raises(ConfigError, match=r"Unknown target 'tonw'.*town"):
        open_source(path, target="tonw")
    with pytest.raises(ConfigError, match="target=label .*, and the data iris are none. Leave it out"):
        open_source("iris", target="label")
    with pytest.raises(ConfigError, match="does not say its horizon. Expected both"):
        open_rows(Options(data=path, target="label", history=2))


def test_columns_and_word_classes(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, 'body mass,label,town\n1.5,yes,Oslo\n-2e3,no,"Bonn, Rhein"\n7,yes,Oslo\n'))
    columns = source.read("train", np.arange(3))
    assert [(c.name, c.kind, c.classes) for c in source.spec.inputs] == [
        ("body_mass", "number", ()),
        ("town", "category", ("Bonn, Rhein", "Oslo")),
    ]
    np.testing.assert_array_equal(columns["body_mass"], np.float32([1.5, -2000, 7]))
    assert list(columns["town"]) == ["Oslo", "Bonn, Rhein", "Oslo"]
    assert source.spec.target.classes == ("no", "yes")
    np.testing.assert_array_equal(columns["label"], [1, 0, 1])


def test_few_integers_are_classes_in_numeric_order(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "x,y\n1,10\n2,9\n3,10\n"))
    assert source.spec.target.classes == ("9", "10")
    np.testing.assert_array_equal(source.read("train", np.arange(3))["y"], [1, 0, 1])


@pytest.mark.parametrize("values", [[0.5, 1.0, 2.0], list(range(21))], ids=["fractions", "many integers"])
def test_other_numbers_are_reals(tmp_path: Path, values: list) -> None:
    source = open_source(table(tmp_path, "x,y\n" + "".join(f"1,{value}\n" for value in values)))
    assert source.spec.target.kind == "number"
    np.testing.assert_array_equal(source.read("train", np.arange(len(values)))["y"], np.float32(values))


def test_leading_zeros_stay_in_the_names_of_classes(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "x,y\n1,10\n2,01\n3,10\n"))
    assert source.spec.target.classes == ("01", "10")


def test_every_plain_number_is_read(tmp_path: Path) -> None:
    texts = ["1", "-2.5", "+.5", "3.", "1e3", "-1.5E-3", "1e30"]
    source = open_source(table(tmp_path, "x,y\n" + "".join(f"{text},a\n" for text in texts)))
    expected = np.float32([1, -2.5, 0.5, 3, 1000, -0.0015, 1e30])
    np.testing.assert_array_equal(source.read("train", np.arange(7))["x"], expected)


def test_words_like_numbers_are_words_among_words(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "x,y\n1_1,a\nu_1,b\n"))
    assert source.spec.inputs[0].classes == ("1_1", "u_1")


def test_a_target_may_have_a_name_that_no_input_may(tmp_path: Path) -> None:
    for name in ("class", "größe", "X"):
        assert open_source(table(tmp_path, f"x,{name}\n1,a\n2,b\n")).spec.target.name == name


def test_accepted_names_are_arguments_of_a_saved_model(tmp_path: Path) -> None:
    import tensorflow as tf

    names = ["x", "x_1", "name", "inputs", "args", "kwargs", "unused", "serving_default_x", "match", "Training", "a b"]
    source = open_source(table(tmp_path, f"{','.join(names)},y\n{'1,' * 11}a\n"))
    accepted = [column.name for column in source.spec.inputs]
    arguments = {name: tf.TensorSpec([None], name=name) for name in accepted}
    add = tf.function(lambda columns: {"sum": tf.add_n(list(columns.values()))}, autograph=False)
    tf.saved_model.save(tf.Module(), str(tmp_path), {"serving_default": add.get_concrete_function(arguments)})
    signature = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    assert signature(**{name: tf.ones([1]) for name in accepted})["sum"].numpy() == [11.0]


def test_a_relative_path_lies_in_the_data_directory(tmp_path: Path) -> None:
    table(tmp_path, "x,y\n1,a\n2,b\n")
    assert open_source("table.csv", str(tmp_path)).sizes == {"train": 2}


BAD = {
    "no rows": ("x,y\n", "no rows"),
    "nothing": ("", "line 1"),
    "one column": ("x\n1\n", "line 1"),
    "missing cell": ("x,y\n1,2\n3\n", "line 3: 1 cells, expected 2"),
    "open quote": ('x,y\n1,"2\n', "line 2, cannot be read"),
    "a cell too long": ('x,y\n1,2\n"' + ("a " * 400_000 + "\n") * 2 + '",1\n', "line 4, cannot be read: field larger"),
    "no target": ("x,target\n1,2\n1,\n", r"line 3, column target: empty"),
    "Python's number": ("x,y\n1,a\n1_1,b\n", r"line 3, column x: 1_1. Expected a number"),
    "Python's class": ("x,y\n1,1\n2,1_1\n", r"line 3, column y: 1_1. Expected a number"),
    "foreign digits": ("x,y\n\u0663,a\n1,b\n", r"line 2, column x: \u0663. Expected a number"),
    "a word among numbers": ("x,y\n1,a\n2,b\nNA,b\n", r"line 4, column x: NA. Expected a number"),
    "a word among real targets": ("x,y\n1,?\n2,.5\n3,.7\n", r"line 2, column y: \?. Expected a number"),
    "a class in two ways": ("x,y\n1,1\n2,2\n3,01\n", r"line 4, column y: 01. Expected the class 1 "),
    "a class with a sign": ("x,y\n1,1\n2,+1\n", r"line 3, column y: \+1. Expected the class 1 "),
    "too large": ("x,y\n1,a\n-1e39,b\n", r"line 3, column x: -1e39. Expected.*at most 1e\+30"),
    "too large a target": ("x,y\n1,0.5\n2,1e39\n", r"line 3, column y: 1e39. Expected.*at most 1e\+30"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused(tmp_path: Path, kind: str) -> None:
    text, message = BAD[kind]
    with pytest.raises(DataError, match=message) as caught:
        open_source(table(tmp_path, text), missing="refuse")
    assert "table.csv" in str(caught.value)


@pytest.mark.parametrize("text", ["x,y\n1,a\n,b\n", "x,y\n1,a\ninf,b\n", "x,y\nu,a\n,b\n", "x,y\n1,a\nNaN,b\n"])
def test_empty_and_infinite_cells_are_found_when_read(tmp_path: Path, text: str) -> None:
    source = open_source(table(tmp_path, text), missing="refuse")
    with pytest.raises(DataError, match=r"table.csv, line 3, column x"):
        Rows(source, "train", np.array([0, 1])).read()


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("x,y\nMünchen,1\n".encode("latin-1"))
    with pytest.raises(DataError, match="latin.csv, line 2: the byte 0xfc is not UTF-8"):
        open_source(str(tmp_path / "latin.csv"))


REVIEWS = 'text,label\n"A good, long film",yes\nNot for me,no\nSolid,yes\n"I ""loved"" it\nto the end",yes\n'


def test_cells_of_several_words_that_differ_are_texts(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, REVIEWS))
    assert [(c.name, c.kind) for c in source.spec.inputs] == [("text", "text")]
    assert source.spec.target.classes == ("no", "yes")
    texts = Rows(source, "train", np.arange(4)).read()["text"]
    assert list(texts) == ["A good, long film", "Not for me", "Solid", 'I "loved" it\nto the end']
    assert layouts(source.spec) == (("tokens",), ("vector",))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a b", "c d", "e", "f g"], "text"),
        (["a b", "c d", "e", "f"], "category"),
        (["a b", "c d", "a b", "c d"], "category"),
        (["a b", "c d", "a b", "e f"], "text"),
        (["1", "2", "3", "4"], "number"),
        (["a b", "", "c d", "e f"], "text"),
        (["ok 😀", "so ★", "a 😢", "b ✓"], "text"),
    ],
)
def test_when_a_column_is_a_text(tmp_path: Path, cells: list, kind: str) -> None:
    rows = "".join(f"{cell},{i % 2}\n" for i, cell in enumerate(cells))
    assert open_source(table(tmp_path, f"x,y\n{rows}")).spec.inputs[0].kind == kind


def test_a_text_beside_other_columns_names_the_features_to_choose(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "text,age,town,label\na b,1,u,yes\nc d,2,v,no\ne f,3,u,yes\n"))
    columns = source.read("train", np.arange(3))
    message = r"T has the inputs text \(text\), age \(number\), town \(category\).*--features text.*--features age town"
    with pytest.raises(ConfigError, match=message):
        choose_layout(load_app("mlp"), source.spec, "T", columns)
    both = choose_layout(load_app("rnn"), source.spec, "T", columns).layout
    assert [(field.name, field.form) for field in both.inputs] == [("text", "tokens"), ("features", "vector")]
    alone = select_features(source, ["text"])
    assert choose_layout(load_app("rnn"), alone.spec, "T", columns).layout.only.form == "tokens"


def test_texts_of_one_word_name_what_texts_are(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "text,label\n\u5f88\u597d,yes\nbad,no\nbad,no\n"))
    columns = source.read("train", np.arange(3))
    with pytest.raises(ConfigError, match="Cells are texts where most have several words, with blanks between them"):
        choose_layout(load_app("rnn"), source.spec, "table.csv", columns)


def test_a_table_keeps_the_kinds_that_a_run_knows_it_with(tmp_path: Path) -> None:
    rows = [f"{i},{'yes' if i % 2 else 'no'},200{i % 3}-01-01,{'ab'[i % 2]}" for i in range(20)]
    path = table(tmp_path, "\n".join(["x,new,sold,y", *rows]))
    assert [column.kind for column in open_source(path).spec.inputs] == ["number", "boolean", "date"]
    days = ("2000-01-01", "2001-01-01", "2002-01-01")
    words = (Column("new", "category", classes=("no", "yes")), Column("sold", "category", classes=days))
    earlier = Spec((Column("x", "number"), *words), Column("y", "category", classes=("a", "b")))
    train = open_rows(Options(data=path, missing="refuse"), earlier)["train"].read()
    assert set(train["new"]) == {"no", "yes"} and set(train["sold"]) == set(days)
    for missing in ("refuse", "fill"):
        now = open_source(path, missing=missing).spec
        assert open_rows(Options(data=path, missing=missing), now)["train"].source.spec == now


def test_an_empty_text_is_found_when_read(tmp_path: Path) -> None:
    path = table(tmp_path, "text,label\na b,yes\nc d,no\n,no\n\n   ,yes\ne f,no\n")
    source = open_source(path, missing="refuse")
    message = r"table.csv, line 4, column text: ''. Expected a text that is not empty"
    with pytest.raises(DataError, match=message):
        Rows(source, "train", np.arange(4)).read()


def test_texts_that_would_be_the_target_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table.csv: the target, column text, holds texts.*--target COLUMN"):
        open_source(table(tmp_path, "stars,text\n1,a b\n2,c d\n"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("M\xfcnchen ist,no\n".encode("latin-1"), "line 3: the byte 0xfc is not UTF-8"),
        (b"\xed\xa0\x80 half a pair,no\n", "line 3: the byte 0xed is not UTF-8"),
        (b"a \xe2\x82", "line 3: the byte 0xe2 is not UTF-8"),
        (b"a\0b,no\n", "line 3: a NUL byte"),
        (b"a " * 499_999 + b",no\n", "line 3: more than 1,000,000 letters"),
    ],
)
def test_bad_bytes_are_named_by_line(tmp_path: Path, line: bytes, named: str) -> None:
    (tmp_path / "bytes.csv").write_bytes("text,label\na \N{EURO SIGN} b,yes\n".encode() + line)
    with pytest.raises(DataError, match=f"bytes.csv, {named}"):
        open_source(str(tmp_path / "bytes.csv"))


def test_long_cells_and_upper_case_suffixes_are_read(tmp_path: Path) -> None:
    cell = "a " * 400_000
    path = tmp_path / "long.CSV"
    path.write_text(f"text,label\n{cell},yes\na b,no\nc d,no\n", encoding="utf-8")
    assert open_source(str(path)).read("train", np.array([0]))["text"].tolist() == [cell.strip()]


def test_a_line_of_50_megabytes_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"text,label\na b,yes\n")
        for _ in range(50):
            file.write(b"word " * 200_000)
        file.write(b",no\n")
    tracemalloc.start()
    with pytest.raises(DataError, match=r"huge.csv, line 3: more than 1,000,000 letters"):
        open_source(str(path))
    assert tracemalloc.get_traced_memory()[1] < 16e6
    tracemalloc.stop()


def test_a_line_of_the_greatest_length_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\ufeff" + "x" * 999_999 + "\ny\r\nz", encoding="utf-8")
    assert [len(line) for line in read_lines(path)] == [1_000_000, 3, 1]
    path.write_text("x" * 1_000_000 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"long.txt, line 1: more than"):
        list(read_lines(path))
