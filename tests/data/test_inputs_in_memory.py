"""Raw inputs as Python has them: frames, mappings, arrays, paths, one image, texts."""

import numpy as np
import pandas
import pytest

from kerasapps.data.inputs import by_name, read_inputs, rows_of
from kerasapps.data.spec import Column, Spec

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
