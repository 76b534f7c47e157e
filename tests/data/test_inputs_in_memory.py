"""Raw inputs as Python has them: frames, mappings, arrays, paths, one image, texts."""

import numpy as np
import pandas
import pytest
import scipy.sparse

from kerasapps.data.check import check_columns
from kerasapps.data.inputs import by_name, read_inputs, rows_of
from kerasapps.data.missing import marked
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import ConfigError, DataError

TABLE = Spec(
    (Column("size", "number"), Column("colour", "category", classes=("red", "blue")), Column("age", "number")), None
)


@pytest.mark.parametrize(
    "given",
    [
        {"size": [1.0, 2.0], "colour": ["red", "blue"], "age": [3, 4]},
        pandas.DataFrame({"age": [3, 4], "size": [1.0, 2.0], "colour": ["red", "blue"]}),
        np.array([[1.0, "red", 3], [2.0, "blue", 4]], object),
        [[1.0, "red", 3], [2.0, "blue", 4]],
    ],
    ids=["mapping", "frame", "array", "lists"],
)
def test_what_python_has_of_a_table_is_told_apart_by_columns(given: object) -> None:
    columns = by_name("predict", TABLE, given)
    found = {column.name: rows_of(column, columns[column.name]) for column in TABLE.inputs}
    assert found["colour"].tolist() == ["red", "blue"]
    np.testing.assert_array_equal(found["size"].astype(float), [1, 2])
    np.testing.assert_array_equal(found["age"].astype(float), [3, 4])


def test_single_values_are_one_row() -> None:
    columns = by_name("predict", TABLE, {"size": 1.5, "colour": "red", "age": 3})
    assert {c.name: rows_of(c, columns[c.name]).tolist() for c in TABLE.inputs} == {
        "size": [1.5],
        "colour": ["red"],
        "age": [3],
    }


def test_paths_are_read_as_on_the_command_line(tmp_path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("size,colour,age\n1,red,3\n")
    for given in (path, str(path), [path], (str(path),)):
        assert by_name("predict", TABLE, given) == read_inputs(TABLE, [str(path)])


def test_texts_of_a_list_are_no_files(tmp_path) -> None:
    """One text alone may be a file, as on the command line."""
    (column,) = spec = Spec((Column("text", "text"),), None).inputs
    path = tmp_path / "seen.txt"
    path.write_text("first\nsecond\n")
    both = by_name("predict", Spec(spec, None), [str(path), "a text"])
    assert rows_of(column, both["text"]).tolist() == [str(path), "a text"]
    assert by_name("predict", Spec(spec, None), str(path))["text"].tolist() == ["first", "second"]
    assert by_name("predict", Spec(spec, None), "one text")["text"].tolist() == ["one text"]


@pytest.mark.parametrize("channels", [1, 3])
def test_one_image_is_a_row(channels: int) -> None:
    (column,) = Spec((Column("image", "image", (4, 5, channels)),), None).inputs
    one = np.zeros(column.shape, np.uint8)
    for given in (one, one[None], *([one[..., 0], one[None, ..., 0]] if channels == 1 else [])):
        assert rows_of(column, given).shape == (1, *column.shape)
    assert rows_of(column, np.zeros([5, *column.shape], np.uint8)).shape == (5, *column.shape)
    assert rows_of(column, np.zeros([4, 3, channels], np.uint8)).shape == (4, 3, channels)  # which is refused later


FRAME = pandas.DataFrame({"age": [3, 4], "price": [7.0, 8.0], "colour": ["red", "blue"], "size": [1.0, 2.0]})
WORD = Spec((Column("colour", "category", classes=("red", "blue")),), None)


def table(given: object) -> dict[str, list]:
    columns = by_name("predict", TABLE, given)
    return {column.name: rows_of(column, columns[column.name]).tolist() for column in TABLE.inputs}


def test_the_labels_of_a_row_decide_and_not_its_order() -> None:
    """Of a frame with the target and in another order than that of the inputs."""
    assert table(FRAME.iloc[1]) == {"size": [2.0], "colour": ["blue"], "age": [4]}
    assert table(FRAME[["colour", "age", "size"]].iloc[0]) == {"size": [1.0], "colour": ["red"], "age": [3]}
    assert table(pandas.Series([5.0, "red", 6])) == {"size": [5.0], "colour": ["red"], "age": [6]}
    lacking = by_name("predict", TABLE, pandas.Series({"a": 1, "b": 2, "c": 3}))
    assert lacking == {"a": 1, "b": 2, "c": 3}  # which is refused for the columns that are missing


def test_a_series_of_the_only_column_is_rows() -> None:
    for index in (None, ["first", "second"]):
        rows = pandas.Series(["red", "blue"], index=index, name="colour")
        assert by_name("predict", WORD, rows)["colour"].tolist() == ["red", "blue"]
    assert by_name("predict", WORD, pandas.Series({"colour": "red", "other": 1}))["colour"] == "red"
    numbered = Spec((Column("x0", "number", label="0"),), None)
    with pytest.raises(ConfigError, match=r"Series float64 \[2\]: this may be one row, or the rows of 0. Expected a"):
        by_name("predict", numbered, pandas.Series([1.5, 2.5]))


def test_records_are_rows_and_words_of_the_only_column_too() -> None:
    assert table(FRAME.to_dict("records")) == {"size": [1, 2], "colour": ["red", "blue"], "age": [3, 4]}
    assert by_name("predict", TABLE, [{"size": 1}, {"age": 2}])["size"] == [1, None]
    for words in (["red", "blue"], [b"red", b"blue"], np.array(["red", "blue"]), np.array([b"red", b"blue"])):
        assert by_name("predict", WORD, words)["colour"].tolist() == ["red", "blue"]


def test_names_of_columns_may_be_numbers_and_an_index_may_be_a_column() -> None:
    spec = Spec((Column("x0", "number", label="0"), Column("x1", "number", label="1")), None)
    frame = pandas.DataFrame([[1, 2], [3, 4]])
    for given in (frame, frame.iloc[[0, 1]][[1, 0]], frame.to_dict("records")):
        assert {name: list(values) for name, values in by_name("predict", spec, given).items()} == {
            "0": [1, 3],
            "1": [2, 4],
        }
    assert by_name("predict", spec, frame.iloc[1]) == {"0": 3, "1": 4}
    assert table(FRAME.set_index(["size", "colour"])) == table(FRAME)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros((2, 4)), r"predict was given an array of shape \(2, 4\). Expected \[rows, 3\]: size, colour, age"),
        (np.zeros((2, 3), complex), r"complex128 \[2, 3\]: complex numbers"),
        (scipy.sparse.eye(3, format="csr"), r"csr_matrix \[3, 3\] is sparse. Expected an array: .toarray\(\)"),
        ([b"\xff", "a", "b"], "bytes that are no UTF-8"),
        ([[1, 2, 3], [4]], "no array can be made of it"),
        (FRAME.pivot_table(index="size", columns="colour", values=["age", "price"]), "have 2 levels"),
        (FRAME.set_index("age").assign(age=3), "index of the frame is called 'age', as a column is"),
    ],
)
def test_what_are_no_rows_is_refused(given: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        by_name("predict", TABLE, given)


@pytest.mark.parametrize("fill", [True, False])
def test_a_text_among_numbers_is_named(fill: bool) -> None:
    column = Column("age", "number", label="Age", fill=fill)
    values = marked(column, np.array([3, 4.5, "old"], object))
    with pytest.raises(DataError, match=r"predict, row 2 \(from 0\), column Age: 'old'. Expected a number."):
        check_columns({"age": values}, Spec((column,), None), "predict")


def test_the_last_steps_of_a_series_are_taken_and_its_dates_checked() -> None:
    (column,) = spec = Spec((Column("sold", "series", (3,)),), None).inputs
    sold = pandas.Series(np.arange(12) / 7, pandas.date_range("2001-01-01", periods=12, freq="MS"), name="sold")
    wider = sold.to_frame().assign(other=range(12))[["sold", "other"]]
    for given in (sold, sold.rename(None), sold.to_frame(), wider, wider.rename_axis("month"), sold.tail(3)):
        found = rows_of(column, by_name("predict", Spec(spec, None), given)["sold"])
        np.testing.assert_array_equal(found, [[9 / 7, 10 / 7, 11 / 7]])
    with pytest.raises(DataError, match=r"^the frame, line 12, column date: 2001-12-01.* the frequency MS"):
        by_name("predict", Spec(spec, None), sold.drop(sold.index[10]))
    with pytest.raises(DataError, match="has 2 steps. Expected at least 3"):
        by_name("predict", Spec(spec, None), sold.head(2))
