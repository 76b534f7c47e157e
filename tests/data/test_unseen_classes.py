"""Classes of input categories that no training row has, against scikit-learn, in Python and in the exported graph."""

from pathlib import Path

import numpy as np
import pandas
import pytest
import tensorflow as tf
from sklearn.preprocessing import OneHotEncoder

from kerasapps.app import Signature, load_app
from kerasapps.data.prepared import PreparedData, prepare_data
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.rows import open_rows
from kerasapps.errors import DataError
from kerasapps.exporters import exported
from kerasapps.runs.options import Options
from kerasapps.training.layout import choose_layout

CITIES = ["u"] * 47 + ["v"] * 45 + [f"w{i}" for i in range(8)]


def prepared(path: Path, seed: int = 0) -> PreparedData:
    """The rows of each split of a table, once its training rows are fitted."""
    rows = open_rows(Options(data=str(path), split_seed=seed))
    spec = rows["train"].source.spec
    return prepare_data(rows, Preprocess(spec, ("vector",), fit(spec, rows["train"].read(), forms=("vector",))))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    """Eight cities have one row each, some of them in validation or test."""
    path = tmp_path_factory.mktemp("cities") / "cities.csv"
    frame = pandas.DataFrame({"x": np.arange(100) % 7 / 2, "city": CITIES, "y": ["a", "b"] * 50})
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    return prepared(path)


def test_only_classes_of_training_rows_have_entries(data: PreparedData) -> None:
    train = data.rows["train"].read()["city"]
    features = data.preprocess.layout.only.features
    assert features == ("x", *[f"city={name}" for name in sorted({*train})[1:]]) and len(features) < 10
    unseen = sorted({*CITIES} - {*train})
    most = pandas.Series(train).mode()[0]
    encoder = OneHotEncoder(drop="first", sparse_output=False).fit(train[:, None])
    for split in ("train", "validation", "test"):
        words = data.rows[split].read()["city"]
        words = np.where(np.isin(words, unseen), most, words)
        got = np.asarray(getattr(data, split)["inputs"]["features"])[:, 1:]
        np.testing.assert_array_equal(got, encoder.transform(words[:, None]))
    (note,) = data.filled
    number = len(unseen)
    assert note.startswith(f"unseen in training: city {number} class{'es' * (number > 1)} (")
    assert note.endswith(f"), read as the most frequent, {most}") and unseen[0] in note


def test_the_exported_graph_answers_alike(data: PreparedData) -> None:
    preprocess = data.preprocess
    graph = exported(Signature(lambda inputs: inputs, ("x", "city")), preprocess)
    columns = {"x": np.zeros(10, np.float32), "city": np.array(["u", " V", *[f"w{i}" for i in range(8)]])}
    expected = preprocess.apply(columns)["features"]
    given = {"x": tf.constant(columns["x"]), "city": tf.constant(columns["city"].tolist())}
    np.testing.assert_array_equal(graph(**given)["features"], expected)
    assert len(np.unique(expected[2:], axis=0)) == 9 - len({*CITIES} - {*data.rows["train"].read()["city"]})


def test_classes_of_the_target_without_a_training_row_are_said(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("x,y\n" + "1.5,a\n2.5,a\n3.5,c\n" * 10 + "1.5,b\n")
    found = {}
    for seed in range(30):
        data = prepared(tmp_path / "table.csv", seed)
        found[bool((data.rows["train"].read()["y"] == 1).any())] = data.notes
        if len(found) == 2:
            break
    assert "no row for training has the class b" in found[False]
    assert not any("no row for training" in note for note in found[True])


@pytest.mark.parametrize("cells", ["", "oak"])
def test_inputs_of_which_nothing_is_left_are_refused(tmp_path: Path, cells: str) -> None:
    (tmp_path / "table.csv").write_text("tree,y\n" + f"{cells},a\n{cells},b\n" * 20)
    train = open_rows(Options(data=str(tmp_path / "table.csv")))["train"]
    with pytest.raises(DataError, match="no input that varies: every category has one value at most"):
        choose_layout(load_app("softmax_regression"), train.source.spec, "table", train.read())


def test_an_empty_category_that_is_kept_has_no_entry(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("x,tree,y\n" + "1.5,,a\n2.5,,b\n" * 20)
    rows = open_rows(Options(data=str(tmp_path / "table.csv"), kind=("tree=category",)))
    spec = rows["train"].source.spec
    preprocess = Preprocess(spec, ("vector",), fit(spec, rows["train"].read(), forms=("vector",)))
    assert preprocess.layout.only.features == ("x",)
    got = preprocess.apply({"x": np.float32([1.5, 2.5]), "tree": np.array(["", "oak"])})["features"]
    assert got.shape == (2, 1) and np.isfinite(got).all()
