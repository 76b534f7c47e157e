"""How cells of a table are read, and what is said of it: thousands, units, whole numbers that pandas made real."""

import datetime
from pathlib import Path

import numpy as np
import pandas
import pytest

from kerasapps.data.kinds import load_kind
from kerasapps.data.kinds._written_dates import iso, iso_in_graph
from kerasapps.data.missing import marked, mended
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Source, Spec


def opened(folder: Path, text: str, name: str = "table.csv", **reading: object) -> Source:
    """The source in a file with this text."""
    (folder / name).write_text(text, encoding="utf-8")
    return open_source(str(folder / name), **reading)


@pytest.mark.parametrize("x", ["0,5 1,5 2,5 3,5", "1 2 3 4"])
def test_points_are_thousands_where_commas_are_decimals(tmp_path: Path, x: str) -> None:
    turnover = ["1.234", "999", "12.500", "450"]
    rows = "".join(f"{a};{b};{c}\n" for a, b, c in zip(x.split(), turnover, "abab", strict=True))
    source = opened(tmp_path, "x;umsatz;y\n" + rows)
    frame = pandas.read_csv(tmp_path / "table.csv", sep=";", decimal=",", thousands=".")
    np.testing.assert_array_equal(source.read("train", np.arange(4))["umsatz"], frame["umsatz"])
    assert 'umsatz: "1.234" is read as 1234' in source.notes


@pytest.mark.parametrize("text", ["x;z;y\n0.5;1.234;a\n1.5;9.125;b\n", "x;z;y\n1;1.234;a\n2;0.125;b\n"])
def test_points_are_decimals_where_a_cell_shows_it(tmp_path: Path, text: str) -> None:
    values = opened(tmp_path, text).read("train", np.arange(2))["z"]
    np.testing.assert_array_equal(values, pandas.read_csv(tmp_path / "table.csv", sep=";")["z"].astype(np.float32))


def test_how_a_target_is_read_is_said(tmp_path: Path) -> None:
    rows = "".join(f'{i}.5,"$1,{i:03d}"\n' for i in range(30))
    source = opened(tmp_path, "x,y\n" + rows)
    assert source.read("train", np.arange(30))["y"].tolist() == [1000 + i for i in range(30)]
    assert 'y: "$1,000" is read as 1000' in source.notes
    source = opened(tmp_path, "x,y\n1.5,Yes\n2.5,yes\n3.5,no\n4.5,yes\n")
    assert 'y: "Yes" is read as yes' in source.notes


@pytest.mark.parametrize(("given", "names"), [([0, 1], ("0", "1")), ([1, 2, 3], ("1", "2", "3"))])
def test_whole_numbers_that_pandas_made_real_are_classes(tmp_path: Path, given: list, names: tuple) -> None:
    answers = (given * 12)[:12]
    frame = pandas.DataFrame({"x": np.arange(13) / 2, "y": [*answers[:5], None, *answers[5:]]})
    frame.to_csv(tmp_path / "table.csv", index=False)
    source = open_source(str(tmp_path / "table.csv"))
    assert source.spec.required_target.classes == names
    assert source.read("train", np.arange(12))["y"].tolist() == [given.index(answer) for answer in answers]
    assert any("are taken as classes; --task regression takes them otherwise" in note for note in source.notes)
    assert open_source(str(tmp_path / "table.csv"), task="regression").spec.required_target.kind == "number"


def test_1_and_1_0_are_one_class_and_1_5_is_none(tmp_path: Path) -> None:
    assert opened(tmp_path, "x,y\n1.5,1\n2.5,1.0\n3.5,2\n").spec.required_target.classes == ("1", "2")
    assert opened(tmp_path, "x,y\n1.5,1\n2.5,1.5\n3.5,2\n").spec.required_target.kind == "number"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["50%", "0.25", "70%"], '"50%" is read as 50, "0.25" is read as 0.25'),
        (["$50", "€50", "¥50"], '"$50" is read as 50, "€50" is read as 50, "¥50" is read as 50'),
        (["$50", "60", "70 USD"], ""),
        (["5%", "6%", "7%"], ""),
    ],
)
def test_mixed_units_are_said(tmp_path: Path, cells: list[str], said: str) -> None:
    notes = opened(tmp_path, "x,y\n" + "".join(f"{cell},a\n{cell},b\n" for cell in cells)).notes
    found = [note for note in notes if "units are mixed" in note]
    assert found == [f"x: units are mixed: {said}; write all of them in one"] * bool(said)


def test_a_year_of_five_digits_is_no_date(tmp_path: Path) -> None:
    texts = ["1/2/2001", "1/2/20011", "1/2/2001 9:30", "13/2/2001"]
    expected = []
    for text in texts:
        day, _, time = text.partition(" ")
        try:
            expected.append(datetime.datetime.strptime(day, "%d/%m/%Y").strftime("%Y-%m-%d") + "T09:30" * bool(time))
        except ValueError:
            expected.append("")
    dates = Column("x", "date", fill=True, written="dmy")
    made = [iso(text, "dmy") for text in texts]
    assert [text if ok else "" for text, ok in zip(made, [True, False, True, True], strict=True)] == expected
    assert [text.decode() for text in iso_in_graph(np.array(texts), "dmy").numpy()] == made
    assert load_kind("date").wrong(dates, np.array(texts), False)[0].tolist() == [1]
    assert load_kind("date").hold(dates, np.array(texts))[0].numpy().tolist() == [True, False, True, True]


def test_booleans_that_pandas_made_real_are_read() -> None:
    column = Column("member", "boolean", fill=True)
    values = pandas.Series([1, 0, None]).to_numpy()
    assert marked(column, values).tolist() == ["1", "0", ""]


def test_medians_are_printed_with_all_their_digits() -> None:
    columns = (Column("s", "exact", fill=True), Column("x", "number", fill=True))
    values = {"s": np.array([1_600_000_030, np.nan]), "x": np.float32([34.3, np.nan])}
    fitted = {"s": [0.0, 1.0, 1_600_000_030.0, 1], "x": [0.0, 1.0, float(np.float32(34.3)), 1]}
    found = mended(values, Spec(columns, None), fitted)
    assert [one.stand_in for one in found.values()] == ["the median 1600000030", "the median 34.3"]
