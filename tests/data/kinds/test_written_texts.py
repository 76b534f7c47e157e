"""Numbers and dates as people write them, against pandas and the standard library."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas
import pytest
import tensorflow as tf

from kerasapps.data.kinds import load_kind
from kerasapps.data.kinds._written import plain
from kerasapps.data.kinds._written_dates import iso, iso_in_graph
from kerasapps.data.sources import open_source

READ = {
    "$1,794.63": 1794.63,
    "-$5": -5,
    "$-5.5": -5.5,
    "(1,200)": -1200,
    "€ 3.50": 3.5,
    "12 USD": 12,
    "3.4%": 3.4,
    "10 %": 10,
    "1 234.5": 1234.5,
    "1'234'567": 1234567,
    "1e-3": 0.001,
    ".5": 0.5,
    "+7.": 7,
    "\u22122": -2,
}
DECIMAL_COMMAS = {"1.234,56": 1234.56, "3,5": 3.5, "-2.000.000,5 €": -2000000.5, "7": 7, "0,5%": 0.5, "1.234": 1234}
NO_NUMBERS = ["10:30", "192.168.1.1", "4WD", "10-19", "1.2.3", "12,34,5", "(5", "u1", "1_1", "$", "%", "", "31.12.2001"]


@pytest.mark.parametrize(("point", "written"), [(".", READ), (",", DECIMAL_COMMAS)])
def test_numbers_are_read_as_they_are_meant(point: str, written: dict[str, float]) -> None:
    assert {text: float(plain(text, point)) for text in written} == written


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_stays_none(text: str) -> None:
    assert plain(text) is None and plain(text, ",") is None


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("x,y", ['"1,234"', '"7,890"', "5"], [1234, 7890, 5]),
        ("x;y", ["1,234", "7,890", "5"], [1.234, 7.89, 5]),
        ("x;y", ["1.234,5", "2,5", "1.000"], [1234.5, 2.5, 1000]),
        ("x;y", ["1.5", "2.5", "NA"], [1.5, 2.5, np.nan]),
        ("x,y", ["$1.5", "-", "?"], [1.5, np.nan, np.nan]),
    ],
)
def test_a_column_shows_what_its_commas_are(tmp_path: Path, header: str, cells: list[str], expected: list) -> None:
    rows = "".join(f"{cell}{header[1]}{'ab'[i % 2]}\n" for i, cell in enumerate(cells))
    (tmp_path / "t.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    source = open_source(str(tmp_path / "t.csv"))
    column, values = source.spec.inputs[0], source.read("train", np.arange(3))["x"]
    np.testing.assert_array_equal(values, np.float32(expected))
    asked = load_kind("number").of_texts(column, [cell.strip('"') for cell in cells], str)
    np.testing.assert_array_equal(np.float32(asked), np.float32(expected))


DATES = {
    "dmy": ["31.12.2001", "1.2.2003", "05/06/2004", "7-8-2009 9:05", "1.2.2003, 23:59:58"],
    "mdy": ["12/31/2001", "2/1/2003", "06/05/2004", "8-7-2009 9:05", "2/1/2003 11:59:58 PM", "2/1/2003 12:05 am"],
    "ymd": ["2001/12/31", "2003-2-1", "2004-06-05T10:00", "2009/8/7 9:05"],
}


@pytest.mark.parametrize("order", DATES)
def test_dates_are_those_of_pandas_also_in_graphs(order: str) -> None:
    expected = [pandas.to_datetime(text, dayfirst=order == "dmy") for text in DATES[order]]
    found = [iso(text, order) for text in DATES[order]]
    assert [datetime.fromisoformat(text) for text in found] == expected
    assert [text.decode() for text in iso_in_graph(tf.constant(DATES[order]), order).numpy()] == found


@pytest.mark.parametrize(
    ("cells", "order", "said"),
    [
        (["31.12.2001", "1.2.2003"], "dmy", '"31.12.2001" is read as 2001-12-31'),
        (["01/02/2001", "03/04/2001"], "mdy", '"01/02/2001" is read as 2001-01-02'),
        (["01/02/2001", "31/12/2001"], "dmy", '"01/02/2001" is read as 2001-02-01'),
        (["2001-12-31", "2002/1/2"], "ymd", '"2002/1/2" is read as 2002-01-02'),
        (["2001-12-31", "NA"], "ymd", ""),
    ],
)
def test_the_order_of_a_column_is_that_of_all_its_cells(tmp_path: Path, cells: list, order: str, said: str) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{cell},{i}.5\n" for i, cell in enumerate(cells)))
    source = open_source(str(tmp_path / "t.csv"), target="y")
    assert [(c.kind, c.written) for c in source.spec.inputs] == [("date", order)]
    assert source.notes == ((f"x: {said}",) if said else ())


def test_days_that_are_in_no_order_are_no_dates(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n31/12/2001,a\n12/31/2001,b\n")
    assert open_source(str(tmp_path / "t.csv")).spec.inputs[0].kind == "category"
