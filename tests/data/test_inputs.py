"""Raw inputs from files and from the command line itself."""

import numpy as np
import pytest
from scipy.io import wavfile

from kerasapps.data.check import check_columns
from kerasapps.data.inputs import read_inputs
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import ConfigError, DataError

TABLE = Spec(
    (Column("size", "number"), Column("colour", "category", classes=("red", "blue")), Column("age", "number")), None
)
PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)


def images(channels):
    return Spec((Column("image", "image", (4, 5, channels)),), None)


ROWS = {"size": [1.5, -2.0], "colour": ["red", "blue"], "age": [1000.0, 4.0]}


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_is_read_by_its_header(tmp_path):
    text = "\ufeffage, colour,other,size\n1e3,red,x,1.5\n\n4, blue ,y,-2\n"
    columns = read_inputs(TABLE, [write(tmp_path / "a.csv", text)])
    assert {name: values.tolist() for name, values in columns.items()} == ROWS
    assert columns["size"].dtype == columns["age"].dtype == np.float64


def test_tables_are_joined_in_order(tmp_path):
    first = write(tmp_path / "a.csv", "age,colour,size\n1e3,red,1.5\n")
    second = write(tmp_path / "b.csv", "size,colour,age\n-2,blue,4\n")
    columns = read_inputs(TABLE, [first, second])
    assert {name: values.tolist() for name, values in columns.items()} == ROWS


@pytest.mark.parametrize("given", [["1.5", "red", "1e3"], ["age=1000", "size=1.5", "colour=red"]])
def test_values_in_order_or_by_name(given):
    columns = read_inputs(TABLE, given)
    assert [columns[name].tolist() for name in ("size", "colour", "age")] == [[1.5], ["red"], [1000.0]]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("1 red", "; the column age is missing"),
        ("1 red 2 3", ""),
        ("size=1 red age=2", "; the column colour is missing"),
        ("size=1 size=2 age=3", "; the column colour is missing"),
        ("size=1", "; the columns colour, age are missing"),
    ],
)
def test_values_that_do_not_fit_are_refused_with_the_columns(given, problem):
    with pytest.raises(
        ConfigError, match=f"values given: {given}{problem}. Expected .* in the order size, colour, age"
    ):
        read_inputs(TABLE, given.split())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("age,size\n1,2\n", "bad.csv: the column colour is missing. Expected a header with size, colour, age"),
        ("age,town\n1,2\n", "bad.csv: the columns size, colour are missing."),
        ("age,colour,size,age\n1,red,2,3\n", "bad.csv: 2 columns are called age. Expected one of each name."),
        ("", "size, colour, age"),
        ("age,colour,size\n1,red,2\n1,red\n", "line 3"),
        ("age,colour,size\n1,red,2\n\nold,red,2\n", "line 4, column age: 'old'"),
        ("age,colour,size\n1,red,\n", "line 2, column size: ''"),
        ('age,colour,size\n1,"red,2\n', "cannot be read"),
    ],
)
def test_a_bad_table_is_refused_by_file_and_line(tmp_path, text, named):
    with pytest.raises(DataError) as caught:
        read_inputs(TABLE, [write(tmp_path / "bad.csv", text)])
    assert "bad.csv" in str(caught.value) and named in str(caught.value)


def test_a_table_of_a_header_alone_has_no_rows(tmp_path):
    empty, full = (
        write(tmp_path / "a.csv", "age,colour,size\n"),
        write(tmp_path / "b.csv", "age,colour,size\n4,blue,-2\n"),
    )
    assert {name: len(values) for name, values in read_inputs(TABLE, [empty, empty]).items()} == dict.fromkeys(ROWS, 0)
    assert read_inputs(TABLE, [empty, full]) == {"size": [-2.0], "colour": ["blue"], "age": [4.0]}


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"missing\.csv"):
        read_inputs(TABLE, [str(tmp_path / "missing.csv")])


@pytest.mark.parametrize("age", ["old", "1_1", ""])
def test_a_value_that_is_no_number_names_its_column(age):
    with pytest.raises(DataError, match=f"column age: '{age}'"):
        read_inputs(TABLE, ["1", "red", age])


def test_a_column_that_is_not_there_names_the_nearest():
    with pytest.raises(ConfigError, match="Unknown column 'colur'. Did you mean 'colour'"):
        read_inputs(TABLE, ["size=1", "colur=red", "age=2"])


def test_a_number_too_large_for_float32_is_shown_as_given():
    with pytest.raises(DataError, match=r"column age: 1e\+39"):
        check_columns(read_inputs(TABLE, ["1", "red", "1e39"]), TABLE, "the inputs")


@pytest.mark.parametrize("given", ["I hate README.txt", "see docs/a.csv", "better than a.PNG", "it ends in a .wav"])
def test_a_sentence_that_ends_in_the_name_of_a_file_is_a_text(given, tmp_path, monkeypatch):
    """By itself, or beside a file; with that file there, it is the file."""
    monkeypatch.chdir(tmp_path)
    spec = Spec((Column("text", "text"),), None)
    write(tmp_path / "my lines.txt", "a b\nc d\n")
    assert read_inputs(spec, [given, "my lines.txt"])["text"].tolist() == [given, "a b", "c d"]
    (tmp_path / "new docs").mkdir()
    for missing in ("absent.txt", "new docs/absent.txt"):
        with pytest.raises(DataError, match=f"{missing} cannot be read"):
            read_inputs(spec, [missing])


def test_a_value_by_name_may_end_as_a_table_does():
    spec = Spec((Column("file", "category", classes=("a.csv", "b.csv")),), None)
    assert read_inputs(spec, ["file=b.csv"])["file"].tolist() == ["b.csv"]


def test_images_take_no_values():
    with pytest.raises(ConfigError, match=r"\.png"):
        read_inputs(images(1), ["0.5"])


def test_a_table_with_bad_bytes_names_the_line(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"age,colour,size\n1,red,2\n1,r\xe9d,2\n")
    with pytest.raises(DataError, match=r"bad\.csv, line 3: the byte 0xe9 is not UTF-8"):
        read_inputs(TABLE, [str(path)])


SERIES = Spec((Column("sold", "series", (3,), season=12),), Column("sold_next", "series", (2,), season=12))


def test_of_a_series_the_last_steps_of_each_file_are_read(tmp_path):
    first = write(tmp_path / "a.csv", "day,sold\n2001-01-01,1\n2001-01-02,2\n2001-01-03,3\n2001-01-04,-4.5\n")
    second = write(tmp_path / "b.csv", "value\n7\n8\n9\n")
    assert read_inputs(SERIES, [first, second])["sold"].tolist() == [[2, 3, -4.5], [7, 8, 9]]


def test_the_values_of_a_series_are_one_row():
    assert read_inputs(SERIES, ["1", "-2.5", "3e2"])["sold"].tolist() == [[1, -2.5, 300]]


@pytest.mark.parametrize("given", [["1", "2"], ["1", "2", "3", "4"], ["a.cvs"]])
def test_as_many_values_as_the_history_are_wanted(given):
    with pytest.raises(ConfigError, match=f"{len(given)} values given: {' '.join(given)}. Expected the 3 last steps"):
        read_inputs(SERIES, given)


def test_a_value_of_a_series_that_is_no_number_is_shown():
    with pytest.raises(DataError, match=r"column sold: 'x'\. Expected a number"):
        read_inputs(SERIES, ["1", "x", "3"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sold\n1\n2\n", "bad.csv has 2 steps. Expected at least 3"),
        ("sold\n1\n\n3\n4\n", "bad.csv, line 3, column sold: empty"),
        ("day,sold\n1,1\n2,2\n4,3\n5,4\n", "bad.csv, line 4, column day: 4"),
    ],
)
def test_a_series_too_short_or_with_gaps_is_refused(tmp_path, text, named):
    with pytest.raises(DataError, match=named):
        read_inputs(SERIES, [write(tmp_path / "bad.csv", text)])


def test_sounds_are_read_as_long_as_the_model_takes_them(tmp_path):
    spec = Spec((Column("audio", "audio", (6,), rate=8000),), None)
    for name, samples in (("a.wav", [1, -2, 3]), ("b.WAV", range(9))):
        wavfile.write(tmp_path / name, 8000, np.array(samples, np.int16))
    read = read_inputs(spec, [str(tmp_path / "a.wav"), str(tmp_path / "b.WAV")])["audio"]
    np.testing.assert_array_equal(read, [[1, -2, 3, 0, 0, 0], [0, 1, 2, 3, 4, 5]])
    with pytest.raises(ConfigError, match=r"a\.mp3: expected \.wav files"):
        read_inputs(spec, [str(tmp_path / "a.mp3")])
    (tmp_path / "c.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"c\.wav cannot be read: Format not recognised"):
        read_inputs(spec, [str(tmp_path / "a.wav"), str(tmp_path / "c.wav")])


def test_steps_of_several_numbers_are_given_one_after_the_other():
    paths = Spec((Column("steps", "series", (2, 2)),), None)
    assert read_inputs(paths, ["1", "2", "3", "4"])["steps"].tolist() == [[[1, 2], [3, 4]]]
    with pytest.raises(ConfigError, match="2 values given: 1 2. Expected the 4 numbers of 2 steps"):
        read_inputs(paths, ["1", "2"])


def test_files_that_are_no_texts_are_not_read_as_texts(tmp_path):
    texts = Spec((Column("review", "text"),), None)
    for given in (write(tmp_path / "a.pdf", "a text"), "nowhere.WAV"):
        with pytest.raises(ConfigError, match="is a file of another kind"):
            read_inputs(texts, [given])
    assert read_inputs(texts, [write(tmp_path / "A.TXT", "one\ntwo\n")])["review"].tolist() == ["one", "two"]


def test_a_single_text_may_have_the_name_of_its_column(tmp_path, monkeypatch):
    """As each of several columns has, and as the help says; a file of such a name is meant itself."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "review=a.txt", "from a file")
    given = ["review=it was = good", "my review=bad", "title=so so", "review=a.txt"]
    assert read_inputs(Spec((Column("review", "text", label="title"),), None), given)["review"].tolist() == [
        "it was = good",
        "my review=bad",
        "so so",
        "from a file",
    ]
