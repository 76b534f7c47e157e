"""CSV files: what becomes of columns and targets, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.sources import open_source
from kerasapps.data.split import Rows
from kerasapps.errors import DataError


def table(folder: Path, text: str) -> str:
    """The path of a CSV file with this text."""
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_columns_and_word_classes(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, 'body mass,label,town\n1.5,yes,Oslo\n-2e3,no,"Bonn, Rhein"\n7,yes,Oslo\n'))
    columns = source.read("train", np.arange(3))
    assert [(c.name, c.kind, c.classes) for c in source.spec.inputs] == [
        ("body_mass", "number", ()),
        ("town", "category", ("Bonn, Rhein", "Oslo")),
    ]
    np.testing.assert_array_equal(columns["body_mass"], np.float32([1.5, -2000, 7]))
    assert list(columns["town"]) == ["Oslo", "Bonn, Rhein", "Oslo"]
    assert source.spec.target.classes == ("no", "yes")
    np.testing.assert_array_equal(columns["label"], [1, 0, 1])


def test_few_integers_are_classes_in_numeric_order(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "x,y\n1,10\n2,9\n3,10\n"))
    assert source.spec.target.classes == ("9", "10")
    np.testing.assert_array_equal(source.read("train", np.arange(3))["y"], [1, 0, 1])


@pytest.mark.parametrize("values", [[0.5, 1.0, 2.0], list(range(21))], ids=["fractions", "many integers"])
def test_other_numbers_are_reals(tmp_path: Path, values: list) -> None:
    source = open_source(table(tmp_path, "x,y\n" + "".join(f"1,{value}\n" for value in values)))
    assert source.spec.target.kind == "number"
    np.testing.assert_array_equal(source.read("train", np.arange(len(values)))["y"], np.float32(values))


def test_a_relative_path_lies_in_the_data_directory(tmp_path: Path) -> None:
    table(tmp_path, "x,y\n1,a\n2,b\n")
    assert open_source("table.csv", str(tmp_path)).sizes == {"train": 2}


BAD = {
    "no rows": ("x,y\n", "no rows"),
    "nothing": ("", "line 1"),
    "one column": ("x\n1\n", "line 1"),
    "names twice": ("x,x,y\n1,2,3\n", "line 1.*'x'"),
    "no name": ("x,,y\n1,2,3\n", "line 1.*''"),
    "missing cell": ("x,y\n1,2\n3\n", "line 3: 1 cells, expected 2"),
    "open quote": ('x,y\n1,"2\n', "cannot be read"),
    "no target": ("x,target\n1,2\n1,\n", r"row 1 \(from 0\), column target: empty"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused(tmp_path: Path, kind: str) -> None:
    text, message = BAD[kind]
    with pytest.raises(DataError, match=message) as caught:
        open_source(table(tmp_path, text))
    assert "table.csv" in str(caught.value)


@pytest.mark.parametrize("text", ["x,y\n1,a\n,b\n", "x,y\n1,a\ninf,b\n", "x,y\nu,a\n,b\n", "x,y\n1,a\nNaN,b\n"])
def test_empty_and_infinite_cells_are_found_when_read(tmp_path: Path, text: str) -> None:
    source = open_source(table(tmp_path, text))
    with pytest.raises(DataError, match=r"table.csv, train, row 1 \(from 0\), column x"):
        Rows(source, "train", np.array([0, 1])).read()


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("x,y\nMünchen,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin.csv cannot be read.*UTF-8"):
        open_source(str(tmp_path / "latin.csv"))
