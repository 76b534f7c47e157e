"""Every kind of bad value is refused with its place."""

from dataclasses import replace

import numpy as np
import pytest

from kerasapps.data.check import check_columns
from kerasapps.data.spec import LARGEST, Column, Spec
from kerasapps.errors import DataError

SPEC = Spec(
    (
        Column("size", "number"),
        Column("town", "category", classes=("Bonn", "Oslo")),
        Column("photo", "image", (2, 3, 1)),
        Column("text", "text"),
    ),
    Column("kind", "category", classes=("a", "b", "c")),
)
GOOD = {
    "size": np.float32([1, 2, 3]),
    "town": np.array(["Oslo", "Bonn", "Oslo"]),
    "photo": np.zeros((3, 2, 3, 1), np.uint8),
    "text": np.array(["a", "b c", "d\u0301"], object),
    "kind": np.int32([0, 2, 1]),
}
BAD = {
    "NaN": (
        "size",
        np.float32([1, np.nan, 3]),
        r"row 41 \(from 0\), column size: nan, or an empty cell. Expected a fin",
    ),
    "infinite in float16": ("size", np.float16([1, np.inf, 2]), "row 41.*column size: inf"),
    "infinite": ("size", np.float32([1, 2, -np.inf]), "row 42.*column size: -inf"),
    "too large for float32": ("size", np.array([1, 1e39, 3]), r"row 41.*column size: 1e\+39. Expected.*at most 1e\+30"),
    "too large": ("size", np.array([1, 2, -1.001e30]), r"row 42.*column size: -1.001e\+30"),
    "masked": ("size", np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]), "column size has masked values. Expected a value"),
    "words": ("size", np.array(["1", "2", "3"]), r"row 40 \(from 0\), column size: '1'. Expected a number"),
    "unknown": ("town", np.array(["Oslo", "Rome", "Bonn"]), "row 41.*column town: 'Rome'. Expected one of Bonn, Oslo"),
    "class too large": ("kind", np.int32([0, 1, 3]), "row 42.*column kind: 3. Expected a class number from 0 to 2"),
    "class negative": ("kind", np.int32([-1, 1, 2]), "row 40.*column kind: -1"),
    "class fraction": ("kind", np.float32([0.5, 1, 2]), "row 40.*column kind: 0.5"),
    "image shape": ("photo", np.zeros((3, 3, 2, 1), np.uint8), r"column photo has the shape \(3, 3, 2, 1\)"),
    "image type": ("photo", np.zeros((3, 2, 3, 1), np.float32), "column photo holds float32. Expected uint8"),
    "empty text": (
        "text",
        np.array(["a", " \n", "b"], object),
        r"row 41.*column text: ' \\n'. Expected a text that is not empty",
    ),
    "no text": ("text", np.array(["a", "b", 3.0], object), "row 42.*column text: 3.0. Expected a text"),
    "broken text": ("text", np.array(["a", "b", "\udcff" + "x" * 5000], object), r"column text: '\\udcffx{93}…. Exp"),
    "rows": ("town", np.array(["Oslo"]), "column town has 1 rows, others 3"),
    "scalar": ("size", np.float32(1), "column size has the shape"),
}


@pytest.mark.parametrize("spec", [SPEC, replace(SPEC, target=None)])
def test_good_columns_pass_unchanged(spec: Spec) -> None:
    names = [column.name for column in (*spec.inputs, spec.target) if column]
    columns = {name: GOOD[name] for name in names} | {"size": np.float32([0, LARGEST, -LARGEST])}
    before = {name: values.copy() for name, values in columns.items()}
    check_columns(columns, spec, "here")
    for name, values in before.items():
        np.testing.assert_array_equal(columns[name], values)


@pytest.mark.parametrize("kind", BAD)
def test_bad_columns_are_refused(kind: str) -> None:
    name, values, message = BAD[kind]
    with pytest.raises(DataError, match=message) as caught:
        check_columns({**GOOD, name: values}, SPEC, "table.csv", np.array([40, 41, 42]))
    assert str(caught.value).startswith("table.csv")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="column town is missing"):
        check_columns({name: values for name, values in GOOD.items() if name != "town"}, SPEC, "here")


def test_a_real_target_must_be_finite() -> None:
    spec = Spec((Column("x", "number"),), Column("y", "number"))
    with pytest.raises(DataError, match="row 1.*column y: inf"):
        check_columns({"x": np.zeros(2), "y": np.array([0, np.inf])}, spec, "here")
