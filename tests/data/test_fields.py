"""Several fields, texts as targets, and preprocessing that earlier versions wrote."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.app import load_app
from kerasapps.data.pipeline import batch_at, materialise, order, stream
from kerasapps.data.preprocess import Preprocess, check_alone, layouts
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError, DataError
from kerasapps.training.layout import choose_layout

SALES = (
    "said,price,colour,new,sold,y\na b,1,red,yes,2001-01-01,u\nc a,3,blue,no,2002-01-01,v\nd e,5,red,no,2001-07-01,u\n"
)
REPLIES = Spec((Column("asked", "text"), Column("age", "number")), Column("reply", "text"))
TALK = {
    "asked": np.array(["who are you", "why", "who is it", "well well"], object),
    "age": np.float32([1, 2, 3, 6]),
    "reply": np.array(["I am I", "because", "it is me and I am here", "..."], object),
}


@pytest.fixture
def sales(tmp_path):
    """A table with a text beside a number, a category, a boolean and a date."""
    (tmp_path / "sales.csv").write_text(SALES)
    return open_source(str(tmp_path / "sales.csv"))


def test_a_text_beside_other_columns_is_a_field_of_its_own(sales) -> None:
    assert [column.kind for column in sales.spec.inputs] == ["text", "number", "category", "boolean", "date"]
    assert layouts(sales.spec) == (("tokens", "vector"), ("vector", "vector"))
    columns = sales.read("train", np.arange(3))
    preprocess = adapt(sales.spec, ("tokens", "vector"), columns, TextOptions(10, 4))
    said, features = preprocess.layout.inputs
    assert (said.name, said.form, said.shape, said.vocabulary) == ("said", "tokens", (4,), 7)
    assert (features.name, features.form, features.shape) == ("features", "vector", (9,))
    assert features.columns == ("price", "colour", "new", "sold")
    assert features.features[0] == "price" and features.features[6] == "sold[days]"
    assert features.features[7:] == ("colour=red", "new") and len(features.units) == 7
    got = preprocess.apply(columns)
    np.testing.assert_array_equal(got["said"], [[2, 3, 0, 0], [4, 2, 0, 0], [5, 6, 0, 0]])
    np.testing.assert_allclose(got["features"][:, 0], np.array([-2, 0, 2]) / np.sqrt(8 / 3), rtol=1e-6)
    np.testing.assert_array_equal(got["features"][:, 7:], [[1, 1], [0, 0], [1, 0]])
    assert Preprocess.from_json(preprocess.to_json()) == preprocess
    assert preprocess.layout.given(got) == got


def test_every_column_of_its_own_comes_before_the_vector() -> None:
    spec = Spec(
        (Column("x", "number"), Column("photo", "image", (2, 2, 1)), Column("z", "number"), Column("said", "text")),
        None,
    )
    columns = {"x": np.zeros(2), "z": np.ones(2), "said": np.array(["a", "b"], object)}
    columns["photo"] = np.arange(8, dtype=np.uint8).reshape(2, 2, 2, 1)
    preprocess = adapt(spec, ("sequence", "tokens", "vector"), columns)
    fields = [(field.name, field.form, field.shape) for field in preprocess.layout.inputs]
    assert fields == [("photo", "sequence", (2, 2)), ("said", "tokens", (100,)), ("features", "vector", (2,))]
    with pytest.raises(ConfigError, match="several|takes one input, but the data has 3"):
        preprocess.layout.only  # noqa: B018


def test_a_column_called_as_the_vector_is_refused() -> None:
    spec = Spec((Column("features", "text"), Column("x", "number")), None)
    columns = {"features": np.array(["a"], object), "x": np.zeros(1)}
    with pytest.raises(ConfigError, match="A column is called 'features'"):
        adapt(spec, ("tokens", "vector"), columns)
    assert adapt(Spec(spec.inputs[1:], None), "vector", columns).layout.only.name == "features"


def test_an_app_gets_the_fields_that_it_accepts(sales) -> None:
    app = load_app("rnn")
    columns = sales.read("train", np.arange(3))
    assert choose_layout(app, sales.spec, "T", columns).forms == ("tokens", "vector")
    alone = replace(app, accepts={"tokens": ("classes",)})
    with pytest.raises(ConfigError, match="can only be an input by itself. Choose it with --features said.$"):
        choose_layout(alone, sales.spec, "T", columns)
    both = replace(app, accepts={"tokens": ("classes",), "vector": ("classes",)})
    with pytest.raises(ConfigError, match="Choose it with --features said, or leave it out with --features price colo"):
        choose_layout(both, sales.spec, "T", columns)
    pictures = replace(app, accepts={"image": ("classes",)})
    with pytest.raises(ConfigError, match="it takes image -> classes"):  # which no choice of columns would be
        choose_layout(pictures, sales.spec, "T", columns)
    other = replace(app, accepts={("tokens", "vector"): ("reals",), ("image", "vector"): ("any",)})
    offers = r"takes tokens \+ vector -> reals, image \+ vector -> any; T offers tokens \+ vector -> 2 classes"
    with pytest.raises(ConfigError, match=offers):
        choose_layout(other, sales.spec, "T", columns)


def test_columns_to_choose_are_written_as_a_shell_takes_them() -> None:
    spec = Spec((Column("What they said", "text"), Column("Alcohol %", "number"), Column("age", "number")), None)
    with pytest.raises(ConfigError) as caught:
        check_alone(spec, "T", ("tokens", "vector"))
    told = str(caught.value).partition("itself. ")[2]
    assert told == "Choose it with --features 'What they said', or leave it out with --features 'Alcohol %' age."


def test_of_several_fields_each_must_hold_something(sales) -> None:
    app = replace(load_app("rnn"), accepts={("tokens", "vector"): ("classes",)})
    spec = Spec((Column("said", "text"), Column("town", "category", classes=("A",))), sales.spec.target)
    columns = {"said": np.array(["a", "b"], object), "town": np.array(["A", "A"]), "y": np.int32([0, 1])}
    with pytest.raises(DataError, match="no input that varies"):
        choose_layout(app, spec, "T", columns)


def test_a_text_as_target_is_tokens_whose_padding_has_no_weight() -> None:
    preprocess = adapt(REPLIES, ("tokens", "vector"), TALK, TextOptions(4, 5))
    target = preprocess.layout.target
    assert (target.kind, target.size, target.length) == ("tokens", 6, 5)
    words = preprocess.statistics["reply"]
    assert words == ["i", "am", "is", "it"] or words[:2] == ["i", "am"]
    answers = preprocess.answers(TALK)
    number = {word: i for i, word in enumerate(words, 2)}
    spoken = [text.split() for text in ("i am i", "because", "it is me and i am here", "")]
    expected = [[number.get(word, 1) for word in said[:5]] + [0] * (5 - len(said)) for said in spoken]
    assert answers.keys() == {"labels"} and answers["labels"].dtype == np.int32
    np.testing.assert_array_equal(answers["labels"], expected)
    assert Preprocess.from_json(preprocess.to_json()).layout == preprocess.layout


def test_labels_of_tokens_are_alike_resident_and_streamed() -> None:
    rows = Rows(Arrays("talk", REPLIES, {"train": TALK}), "train", np.arange(3))
    preprocess = adapt(REPLIES, ("tokens", "vector"), TALK, TextOptions(4, 5))
    resident = materialise(rows, preprocess, 2)
    assert {name: values.shape for name, values in resident.items() if name != "inputs"} == {"labels": (3, 5)}
    places = order(3, 1, 3)
    for i, batch in enumerate(stream(rows, preprocess, places, 2)):
        expected = batch_at(tf.nest.map_structure(tf.constant, resident), places[2 * i : 2 * i + 2])
        assert batch["weights"].shape == batch["labels"].shape[:1] and batch["labels"].dtype == tf.int32
        tf.nest.map_structure(np.testing.assert_array_equal, dict(batch), expected)


EARLIER = """{
  "spec": {
    "inputs": [
      {"name": "size", "kind": "number", "shape": [], "classes": [], "rate": 0, "season": 0},
      {"name": "town", "kind": "category", "shape": [], "classes": ["A", "B", "C"], "rate": 0, "season": 0}
    ],
    "target": {"name": "price", "kind": "number", "shape": [], "classes": [], "rate": 0, "season": 0}
  },
  "kind": "vector",
  "statistics": {"size": [3.0, 4.0], "price": [25.0, 100.0]},
  "tokens": 100
}"""


def test_preprocessing_of_an_earlier_version_is_read() -> None:
    preprocess = Preprocess.from_json(EARLIER)
    got = preprocess.apply({"size": np.float32([3, 7, -1]), "town": np.array(["A", "C", "B"])})["features"]
    np.testing.assert_array_equal(got, np.float32([[0, 0, 0], [2, 0, 1], [-2, 1, 0]]))
    np.testing.assert_array_equal(preprocess.labels({"price": np.float32([25, 45])}), [[0], [2]])
    assert preprocess.layout.only.features == ("size", "town=B", "town=C")
    assert preprocess.layout.target.scale == (10.0,)
    assert Preprocess.from_json(preprocess.to_json()) == preprocess
    text = EARLIER.replace('"vector"', '"tokens"').replace(
        '"kind": "number", "shape": [], "classes": [], "rate"', "@", 1
    )
    text = '{"spec": {"inputs": [{"name": "said", "kind": "text", "shape": [], "classes": [], "rate": 0, "season": 0}],'
    text += ' "target": null}, "kind": "tokens", "statistics": {"said": ["the", "end"]}, "tokens": 3}'
    tokens = Preprocess.from_json(text).apply({"said": np.array(["The end, said he"], object)})["said"]
    np.testing.assert_array_equal(tokens, [[2, 3, 1]])


EARLIER_TEXT = """{"spec": {
  "inputs": [{"name": "said", "kind": "text", "shape": [], "classes": [], "rate": 0, "season": 0}],
  "target": {"name": "reply", "kind": "text", "shape": [], "classes": [], "rate": 0, "season": 0}
}, "forms": ["tokens"], "statistics": {"said": ["caf\u00e9", "\ufe0f"], "reply": ["e\u0301", "\u00e9"]}, "tokens": 4}"""


def test_texts_of_an_earlier_version_are_not_normalised() -> None:
    """It counted spellings apart, took emoji for punctuation, and what chooses their look for a word."""
    columns = {name: np.array(["cafe\u0301 Café \u2764\ufe0f", "E\u0301 É"], object) for name in ("said", "reply")}
    preprocess = Preprocess.from_json(EARLIER_TEXT)
    for each in (preprocess, Preprocess.from_json(preprocess.to_json())):
        np.testing.assert_array_equal(each.apply(columns)["said"], [[1, 2, 3, 0], [1, 1, 0, 0]])
        np.testing.assert_array_equal(each.labels(columns), [[1, 1, 1, 0], [2, 3, 0, 0]])
    now = replace(preprocess, texts=replace(preprocess.texts, normal_form="NFC"))
    assert now != preprocess and Preprocess.from_json(now.to_json()) == now
    np.testing.assert_array_equal(now.apply(columns)["said"], [[2, 2, 1, 0], [1, 1, 0, 0]])
    np.testing.assert_array_equal(now.labels(columns), [[1, 1, 1, 0], [3, 3, 0, 0]])
    with pytest.raises(ValueError, match="normal_form is 'NFKC'. Expected one of: NFC, none."):
        Preprocess.from_json(now.to_json().replace('"NFC"', '"NFKC"'))
