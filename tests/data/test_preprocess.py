"""Preprocessing against scikit-learn's StandardScaler and OneHotEncoder, and NumPy."""

import itertools
import json
from collections.abc import Iterator

import numpy as np
import pytest
from layouts import adapt

from kerasapps.data.preprocess import Preprocess, layouts
from kerasapps.data.sources import open_source, select_features
from kerasapps.data.spec import Column, Spec
from kerasapps.data.split import split_rows
from kerasapps.errors import ConfigError

PICTURES = Spec((Column("photo", "image", (4, 3, 2)),), Column("kind", "category", classes=("a", "b")))
PHOTOS = {
    "photo": np.random.default_rng(0).integers(0, 256, (5, 4, 3, 2), dtype=np.uint8),
    "kind": np.int32([0, 1, 1, 0, 1]),
}
TABLE = Spec((Column("x", "number"), Column("town", "category", classes=("A", "B", "C"))), Column("y", "number"))
ROWS = {
    "x": np.float32([1, 2, 3, 6]),
    "town": np.array(["A", "C", "B", "C"]),
    "y": np.float32([10, 20, 30, 40]),
}


def test_numbers_and_categories_equal_scikit_learns() -> None:
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    parts = split_rows(open_source("auto_mpg"), seed=0)
    train, test = parts["train"].read(), parts["test"].read()
    preprocess = adapt(parts["train"].source.spec, "vector", train)
    names = [column.name for column in preprocess.spec.inputs if column.kind == "number"]
    scaler = StandardScaler().fit(np.array([train[name] for name in names], np.float64).T)
    encoder = OneHotEncoder(categories=[["usa", "europe", "japan"]], drop="first", sparse_output=False)
    encoder.fit(train["origin"][:, None])
    numbers = scaler.transform(np.array([test[name] for name in names], np.float64).T)
    expected = np.hstack([numbers, encoder.transform(test["origin"][:, None])])
    got = preprocess.layout.given(preprocess.apply(test))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
    assert preprocess.layout.only.features == (*names, "origin=europe", "origin=japan")
    assert preprocess.layout.only.shape == (8,)


def test_real_labels_are_standardised_by_training_rows() -> None:
    preprocess = adapt(TABLE, "vector", ROWS)
    target = preprocess.layout.target
    assert (target.kind, target.size, target.names, target.mean) == ("reals", 1, ("y",), (25.0,))
    assert target.scale == pytest.approx((np.sqrt(125),), rel=1e-15)
    labels = preprocess.labels({"y": np.float32([25, 10])})
    assert labels.dtype == np.float32
    np.testing.assert_allclose(labels, [[0], [-15 / np.sqrt(125)]], rtol=1e-7)


def test_classes_are_labels_as_they_are() -> None:
    preprocess = adapt(PICTURES, "image", PHOTOS)
    assert preprocess.labels(PHOTOS).dtype == np.int32
    np.testing.assert_array_equal(preprocess.labels(PHOTOS), PHOTOS["kind"])
    assert preprocess.layout.target.names == ("a", "b")


@pytest.mark.parametrize(("kind", "shape"), [("image", (4, 3, 2)), ("sequence", (4, 6)), ("vector", (24,))])
def test_images_in_every_layout(kind: str, shape: tuple) -> None:
    preprocess = adapt(PICTURES, kind, PHOTOS)
    assert preprocess.layout.only.shape == shape
    expected = (PHOTOS["photo"].astype(np.float32) / np.float32(255)).reshape(5, *shape)
    np.testing.assert_array_equal(preprocess.layout.given(preprocess.apply(PHOTOS)), expected)


def test_layouts_that_fit() -> None:
    assert layouts(PICTURES) == (("image",), ("sequence",), ("vector",))
    assert layouts(TABLE) == (("vector",),)
    both = Spec((TABLE.inputs[0], *PICTURES.inputs, Column("said", "text"), TABLE.inputs[1]), None)
    forms = itertools.product(("image", "sequence", "vector"), ("tokens", "vector"), ("vector",))
    assert layouts(both) == tuple(forms)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e7])
def test_a_constant_column_becomes_zero(constant: float) -> None:
    columns = {**ROWS, "x": np.full(4, constant, np.float32), "y": np.full(4, constant, np.float32)}
    preprocess = adapt(TABLE, "vector", columns)
    np.testing.assert_array_equal(preprocess.layout.given(preprocess.apply(columns))[:, 0], np.zeros(4))
    np.testing.assert_array_equal(preprocess.labels(columns), np.zeros((4, 1)))
    assert np.isfinite(preprocess.layout.given(preprocess.apply({**columns, "x": columns["x"] + 1}))).all()


def test_an_unknown_category_is_all_zeros() -> None:
    preprocess = adapt(TABLE, "vector", ROWS)
    towns = np.array(["A", "B", "C", "Rome"])
    expected = [[0, 0], [1, 0], [0, 1], [0, 0]]
    np.testing.assert_array_equal(preprocess.layout.given(preprocess.apply({**ROWS, "town": towns}))[:, 1:], expected)


def test_only_training_rows_count() -> None:
    half = {name: values[:2] for name, values in ROWS.items()}
    assert adapt(TABLE, "vector", half).statistics == {"x": [1.5, 0.25], "y": [15.0, 25.0]}


def test_moments_do_not_lose_digits() -> None:
    x = np.float32([16777216, 16777218, 16777220, 16777222])
    assert adapt(TABLE, "vector", {**ROWS, "x": x}).statistics["x"] == [16777219.0, 5.0]


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e25])
def test_small_and_large_units_are_standardised_alike(scale: float) -> None:
    x = np.float32(np.array([1, 2, 3, 6]) * scale)
    expected = np.array([-2, -1, 0, 3]) / np.sqrt(3.5)
    preprocess = adapt(TABLE, "vector", {**ROWS, "x": x})
    np.testing.assert_allclose(
        preprocess.layout.given(preprocess.apply({**ROWS, "x": x}))[:, 0], expected, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("size", [1, 7, 100])
def test_fitting_in_pieces_changes_nothing(size: int) -> None:
    values = np.random.default_rng(0).normal(1e6, [[1e-1], [1e3]], (2, 100)).astype(np.float32)
    columns = {"x": values[0], "y": values[1], "town": np.full(100, "A")}
    pieces = ({name: part[at : at + size] for name, part in columns.items()} for at in range(0, 100, size))
    fitted = adapt(TABLE, "vector", pieces).statistics
    for name in ("x", "y"):
        exact = columns[name].astype(np.float64)
        np.testing.assert_allclose(fitted[name], [np.mean(exact), np.var(exact)], rtol=1e-8)


def test_a_constant_in_pieces_is_exactly_itself() -> None:
    piece = {"x": np.float32([0.1]), "y": np.float32([0.1]), "town": np.array(["A"])}
    assert adapt(TABLE, "vector", [piece] * 7).statistics["x"] == [float(np.float32(0.1)), 1.0]


def test_no_more_is_read_than_is_fitted() -> None:
    """Of images the borders of the first thousand; of sounds nothing."""
    photos = {"photo": np.arange(1000 * 24, dtype=np.uint8).reshape(1000, 4, 3, 2), "kind": np.zeros(1000, np.int32)}

    def pieces(*given: dict) -> Iterator[dict]:
        yield from given
        raise AssertionError("read")

    assert adapt(PICTURES, "image", pieces(photos)) == adapt(PICTURES, "image", photos)
    assert adapt(Spec((Column("said", "audio", (800,), rate=8000),), None), "image", pieces()).statistics == {}


@pytest.mark.parametrize("name", ["auto_mpg", "digits"])
def test_json_round_trip_is_exact(name: str) -> None:
    parts = split_rows(open_source(name), seed=0)
    preprocess = adapt(parts["train"].source.spec, "vector", parts["train"].read())
    again = Preprocess.from_json(preprocess.to_json())
    assert again == preprocess
    assert again.layout == preprocess.layout
    columns = parts["test"].read()
    np.testing.assert_array_equal(
        again.layout.given(again.apply(columns)), preprocess.layout.given(preprocess.apply(columns))
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"spec": {"inputs": []}}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Preprocess.from_json(text)


def test_statistics_are_plain_json() -> None:
    assert json.loads(adapt(TABLE, "vector", ROWS).to_json())["statistics"]["x"] == [3.0, 3.5]


def test_the_model_takes_raw_named_inputs() -> None:
    import tensorflow as tf

    preprocess = adapt(TABLE, "vector", ROWS)
    raw = {"x": tf.constant([3.0]), "town": tf.constant(["C"])}
    np.testing.assert_array_equal(preprocess.model(raw)["features"], [[0, 0, 1]])
    assert {t.name: (tuple(t.shape), t.dtype) for t in preprocess.model.inputs} == {
        "x": ((None,), "float32"),
        "town": ((None,), "string"),
    }


def test_thirty_numbers_take_few_layers() -> None:
    source = open_source("breast_cancer")
    preprocess = adapt(source.spec, "vector", source.read("train", np.arange(50)))
    layers = [layer for layer in preprocess.model.layers if type(layer).__name__ != "InputLayer"]
    assert len(layers) <= 3


def test_one_category_alone() -> None:
    source = select_features(open_source("auto_mpg"), ["origin"])
    columns = source.read("train", np.arange(100))
    preprocess = adapt(source.spec, "vector", columns)
    expected = np.stack([columns["origin"] == "europe", columns["origin"] == "japan"], axis=1)
    np.testing.assert_array_equal(preprocess.layout.given(preprocess.apply(columns)), expected)


def test_without_a_target() -> None:
    preprocess = adapt(Spec(TABLE.inputs, None), "vector", ROWS)
    assert preprocess.layout.target.kind == "none"
    with pytest.raises(ConfigError, match="no target"):
        preprocess.labels(ROWS)
