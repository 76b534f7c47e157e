"""Columns of words that are numbers or names of single rows are refused; such as recur are categories."""

from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.rows import open_rows
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import DataError
from kerasapps.runs.options import Options

RANDOM = np.random.default_rng(0)
AMOUNTS = RANDOM.uniform(1000, 9_999_999, 40)


def table(folder: Path, cells: list[str], target: bool = False) -> str:
    """A file of the column x with these cells, and of z, numbers; the other column to predict is y."""
    path = folder / "table.csv"
    rows = [f'{i},"{cell}"' if target else f'{i},"{cell}",{"ab"[i % 2]}' for i, cell in enumerate(cells)]
    path.write_text("\n".join(["z,y" if target else "z,x,y", *rows]) + "\n", encoding="utf-8")
    return str(path)


WRITTEN = {
    "thousands": "{:,.2f}",
    "whole thousands": "{:,.0f}",
    "percent": "{:.1f}%",
    "percent after a blank": "{:.0f} %",
    "dollars": "${:.2f}",
    "thousands of dollars": "-${:,.2f}",
    "euros": "{:.2f} €",
    "a currency's name": "USD {:,.0f}",
    "a loss": "({:,.2f})",
}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("target", [False, True])
def test_numbers_with_other_signs_are_no_categories(tmp_path: Path, form: str, target: bool) -> None:
    cells = [WRITTEN[form].format(amount) for amount in AMOUNTS]
    with pytest.raises(DataError) as caught:
        open_rows(Options(data=table(tmp_path, cells, target), missing="refuse"))
    message = str(caught.value)
    assert f"table.csv, column {'y' if target else 'x'}: '{min(cells)}' among numbers" in message
    assert "Expected numbers such as -1234.5: leave out separators of thousands" in message


@pytest.mark.parametrize("cells", [["1.234,5", "2,5", "3,0"], ["5%", "10%", "5%"], ["1 234", "7", "2 500 000"]])
def test_few_of_them_are_refused_as_well(tmp_path: Path, cells: list[str]) -> None:
    with pytest.raises(DataError, match="among numbers"):
        open_rows(Options(data=table(tmp_path, 10 * cells), missing="refuse"))


def test_many_numbers_among_blanks_of_another_word_are_no_categories(tmp_path: Path) -> None:
    cells = [f"{i / 7:.3f}" for i in range(30)] + 40 * ["unknown"]
    with pytest.raises(DataError, match="'unknown' among numbers"):
        open_rows(Options(data=table(tmp_path, cells), missing="refuse"))


@pytest.mark.parametrize(
    "form", ["u{:05d}", "{0:02d}.11.1999", "{0:02d}/02/2001", "word{}", "\u8fd9\u90e8\u7535\u5f71{}\u4e0d\u9519"]
)
@pytest.mark.parametrize("target", [False, True])
def test_a_column_whose_cells_nearly_all_differ_is_no_category(tmp_path: Path, form: str, target: bool) -> None:
    path = table(tmp_path, [form.format(i) for i in [*range(30), 0, 1, 2]], target)
    with pytest.raises(DataError) as caught:
        open_rows(Options(data=path, missing="refuse"))
    message = str(caught.value)
    assert f"column {'y' if target else 'x'}: 30 different values in 33 rows, such as '{form.format(0)}'" in message
    for way_out in ("-1234.5", "2001-12-31", "blanks between them", "--features", "--target"):
        assert way_out in message


@pytest.mark.parametrize("form", ["{0}.5 kg", "{0} °C", "{0}/3/2008 4:05 PM", "{0} May 2008", "{0}:15 h"])
@pytest.mark.parametrize("target", [False, True])
def test_numbers_with_units_and_dates_of_other_forms_are_no_texts(tmp_path: Path, form: str, target: bool) -> None:
    with pytest.raises(
        DataError, match=r"30 different values.*Expected .* -1234\.5 without units, dates such as 2001-12"
    ):
        open_rows(Options(data=table(tmp_path, [form.format(i) for i in range(30)], target), missing="refuse"))


def test_where_it_is_the_only_input_no_other_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f"这部{i}电影,{'ab'[i % 2]}\n" for i in range(30)), encoding="utf-8")
    with pytest.raises(DataError, match="several words with blanks between them.*or join rare ones.$"):
        open_rows(Options(data=str(path), missing="refuse"))


def test_a_column_that_is_left_out_is_not_refused(tmp_path: Path) -> None:
    path = table(tmp_path, [f"u{i}" for i in range(50)])
    rows = open_rows(Options(data=path, features=("z",)))
    assert [column.name for column in rows["train"].source.spec.inputs] == ["z"]


@pytest.mark.parametrize(
    "cells",
    [
        [f"town {i % 25}x" for i in range(50)],  # half of the rows repeat another
        [f"u{i}" for i in range(20)],  # few rows
        ["4WD", "2WD", "5-door", "10-19", "20+"] * 4,
        ["1", "2", "3", *4 * ["unknown"]] * 5,
        ["192.168.1.1", "10.0.0.1", "8.8.8.8"] * 5,
        ["10:30", "9:15", "AB12", "XYZ001"] * 5,
    ],
)
@pytest.mark.parametrize("missing", ["fill", "refuse"])
def test_what_recurs_is_a_category(tmp_path: Path, cells: list[str], missing: str) -> None:
    try:
        source = open_rows(Options(data=table(tmp_path, cells), missing=missing))["train"].source
    except DataError as error:
        pytest.fail(str(error))
    assert source.spec.columns[-2].kind == "category"


def test_a_run_that_knows_them_as_categories_still_reads_them(tmp_path: Path) -> None:
    cells = [f"{amount:,.2f}" for amount in AMOUNTS]
    known = Column("x", "category", classes=tuple(sorted(cells)))
    spec = Spec((Column("z", "number"), known), Column("y", "category", classes=("a", "b")))
    train = open_rows(Options(data=table(tmp_path, cells), missing="refuse"), spec)["train"].read()
    assert {*train["x"]} <= {*cells}
