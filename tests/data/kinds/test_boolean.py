"""Booleans: which words they are, in Python, in graphs, in tables and as a target."""

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data.asserted import asserted
from kerasapps.data.check import check_columns
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.data.split import Rows, split_rows
from kerasapps.errors import DataError

SPEC = Spec((Column("smoker", "boolean"),), None)
WORDS = {"true": 1, "False": 0, "YES": 1, "no": 0, "t": 1, "F": 0, "1": 1, "0": 0, " yes ": 1}


def test_words_become_one_number() -> None:
    preprocess = adapt(SPEC, "vector", {})
    columns = {"smoker": np.array(list(WORDS))}
    check_columns(columns, SPEC, "here")
    got = preprocess.apply(columns)["features"]
    np.testing.assert_array_equal(got, np.float32([[value] for value in WORDS.values()]))
    assert preprocess.layout.only.features == ("smoker",)


@pytest.mark.parametrize("values", [np.array([True, False]), np.array([1, 0]), [True, False], np.array([1, 0], object)])
def test_truth_values_and_numbers_count_too(values: object) -> None:
    check_columns({"smoker": values}, SPEC, "here")
    np.testing.assert_array_equal(adapt(SPEC, "vector", {}).apply({"smoker": values})["features"], [[1], [0]])


@pytest.mark.parametrize("word", ["maybe", "", "2", "1.0", "truely"])
def test_other_words_are_refused_in_python_and_in_graphs(word: str) -> None:
    columns = {"smoker": np.array(["yes", word])}
    with pytest.raises(DataError, match=r"row 1 \(from 0\), column smoker: .*Expected true or false, yes or no"):
        check_columns(columns, SPEC, "here")
    with pytest.raises(tf.errors.InvalidArgumentError, match="smoker: expected true or false"):
        tf.function(lambda given: asserted(given, SPEC))(adapt(SPEC, "vector", {}).tensors(columns))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["yes", "no", "Yes"], "boolean"),
        (["t", "f", "t"], "boolean"),
        (["true", "", "0"], "boolean"),
        (["0", "1", "1"], "number"),
        (["yes", "no", "unknown"], "category"),
        (["m", "f", "m"], "category"),
    ],
)
def test_when_a_column_is_boolean(tmp_path, cells: list, kind: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert open_source(str(path)).spec.inputs[0].kind == kind
    source = open_source(str(path), missing="refuse")
    assert source.spec.inputs[0].kind == kind
    if "" in cells:
        with pytest.raises(DataError, match=r"line 3, column x: ''. Expected true or false"):
            Rows(source, "train", np.arange(3)).read()


def test_a_target_has_the_classes_false_and_true() -> None:
    spec = Spec((Column("x", "number"),), Column("ill", "boolean"))
    columns = {"x": np.float32([1, 2, 3]), "ill": np.int32([0, 1, 1])}
    check_columns(columns, spec, "here")
    preprocess = adapt(spec, "vector", columns)
    target = preprocess.layout.target
    assert (target.kind, target.size, target.names) == ("classes", 2, ("false", "true"))
    labels = preprocess.labels(columns)
    assert labels.dtype == np.int32 and labels.tolist() == [0, 1, 1]
    with pytest.raises(DataError, match="column ill: 2. Expected a class number from 0 to 1"):
        check_columns({**columns, "ill": np.int32([0, 2, 1])}, spec, "here")


def test_a_boolean_target_is_split_by_its_classes() -> None:
    from kerasapps.data.spec import Arrays

    spec = Spec((Column("x", "number"),), Column("ill", "boolean"))
    columns = {"x": np.arange(100, dtype=np.float32), "ill": np.int32(np.arange(100) % 10 == 0)}
    parts = split_rows(Arrays("people", spec, {"train": columns}), seed=0)
    assert [int(parts[split].read()["ill"].sum()) for split in ("train", "validation", "test")] == [7, 1, 2]
