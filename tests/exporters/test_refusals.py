"""What exported files refuse is what `predict` refuses: by every kind of column, in its own words."""

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.app import Signature
from kerasapps.data.check import check_columns
from kerasapps.data.kinds import kind_names, kind_of
from kerasapps.data.preprocess import raw
from kerasapps.data.spec import LARGEST, Column, Spec
from kerasapps.errors import DataError
from kerasapps.exporters import exported

NUMBERS = [np.nan, np.inf, -np.inf, 2 * LARGEST]
TIMES = ["2001-02-29", "1900-02-29", "2001-13-01", "0000-01-01", "01.02.2001", "2001-01-01T24:00", "20010101", "today"]
BLANKS = ["", " ", "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680", "\u2000\u200a\u2028\u2029\u202f\u205f\u3000"]
CASES = {
    "audio": (Column("x", "audio", (800,), rate=8000), [np.zeros(800, np.int16)], []),
    "boolean": (Column("x", "boolean"), ["yes", " F ", "1"], ["maybe", "", "1.0", "nan", "\u2003yes", "ja" * 999]),
    "category": (Column("x", "category", classes=("usa", "japan")), ["japan", "usa"], ["JAPAN", "usa ", "", "東京"]),
    "date": (Column("x", "date"), ["2001-12-31", " 2004-02-29T10:00Z "], ["", *TIMES, "\u20032001-12-31"]),
    "exact": (Column("x", "exact"), [1_600_000_000.0, 1_600_000_020.0], NUMBERS),
    "image": (Column("x", "image", (2, 2, 1)), [np.zeros((2, 2, 1), np.uint8)], []),
    "number": (Column("x", "number"), [1.5, -LARGEST, 0.0], NUMBERS),
    "series": (Column("x", "series", (2,)), [[1.5, 2.0], [LARGEST, 0.0]], [[[wrong, wrong]] for wrong in NUMBERS]),
    "text": (Column("x", "text"), ["a", "\n.\n", "\u200b\ufeff", "\ud7ff\uffff\U0001f600", "\0"], BLANKS),
}
"""Kind -> a column, values that it takes, values that it does not. Of the others the type and shape say it all."""


def answered(column: Column, fitted: list) -> tuple[Spec, tf.types.experimental.ConcreteFunction]:
    spec = Spec((column, Column("beside", "number")), None)
    rows = {"x": raw(column, fitted), "beside": np.arange(len(fitted))}
    form = kind_of(column).forms[:1]
    given = {**rows, "x": np.array(fitted, object) if raw(column, fitted).dtype == object else rows["x"]}
    preprocess = adapt(spec, (*form, "vector"), given)
    return spec, exported(Signature(lambda inputs: inputs, ("x", "beside")), preprocess)


@pytest.mark.parametrize("kind", kind_names())
def test_an_exported_file_refuses_what_predict_refuses(kind: str) -> None:
    column, good, bad = CASES[kind]
    spec, function = answered(column, good)
    beside = np.zeros(len(good), np.float32)
    check_columns({"x": np.array(good, object if column.kind == "text" else None), "beside": beside}, spec, "here")
    assert function(x=tf.constant(raw(column, good)), beside=tf.constant(beside))
    for value in bad:
        rows = [good[0], *value] if column.shape else [good[0], value]
        two = np.zeros(len(rows), np.float32)
        with pytest.raises(DataError, match=r"row 1 .*Expected") as refused:
            check_columns({"x": np.array(rows), "beside": two}, spec, "here")
        with pytest.raises(tf.errors.InvalidArgumentError, match="x: expected .*given was") as error:
            function(x=tf.constant(raw(column, rows)), beside=tf.constant(two))
        wanted = error.value.message.split("expected ")[1].split(";")[0]
        assert f"Expected {wanted}" in str(refused.value)
        shown = error.value.message.split("given was]")[1]
        given = value.strip()[:5] if isinstance(value, str) else f"{np.max(value):g}"[-3:]
        assert len(shown) < 300 and given in shown


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    _, function = answered(*CASES["text"][:2])
    for broken in (b"a\xff", "\ud800".encode("utf-8", "surrogatepass")):
        with pytest.raises(tf.errors.InvalidArgumentError, match="x: expected a text"):
            function(x=tf.constant([broken]), beside=tf.constant([0.0]))


def test_unequal_counts_of_rows_are_refused() -> None:
    _, function = answered(*CASES["text"][:2])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Rows of .*expected equal counts.*\[3 1\]"):
        function(x=tf.constant(["a"] * 3), beside=tf.constant([0.0]))


def test_blanks_are_those_of_python() -> None:
    signs = [chr(i) for i in (*range(0x3100), *range(0xFE00, 0x1F100))]
    column = CASES["text"][0]
    held, _ = kind_of(column).hold(column, tf.constant([sign.encode() for sign in signs]))
    wrong, _ = kind_of(column).wrong(column, np.array(signs, object), False)
    np.testing.assert_array_equal(np.flatnonzero(~held.numpy()), wrong)
