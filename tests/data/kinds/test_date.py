"""Dates against the standard library's datetime and NumPy."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data.asserted import asserted
from kerasapps.data.check import check_columns
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.data.split import Rows
from kerasapps.errors import ConfigError, DataError

SPEC = Spec((Column("bought", "date"),), None)
TRAINED = ["2000-02-29", "1999-12-31", "2004-07-04", "2000-02-29"]


def preprocess(texts: list = TRAINED) -> Preprocess:
    return adapt(SPEC, "vector", {"bought": np.array(texts)})


def expected(day: date, seconds: float = 0, trained: list = TRAINED) -> list[float]:
    """The six numbers of a day, by their definition."""
    days = [date.fromisoformat(text) for text in trained]
    years, since = [day.year for day in days], [(day - min(days)).days for day in days]
    month, weekday = 2 * np.pi * (day.month - 1) / 12, 2 * np.pi * day.weekday() / 7
    cyclic = [np.sin(month), np.cos(month), np.sin(weekday), np.cos(weekday)]
    passed = (day - min(days)).days + seconds / 86400
    first, last = (day.year - np.mean(years)) / np.std(years), (passed - np.mean(since)) / np.std(since)
    return [first, *cyclic, last]


def numbers(fitted: Preprocess, texts: list) -> np.ndarray:
    return fitted.apply({"bought": np.array(texts)})["features"]


def test_every_day_of_some_years_is_that_of_the_standard_library() -> None:
    days = [date(1899, 12, 25) + timedelta(days=i) for i in range(0, 80_000, 7)]
    days += [date(2000, 1, 1) + timedelta(days=i) for i in range(800)]
    days += [date(1, 1, 1), date(9999, 12, 31), date(1900, 2, 28), date(1900, 3, 1)]
    got = numbers(preprocess(), [day.isoformat() for day in days])
    np.testing.assert_allclose(got, [expected(day) for day in days], rtol=1e-5, atol=2e-6)


def test_the_statistics_are_those_of_numpy() -> None:
    days = np.array(TRAINED, "datetime64[D]")
    since = (days - days.min()).astype(int)
    years = days.astype("datetime64[Y]").astype(int) + 1970
    first, *moments = preprocess().statistics["bought"]
    assert first == days.min().astype(int)
    np.testing.assert_allclose(moments, [years.mean(), years.var(), since.mean(), since.var()], rtol=1e-12)


@pytest.mark.parametrize(
    "text", ["2001-05-06T18:00:00", "2001-05-06 18:00", "2001-05-06T18:00Z", " 2001-05-06 18:00:00.9 "]
)
def test_the_time_of_day_is_a_part_of_a_day(text: str) -> None:
    got = numbers(preprocess(), [text])
    np.testing.assert_allclose(got, [expected(date(2001, 5, 6), 18 * 3600)], rtol=1e-6, atol=1e-6)


def test_dates_of_python_and_numpy_are_dates() -> None:
    day = date(2001, 5, 6)
    moments = [day, datetime(2001, 5, 6, tzinfo=UTC).replace(tzinfo=None), np.datetime64("2001-05-06"), "2001-05-06"]
    columns = {"bought": np.array(moments, object)}
    check_columns(columns, SPEC, "here")
    np.testing.assert_allclose(preprocess().apply(columns)["features"], [expected(day)] * 4, rtol=1e-6, atol=1e-6)
    check_columns({"bought": np.array(["2001-05-06"], "datetime64[ns]")}, SPEC, "here")


def test_one_day_alone_is_constant() -> None:
    got = numbers(preprocess(["2001-05-06"] * 3), ["2001-05-06", "2002-05-07"])
    assert got[0, 0] == got[0, 5] == 0 and got[1, 0] == 1 and got[1, 5] == 366


def test_the_features_have_names_and_units() -> None:
    (field,) = preprocess().layout.inputs
    assert field.features == tuple(
        f"bought[{name}]" for name in ("year", "month sin", "month cos", "weekday sin", "weekday cos", "days")
    )
    mean, scale = np.array(field.units).T
    got = numbers(preprocess(), TRAINED) * scale + mean
    np.testing.assert_allclose(got[:, 0], [2000, 1999, 2004, 2000], rtol=1e-6)
    np.testing.assert_allclose(got[:, 5], [60, 0, 1647, 60], atol=1e-3)


BAD = ["2001-02-29", "1900-02-29", "2001-13-01", "2001-00-01", "2001-04-31", "0000-01-01", "2001-1-1", "01.02.2001"]
BAD += ["2001-01-01T24:00", "2001-01-01T10", "2001-01-01T10:60", "2001-01-01T10:00+02:00", "20010101", "", "today"]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_date_is_refused_in_python_and_in_graphs(text: str) -> None:
    columns = {"bought": np.array(["2001-01-01", text])}
    with pytest.raises(DataError, match=r"row 1 \(from 0\), column bought: .*Expected a date such as 2001-12-31"):
        check_columns(columns, SPEC, "here")
    with pytest.raises(tf.errors.InvalidArgumentError, match="bought: expected a date such as 2001-12-31"):
        tf.function(lambda given: asserted(given, SPEC))(preprocess().tensors(columns))


def test_a_column_of_dates_is_recognised(tmp_path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("day,mixed,when,y\n2001-12-31,2001-12-31,2001-12-31 10:00,a\n2002-01-01,u,2002-01-01T11:30,b\n")
    source = open_source(str(path), missing="refuse")
    assert [column.kind for column in source.spec.inputs] == ["date", "category", "date"]
    assert list(source.read("train", np.arange(2))["when"]) == ["2001-12-31 10:00", "2002-01-01T11:30"]
    path.write_text("day,y\n2001-12-31,a\n,b\n")
    gap = open_source(str(path), missing="refuse")
    with pytest.raises(DataError, match=r"line 3, column day: ''. Expected a date"):
        Rows(gap, "train", np.arange(2)).read()


@pytest.mark.parametrize("text", ["2001-02-30", "maybe", "02.01.2002"])
def test_a_cell_that_is_no_date_among_dates_is_refused(text: str, tmp_path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(f"day,y\n2001-12-31,a\n\n2002-01-01,b\n{text},b\n")
    with pytest.raises(DataError, match=rf"line 5, column day: {text}. Expected a date such as 2001-12-31"):
        open_source(str(path), missing="refuse")


def test_a_date_cannot_be_predicted() -> None:
    spec = Spec((Column("x", "number"),), Column("day", "date"))
    columns = {"x": np.float32([1, 2]), "day": np.array(["2001-01-01", "2001-01-02"])}
    with pytest.raises(ConfigError, match="column day, is of kind date, which nothing here predicts"):
        adapt(spec, "vector", columns).layout  # noqa: B018
