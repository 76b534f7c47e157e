"""Missing cells and unseen classes against scikit-learn, in Python and in the graph that is exported."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import tensorflow as tf
from layouts import adapt
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from kerasapps.app import Signature
from kerasapps.data.check import check_columns
from kerasapps.data.missing import asked_note, filled_note, marked, mended
from kerasapps.data.preprocess import Preprocess, raw
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import DataError
from kerasapps.exporters import exported

Graph = tf.types.experimental.ConcreteFunction
RANDOM = np.random.default_rng(0)
ROWS = 40


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of each kind a column with gaps; seconds are numbers that float32 cannot tell apart."""
    path = tmp_path_factory.mktemp("gaps") / "gaps.csv"
    frame = pandas.DataFrame(
        {
            "age": RANDOM.normal(40, 9, ROWS).round(1),
            "whole": RANDOM.normal(0, 1, ROWS).round(2),
            "seconds": 1_600_000_000 + RANDOM.integers(0, 60, ROWS),
            "town": RANDOM.choice(["Bonn", "Oslo", "Rome"], ROWS, p=[0.2, 0.5, 0.3]),
            "member": RANDOM.choice(["yes", "no"], ROWS, p=[0.7, 0.3]),
            "since": [f"{day}.3.2001" for day in RANDOM.integers(1, 29, ROWS)],
            "y": RANDOM.choice(["a", "b"], ROWS),
        }
    ).astype(object)
    for place, name in enumerate(("age", "seconds", "town", "member", "since")):
        frame.loc[place :: 7 + place, name] = np.nan
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def fitted(table: Path) -> Preprocess:
    """The preprocessing of the whole table."""
    source = open_source(str(table))
    return adapt(source.spec, "vector", source.read("train", np.arange(ROWS)))


@pytest.fixture(scope="module")
def graph(fitted: Preprocess) -> Graph:
    """What is exported of it."""
    return exported(Signature(lambda inputs: inputs, tuple(column.name for column in fitted.spec.inputs)), fitted)


def entries(preprocess: Preprocess, columns: dict) -> pandas.DataFrame:
    return pandas.DataFrame(preprocess.apply(columns)["features"], columns=preprocess.layout.only.features)


def test_kinds_are_found_though_cells_are_missing(fitted: Preprocess) -> None:
    assert [(column.name, column.kind) for column in fitted.spec.inputs] == [
        *(("age", "number"), ("whole", "number"), ("seconds", "exact"), ("town", "category")),
        *(("member", "boolean"), ("since", "date")),
    ]
    assert all(column.fill for column in fitted.spec.inputs)


def test_numbers_equal_scikit_learns(table: Path, fitted: Preprocess) -> None:
    frame = pandas.read_csv(table)
    got = entries(fitted, open_source(str(table)).read("train", np.arange(ROWS)))
    numbers = ["age", "whole", "seconds"]
    expected = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit_transform(frame[numbers])
    np.testing.assert_allclose(got[numbers], expected, rtol=1e-4, atol=1e-5)
    for name in ("age", "seconds", "town", "member", "since"):
        np.testing.assert_array_equal(got[f"{name}[missing]"], frame[name].isna())
    assert "whole[missing]" not in got


def test_categories_equal_scikit_learns(table: Path, fitted: Preprocess) -> None:
    words = pandas.read_csv(table)["town"].fillna("")
    encoder = OneHotEncoder(categories=[["Bonn", "Oslo", "Rome", ""]], drop="first", sparse_output=False)
    got = entries(fitted, open_source(str(table)).read("train", np.arange(ROWS)))
    expected = encoder.fit_transform(words.to_numpy()[:, None])
    np.testing.assert_array_equal(got[["town=Oslo", "town=Rome", "town[missing]"]], expected)


def test_booleans_and_dates_have_the_most_frequent_and_the_median(table: Path, fitted: Preprocess) -> None:
    frame, statistics = pandas.read_csv(table), fitted.statistics
    got = entries(fitted, open_source(str(table)).read("train", np.arange(ROWS)))
    member = SimpleImputer(strategy="most_frequent").fit_transform(frame[["member"]])[:, 0] == "yes"
    np.testing.assert_array_equal(got["member"], member)
    since = pandas.to_datetime(frame["since"], format="%d.%m.%Y")
    median = since.dropna().sort_values().iloc[(since.notna().sum() - 1) // 2]
    assert statistics["since"][5:] == [median.date().isoformat(), 1]
    days = (since.fillna(median) - since.min()).dt.days.to_numpy(float)
    np.testing.assert_allclose(got["since[days]"], (days - days.mean()) / days.std(), rtol=1e-4, atol=1e-5)


ASKED = {
    "age": [np.nan, 41.5, None],
    "whole": [0.5, np.nan, 1],
    "seconds": [1_600_000_003, np.nan, 1_600_000_033],
    "town": [np.nan, " oslo", "Cairo"],
    "member": [None, "Y", "nan"],
    "since": ["", "31.12.2001", "2001-05-06 9:30 PM"],
}


def test_python_and_the_exported_graph_answer_alike(fitted: Preprocess, graph: Graph) -> None:
    columns = {c.name: marked(c, np.array(ASKED[c.name], object)) for c in fitted.spec.inputs}
    spec = Spec(fitted.spec.inputs, None)
    check_columns(columns, spec, "here")
    got = fitted.apply(columns)["features"]
    given = {c.name: tf.constant(raw(c, columns[c.name])) for c in fitted.spec.inputs}
    np.testing.assert_allclose(graph(**given)["features"], got, rtol=1e-6)
    named = pandas.DataFrame(got, columns=fitted.layout.only.features)
    assert named["town=Oslo"].tolist() == [0, 1, 1] and named["town[missing]"].tolist() == [1, 0, 0]
    assert named["age"][0] == pytest.approx(named["age"][2]) and named["age[missing]"].tolist() == [1, 0, 1]
    assert named["member"].tolist() == [1, 1, 1] and named["member[missing]"].tolist() == [1, 0, 1]
    assert named["since[missing]"].tolist() == [1, 0, 0]
    assert np.isfinite(got).all()


@pytest.mark.parametrize(("name", "value"), [("age", np.inf), ("member", "maybe"), ("since", "2001-02-30")])
def test_what_is_no_value_is_refused_alike(fitted: Preprocess, graph: Graph, name: str, value: object) -> None:
    columns = {c.name: marked(c, np.array(ASKED[c.name], object)) for c in fitted.spec.inputs}
    columns[name] = np.array([*columns[name][:2], value], columns[name].dtype)
    with pytest.raises(DataError, match=f"row 2 .*column {name}"):
        check_columns(columns, Spec(fitted.spec.inputs, None), "here")
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"{name}: expected"):
        graph(**{c.name: tf.constant(raw(c, columns[c.name])) for c in fitted.spec.inputs})


def test_what_is_done_is_said(table: Path, fitted: Preprocess) -> None:
    frame = pandas.read_csv(table)
    found = mended(open_source(str(table)).read("train", np.arange(ROWS)), fitted.spec, fitted.statistics)
    counts = frame.isna().sum()
    median = frame["age"].astype(np.float32).median()
    assert filled_note(found).startswith(
        f"filled {counts.sum()} missing cells: age {counts['age']} (the median {median:g}), "
    )
    assert f"town {counts['town']} (the class missing)" in filled_note(found)
    columns = {c.name: marked(c, np.array(ASKED[c.name], object)) for c in fitted.spec.inputs}
    note = asked_note(mended(columns, fitted.spec, fitted.statistics))
    assert f"age: 2 missing values, read as the median {median:g}; whole: 1 missing value, read as" in note
    assert "town: 1 missing value, read as the class missing; town: 1 unseen class (Cairo), read as the most" in note


def test_what_pandas_calls_missing_and_masks_are_missing() -> None:
    number, town = Column("x", "number", fill=True), Column("t", "category", classes=("a", "1"), fill=True)
    values = [pandas.NA, None, np.nan, pandas.NaT, "$1,000.50", 2]
    np.testing.assert_array_equal(marked(number, np.array(values, object)), [*[np.nan] * 4, 1000.5, 2])
    np.testing.assert_array_equal(marked(number, np.ma.array([1.0, 2], mask=[1, 0])), [np.nan, 2])
    assert marked(town, np.array([None, np.nan, "a", 1.0], object)).tolist() == ["", "", "a", "1"]


def test_statistics_without_gaps_are_those_of_earlier_versions() -> None:
    values = RANDOM.normal(3, 2, 50).astype(np.float32)
    plain = adapt(Spec((Column("x", "number"),), None), "vector", {"x": values})
    filled = adapt(Spec((Column("x", "number", fill=True),), None), "vector", {"x": values})
    assert filled.statistics["x"] == [*plain.statistics["x"], float(np.median(values.astype(np.float64))), 0]
    np.testing.assert_array_equal(filled.apply({"x": values})["features"], plain.apply({"x": values})["features"])


def test_preprocessing_of_earlier_versions_still_loads(fitted: Preprocess) -> None:
    assert Preprocess.from_json(fitted.to_json()) == fitted
    content = json.loads(adapt(Spec((Column("x", "number"),), None), "vector", {"x": np.float32([1, 3])}).to_json())
    for name in ("label", "fill", "written"):
        content["spec"]["inputs"][0].pop(name)
    assert Preprocess.from_json(json.dumps(content)).spec.inputs == (Column("x", "number"),)
