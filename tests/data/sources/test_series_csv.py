"""CSV files as series: what is read of them, and which gaps are refused where."""

from pathlib import Path

import numpy as np
import pandas
import pytest
from layouts import adapt

import kerasapps
from kerasapps.data.kinds import series
from kerasapps.data.kinds._series import read_series
from kerasapps.data.sources import calendar_of, notes_of, open_series, open_source, select_features
from kerasapps.data.sources._series import load_series
from kerasapps.errors import ConfigError, DataError

FREQUENCIES = {"h": 24, "D": 7, "B": 5, "W-SAT": 52, "MS": 12, "ME": 12, "QS-OCT": 4, "QE-DEC": 4, "YS-JAN": 0, "2D": 0}
TIMES = [str(number) for number in range(1, 13)]


def write(folder: Path, text: str) -> Path:
    path = folder / "sales.csv"
    path.write_text(text, encoding="utf-8")
    return path


def lines(times: list, header: str = "when,sold") -> str:
    """A header and a row for each time, with the values 0, 10, 20, ..."""
    return "\n".join([header, *(f"{time},{10 * row}" for row, time in enumerate(times))]) + "\n"


def test_one_column_is_the_series(tmp_path: Path) -> None:
    series = read_series(write(tmp_path, "\ufeffunits sold\n1\n-2.5\n3e2\n\n\n"))
    assert (series.name, series.values.tolist(), series.season) == ("units_sold", [1, -2.5, 300], 0)
    assert series.values.dtype == np.float64


@pytest.mark.parametrize(
    ("header", "name", "values"),
    [
        ("a,b", "b", [1, 2, 3]),
        ("target,b", "target", [7, 8, 9]),
        ("label,b", "label", [7, 8, 9]),
        ("value,time", "value", [7, 8, 9]),
        ("value,target", "target", [1, 2, 3]),
    ],
)
def test_of_two_columns_the_named_one_is_the_series_or_the_last(
    tmp_path: Path, header: str, name: str, values: list
) -> None:
    series = read_series(write(tmp_path, f"{header}\n7,1\n\n8,2\n9,3\n"))
    assert (series.name, series.values.tolist()) == (name, values)


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_dates_of_every_frequency_tell_the_season(tmp_path: Path, frequency: str) -> None:
    times = pandas.date_range("2019-03-01", periods=40, freq=frequency)
    series = read_series(write(tmp_path, lines([time.isoformat() for time in times])))
    assert series.season == FREQUENCIES[frequency]
    np.testing.assert_array_equal(series.values, 10.0 * np.arange(40))


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("missing", [1, 13, 38])
def test_a_missing_date_names_the_line_after_it(tmp_path: Path, frequency: str, missing: int) -> None:
    times = pandas.date_range("2019-03-01", periods=40, freq=frequency)
    given = [time.isoformat() for time in times.delete(missing)]
    with pytest.raises(DataError) as caught:
        read_series(write(tmp_path, lines(given)))
    text = str(caught.value)
    assert f"sales.csv, line {missing + 2}, column when: {given[missing]}. Expected {times[missing]}" in text


@pytest.mark.parametrize(("day", "shown"), [("2021-03-28", "T03:00:00"), ("2021-10-31", "T02:00:00")])
def test_local_hours_at_a_change_of_clocks_name_the_way_out(tmp_path: Path, day: str, shown: str) -> None:
    times = pandas.date_range(day, periods=36, freq="h", tz="Europe/Berlin")
    local = [time.tz_localize(None).isoformat() for time in times]
    with pytest.raises(DataError, match=f"{day}{shown}.*Where clocks were changed, write hours in UTC or with"):
        read_series(write(tmp_path, lines(local)))
    for given in (times, times.tz_convert("UTC")):
        assert read_series(write(tmp_path, lines([time.isoformat() for time in given]))).season == 24


def test_evenly_spaced_numbers_may_be_rounded(tmp_path: Path) -> None:
    months = [f"{1958 + month / 12:.3f}" for month in range(30)]
    assert len(read_series(write(tmp_path, lines(months))).values) == 30
    with pytest.raises(DataError, match="line 9, column when: 1958.667. Expected 0.083 more than in line 8"):
        read_series(write(tmp_path, lines(months[:7] + months[8:])))


BAD = {
    "an empty cell": ("t,x\n1,5\n2,\n", "line 3, column x: empty. Expected a number"),
    "a blank line in one column": ("x\n5\n\n6\n", "line 3, column x: empty. Expected a number"),
    "a word": ("x\n5\nNA\n", "line 3, column x: NA. Expected a number"),
    "not a number": ("x\nnan\n", "line 2, column x: nan. Expected a number"),
    "Python's number": ("x\n1_000\n", "line 2, column x: 1_000. Expected a number"),
    "too large": ("x\n1\n-1e39\n", r"line 3, column x: -1e39. Expected a number of at most 1e\+30"),
    "a cell too many": ("t,x\n1,5\n2,6,7\n", "line 3: 3 cells, expected 2"),
    "more columns": ("t,x,price\n1,5,9\n", r"line 1: the columns \['t', 'x', 'price'\].*--target COLUMN"),
    "one name twice": ("x,x\n1,5\n", r"line 1: the columns \['x', 'x'\]"),
    "no header": ("1.5\n2.5\n", "line 1: the series is called '1.5'. Expected a header"),
    "nothing": ("", "line 1"),
    "an open quote": ('x\n"5\n', "cannot be read"),
    "an empty time": ("t,x\n1,5\n,6\n3,7\n", "line 3, column t: empty. Expected the time"),
    "a step missing": (lines([*TIMES[:5], *TIMES[6:]]), "line 7, column when: 7. Expected 1 more than in line 6"),
    "a time twice": (lines(["1", "2", "2", "3", "4"]), "line 4, column when: 2. Expected 1 more"),
    "falling times": (lines(TIMES[::-1]), "line 3, column when: 11. Expected times in ascending order"),
    "times of two": (lines(["5", "3"]), "line 3, column when: 3. Expected times in ascending order"),
    "no date": (lines(["2001-01-01", "2001-01-02", "soon"]), "line 4, column when: soon. Expected a date"),
    "no such day": (lines(["2001-02-28", "2001-02-29"]), "line 3, column when: 2001-02-29. Expected a date"),
    "unsorted dates": (
        lines(["2001-01-01", "2001-01-03", "2001-01-02", "2001-01-04"]),
        "line 4, column when: 2001-01-02. Expected a later time than in line 3",
    ),
    "uneven dates": (lines(["2001-01-01", "2001-01-02", "2001-02-09"]), "line 2.*Expected times of even steps"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused(tmp_path: Path, kind: str) -> None:
    text, message = BAD[kind]
    with pytest.raises(DataError, match=message) as caught:
        read_series(write(tmp_path, text))
    assert str(tmp_path / "sales.csv") in str(caught.value)


def test_a_file_opens_in_windows(tmp_path: Path) -> None:
    months = pandas.date_range("2001-01-01", periods=20, freq="MS")
    write(tmp_path, lines([str(month.date()) for month in months], "month,sold"))
    source = open_series("sales.csv", str(tmp_path), 3, 2)
    columns = source.read("test", np.array([0]))
    assert (columns["sold"].tolist(), columns["sold_next"].tolist()) == ([[130, 140, 150]], [[160, 170]])
    assert source.spec.inputs[0].season == source.spec.target.season == 12
    assert open_source("sales.csv", str(tmp_path)).spec.inputs[0].kind == "date"


WIDE = "town,day,price,sold\n" + "".join(f"Bonn,2001-01-{day:02},{day / 2},{10 * day}\n" for day in range(1, 21))


def test_a_series_is_named_in_a_wider_table(tmp_path: Path) -> None:
    """The times are found by themselves; what is no time and no series is left alone."""
    path = write(tmp_path, WIDE)
    source = open_series(str(path), "", 3, 2, "sold")
    np.testing.assert_array_equal(source.values, 10.0 * np.arange(1, 21))
    assert [column.name for column in source.spec.columns] == ["sold", "sold_next"]
    assert calendar_of(source).names(calendar_of(source).ahead(2)) == ("2001-01-21", "2001-01-22")
    assert open_series(str(path), "", 3, 2, "price").values[1] == 1.0
    with pytest.raises(DataError, match=r"\['town', 'day', 'price', 'sold'\].*one of them bought"):
        open_series(str(path), "", 3, 2, "bought")
    with pytest.raises(ConfigError, match="target=bought: .*has the series sold"):
        open_series(str(write(tmp_path, lines(TIMES))), "", 3, 2, "bought")
    with pytest.raises(ConfigError, match="target=sold .* the data sunspots are none"):
        open_series("sunspots", "", None, 2, "sold")


def test_a_wider_table_without_dates_has_no_season(tmp_path: Path) -> None:
    series = read_series(write(tmp_path, "a,b,sold\n1,x,5\n1,y,6\n"), ["sold"])
    assert (series.season, series.calendar) == (0, None)


def test_a_column_of_times_by_its_name_has_no_gaps(tmp_path: Path) -> None:
    text = WIDE.replace("day", "Date").replace("2001-01-07", "2001-02-07")
    with pytest.raises(DataError, match="line 9, column Date: 2001-01-08. Expected a later"):
        read_series(write(tmp_path, text), ["sold"])


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_what_follows_is_what_pandas_says(tmp_path: Path, frequency: str) -> None:
    times = pandas.date_range("2019-03-01", periods=43, freq=frequency)
    calendar = read_series(write(tmp_path, lines([time.isoformat() for time in times[:40]]))).calendar
    np.testing.assert_array_equal(calendar.ahead(3), times[40:].to_numpy())
    shown = "%Y-%m-%dT%H:%M" if frequency == "h" else "%Y-%m-%d"
    assert calendar.names(calendar.ahead(3)) == tuple(times[40:].strftime(shown))


def test_hours_with_offsets_go_on_in_utc(tmp_path: Path) -> None:
    hours = pandas.date_range("2021-01-01", periods=12, freq="h", tz="Europe/Berlin")
    calendar = read_series(write(tmp_path, lines([hour.isoformat() for hour in hours]))).calendar
    assert calendar.names(calendar.ahead(1)) == ("2021-01-01T11:00Z",)


@pytest.mark.parametrize(
    ("name", "next_step"), [("sunspots", "2009-01-01"), ("co2", "2002-01-01"), ("elnino", "2011-01-01")]
)
def test_built_in_series_end_when_their_sources_say(name: str, next_step: str) -> None:
    source = open_source(name)
    calendar = calendar_of(select_features(source, [source.spec.inputs[0].name]))
    assert len(calendar.times) == len(source.values)
    assert str(calendar.ahead(1)[0].astype("datetime64[D]")) == next_step


def test_a_file_has_no_windows_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, lines(TIMES))
    for history, horizon, missing in ((3, None, "horizon"), (None, 3, "history")):
        with pytest.raises(
            ConfigError, match=f"horizon={horizon}: .*sales.csv does not say its {missing}. Expected both"
        ):
            open_series(str(path), "", history, horizon)


def test_a_file_shorter_than_its_window_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, lines(TIMES))
    with pytest.raises(DataError, match=r"sales.csv has 12 steps: too few to train on windows of 9 steps and 2 that"):
        open_series(str(path), "", 9, 2)


def test_a_series_far_from_0_keeps_its_units(tmp_path: Path) -> None:
    """A step is the same number as an input and as what is to be forecast."""
    values = np.float32(1e6 + 0.03 + 0.0625 * np.cumsum(np.random.default_rng(1).choice([-1, 1], 400)))
    path = tmp_path / "far.csv"
    path.write_text("value\n" + "\n".join(repr(float(value)) for value in values))
    source = load_series(path, history=8, horizon=1)
    columns = source.read("train", np.arange(source.sizes["train"]))
    preprocess = adapt(source.spec, "sequence", columns)
    inputs, labels = preprocess.layout.given(preprocess.apply(columns))[..., 0], preprocess.labels(columns)[:, 0]
    np.testing.assert_allclose(inputs[1:, -1], labels[:-1], atol=1e-6)


def test_a_series_that_float32_would_flatten_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "far.csv"
    path.write_text("value\n" + "\n".join(f"{1e9 + step % 7}" for step in range(200)))
    with pytest.raises(DataError, match=r"far\.csv, column value: the numbers differ by less.*subtract a constant"):
        load_series(path, history=8, horizon=1)
    assert read_series(path).values[:3].tolist() == [1e9, 1e9 + 1, 1e9 + 2]


def test_a_table_that_may_be_a_series_is_told_of_its_window(tmp_path: Path) -> None:
    path = write(tmp_path, "day,sold\n" + "\n".join(f"{step},{step / 2}" for step in range(40)))
    with pytest.raises(ConfigError, match=r"rnn cannot learn .*give --history and --horizon"):
        kerasapps.train("rnn", data=str(path), run_dir=str(tmp_path / "run"))


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y %H:%M"])
def test_dates_are_read_as_pandas_reads_their_format(tmp_path: Path, form: str) -> None:
    """In a wide table they are found, with their order; one that is missing is named by its line."""
    times = pandas.date_range("2024-02-01", periods=40, freq="h" if "%H" in form else "D")
    rows = [f"{time:{form}},Bonn,{row},{10 * row}" for row, time in enumerate(times)]
    path = write(tmp_path, "\n".join(["Datum,shop,temperature,sold", *rows]))
    calendar = read_series(path, ["sold"]).calendar
    np.testing.assert_array_equal(calendar.times, pandas.to_datetime([*times.strftime(form)], format=form).to_numpy())
    write(tmp_path, "\n".join(["Datum,shop,temperature,sold", *rows[:30], *rows[31:]]))
    with pytest.raises(DataError, match=rf"line 32, column Datum: {rows[31][:10]}.*Expected {times[30].date()}"):
        read_series(path, ["sold"])
    write(tmp_path, "\n".join(["Datum,shop,temperature,sold", *rows[::-1]]))
    with pytest.raises(DataError, match="line 3, column Datum: .* Expected a later time than in line 2: sort them"):
        read_series(path, ["sold"])
    write(tmp_path, "\n".join(["Datum,shop,temperature,sold", *rows[:20], f"32.13.2024{rows[20][10:]}", *rows[21:]]))
    with pytest.raises(DataError, match="line 22, column Datum: 32.13.2024.* Expected a date"):
        read_series(path, ["sold"])


def test_a_prediction_reads_dates_in_the_order_of_training(tmp_path: Path) -> None:
    """These three alone would be the third days of February, March and April."""
    days = pandas.date_range("2024-02-01", periods=40)
    path = write(tmp_path, lines([*days.strftime("%d/%m/%Y")]))
    (column,) = open_series(str(path), "", 3, 2).spec.inputs
    write(tmp_path, lines(["02/03/2024", "03/03/2024", "04/03/2024"]))
    assert series.following(column, [str(path)], 2) == ("2024-03-05", "2024-03-06")
    with pytest.raises(DataError, match="line 2, column when: 02/03/2024. Expected times of even steps"):
        read_series(path)


def test_decimal_commas_and_other_headers_are_read_as_in_tables(tmp_path: Path) -> None:
    days = pandas.date_range("2024-02-01", periods=40).strftime("%d.%m.%Y")
    rows = "".join(f"{day};1.{100 + row},5\n" for row, day in enumerate(days))
    path = write(tmp_path, f"Datum;Erlöse in €\n{rows}")
    source = open_series(str(path), "", 3, 2, "Erlöse in €")
    given = pandas.read_csv(path, sep=";", decimal=",", thousands=".")
    np.testing.assert_array_equal(source.values, given["Erlöse in €"])
    assert [column.name for column in source.spec.columns] == ["Erlose_in", "Erlose_in_next"]
    assert [column.title for column in source.spec.columns] == ["Erlöse in €", "Erlöse in €_next"]
    assert series.read(source.spec.inputs[0], [str(path)], []).tolist() == [[1137.5, 1138.5, 1139.5]]


def test_what_was_read_and_what_was_left_out_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, WIDE)
    assert notes_of(open_series(str(path), "", 3, 2, "sold")) == (
        "sold is forecast from itself alone: 20 steps from 2001-01-01 to 2001-01-20, which are of pandas' frequency D.",
        "Not used: town, price.",
    )
    with pytest.raises(ConfigError, match="features=price: the series sold is forecast from itself alone. Leave"):
        select_features(open_series(str(path), "", 3, 2, "sold"), ["price"])
    write(tmp_path, WIDE.replace("2001-01-", "day "))
    assert notes_of(open_series(str(path), "", 3, 2, "sold"))[1:] == (
        "No dates were found: rows are taken in the file's order.",
        "Not used: town, day, price.",
    )
