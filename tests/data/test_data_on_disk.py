"""Data of a process become files that are read as any other; the oracles are pandas and NumPy."""

from pathlib import Path

import numpy as np
import pandas
import pytest
import scipy.sparse
import tensorflow as tf

from kerasapps.data import memory
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays
from kerasapps.errors import ConfigError

RANDOM = np.random.default_rng(3)
FRAME = pandas.DataFrame(
    {"size": RANDOM.normal(size=30), "colour": RANDOM.choice(["red", "blue"], 30), "price": RANDOM.normal(size=30)}
)
IMAGES, LABELS = RANDOM.integers(0, 256, (12, 5, 4), np.uint8), RANDOM.integers(0, 3, 12)
ROWS, WORDS = RANDOM.normal(size=(12, 2)).astype(np.float32), RANDOM.choice(["no", "perhaps"], 12)


def rows_of(*arrays: object) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(arrays)


def read(data: object, folder: Path) -> Arrays:
    """The source that data become."""
    written = memory.write(data, folder)
    return open_source(str(written.path), target=written.target)


@pytest.mark.parametrize(
    "data",
    [
        FRAME,
        {name: FRAME[name].to_numpy() for name in FRAME},
        {name: list(FRAME[name]) for name in FRAME},
        (FRAME[["size", "colour"]], FRAME["price"]),
        tf.data.Dataset.from_tensor_slices(dict(FRAME)),
        tf.data.Dataset.from_tensor_slices(dict(FRAME)).batch(7),
    ],
    ids=["frame", "dict", "lists", "pair", "rows", "batches"],
)
def test_columns_become_a_table(data: object, tmp_path: Path) -> None:
    source = read(data, tmp_path)
    assert [(column.name, column.kind) for column in source.spec.columns] == [
        ("size", "number"),
        ("colour", "category"),
        ("price", "number"),
    ]
    for name, values in source.columns.items():
        expected = FRAME[name].to_numpy(values.dtype if values.dtype.kind == "f" else str)
        np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize(
    "data",
    [
        (IMAGES, LABELS),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)),
        tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(5),
        (tf.constant(IMAGES), tf.constant(LABELS)),
    ],
    ids=["arrays", "rows", "batches", "tensors"],
)
def test_images_with_classes_become_arrays(data: object, tmp_path: Path) -> None:
    source = read(data, tmp_path)
    (image,), label = source.spec.inputs, source.spec.target
    assert (image.kind, image.shape, label.classes) == ("image", (5, 4, 1), ("0", "1", "2"))
    np.testing.assert_array_equal(source.splits["train"]["x"][..., 0], IMAGES)
    np.testing.assert_array_equal(source.splits["train"]["y"], LABELS)


def test_a_pair_of_pairs_has_test_rows(tmp_path: Path) -> None:
    """As keras.datasets give them."""
    source = read(((ROWS[:8], WORDS[:8]), (ROWS[8:], WORDS[8:])), tmp_path)
    assert source.sizes == {"train": 8, "test": 4} and source.spec.target.classes == ("no", "perhaps")
    for split, rows in (("train", slice(8)), ("test", slice(8, None))):
        columns = source.splits[split]
        np.testing.assert_array_equal(np.stack([columns["x0"], columns["x1"]], axis=1), ROWS[rows])
        np.testing.assert_array_equal(np.array(source.spec.target.classes)[columns["y"]], WORDS[rows])


def test_texts_with_classes_become_a_table(tmp_path: Path) -> None:
    texts = [f"the {word} number {i}" for i, word in enumerate(WORDS)]
    source = read((texts, list(WORDS)), tmp_path)
    assert source.spec.inputs[0].kind == "text"
    assert source.columns["text"].tolist() == texts


def test_dates_of_a_series_are_kept(tmp_path: Path) -> None:
    sold = pandas.DataFrame({"sold": np.arange(5.0)}, index=pandas.date_range("2001-01-01", periods=5, freq="MS"))
    path = memory.write(sold, tmp_path).path
    pandas.testing.assert_frame_equal(
        pandas.read_csv(path, index_col="date", parse_dates=True), sold.rename_axis("date"), check_freq=False
    )


def test_equal_data_lie_in_one_file(tmp_path: Path) -> None:
    paths = [memory.write(data, tmp_path).path for data in (FRAME, FRAME.copy(), (ROWS, WORDS), (ROWS.copy(), WORDS))]
    assert paths[0] == paths[1] and paths[2] == paths[3]
    assert sorted(tmp_path.iterdir()) == sorted({*paths})
    assert memory.write(FRAME.head(20), tmp_path).path != paths[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (3, "data=3: this is no data. Expected the name or path of a source, a pandas.DataFrame"),
        ((ROWS,), r"data=\(float32 \[12, 2\],\): this is no data"),
        ((IMAGES, [None, *WORDS[1:]]), "has no rows of numbers or words. Leave out the rows in which it has None"),
        ([{"x": 1}, 2], r"data=\[.*\]: this is no data"),
        ({"x": np.float32(2)}, "has no rows of numbers or words"),
        ({"x": ROWS, "y": [{}] * 12}, "has no rows of numbers or words"),
        (([[1, 2], [3]], [0, 1]), r"\[\[1, 2\], \[3\]\]: no array can be made of it"),
        ((scipy.sparse.eye(12, format="csr"), WORDS), r"csr_matrix \[12, 12\] is sparse. Expected an array: "),
        ((ROWS * 1j, WORDS), r"complex64 \[12, 2\]: complex numbers"),
        (pandas.DataFrame({"size": [1j, 2]}), "Column size has complex numbers"),
        ((FRAME, FRAME["price"]), "X has a column called 'price', as y is"),
        ((FRAME.rename(columns={"size": "target"}), WORDS.repeat(3)[:30]), "X has a column called 'target', as y is"),
        (FRAME.pivot_table(index="size", columns="colour"), "The columns of the frame have 2 levels"),
        (FRAME.set_index("price").assign(price=1), "index of the frame is called 'price', as a column is"),
        (rows_of(ROWS, LABELS, np.ones(12)), r"The dataset has \(x, y, sample weights\). Weights are not taken"),
        (rows_of({"target": LABELS}, LABELS), "The dataset has a column called 'target', as y is"),
        (rows_of(ROWS, ROWS), r"TensorSpec\(shape=\(2,\).* may be rows or batches. Batch the rows: "),
        (rows_of(ROWS.reshape(6, 2, 2), np.eye(2, dtype=int)[LABELS[:6] % 2]), "may be rows or batches"),
        (tf.data.Dataset.range(3).repeat(), "a tf.data.Dataset without an end"),
        (tf.data.Dataset.range(0), "a tf.data.Dataset without elements"),
    ],
)
def test_what_is_no_data_is_refused_and_never_written_out(data: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        memory.write(data, tmp_path)
    assert len(str(error.value)) < 500 and not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="The data cannot be written into .*file/runs"):
        memory.write(FRAME, tmp_path / "file" / "runs")


def test_a_directory_of_files_is_of_no_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="data_dir='here', but the data are given themselves"):
        memory.on_disk(FRAME, {"data_dir": "here"}, tmp_path)
    assert memory.on_disk("iris", {"data_dir": "here"}, tmp_path) == {"data": "iris", "data_dir": "here"}


def test_vectors_of_a_dataset_are_rows_and_batches_without_a_remainder_are_told_by_their_labels(tmp_path: Path) -> None:
    answers = ROWS[:, :1]
    expected = read((ROWS, answers), tmp_path).splits["train"]
    images = read((IMAGES, LABELS), tmp_path).splits["train"]
    for data in (rows_of(ROWS, answers), rows_of(ROWS, answers).batch(5), rows_of(ROWS, answers[:, 0])):
        for name, values in read(data, tmp_path).splits["train"].items():
            np.testing.assert_array_equal(values, expected[name])
    for name, values in read(rows_of(IMAGES, LABELS).batch(4, drop_remainder=True), tmp_path).splits["train"].items():
        np.testing.assert_array_equal(values, images[name])


def test_records_numbered_columns_and_a_named_index_become_a_table(tmp_path: Path) -> None:
    expected = pandas.read_csv(memory.write(FRAME, tmp_path).path)
    indexed = FRAME.set_index(["size", "colour"])
    for data in (FRAME.to_dict("records"), indexed, (FRAME[["size", "colour"]].to_dict("records"), FRAME["price"])):
        pandas.testing.assert_frame_equal(pandas.read_csv(memory.write(data, tmp_path).path), expected)
    numbered = (pandas.DataFrame(ROWS), pandas.Series(LABELS, name=2))
    assert list(pandas.read_csv(memory.write(numbered, tmp_path).path)) == ["0", "1", "2"]
    assert memory.as_text({"target": 2, "features": [0, 1]}) == {"target": "2", "features": ("0", "1")}


def test_missing_values_of_a_pair_are_those_of_a_frame(tmp_path: Path) -> None:
    """The median of the others takes their place later; a row without an answer is left out."""
    inputs, answers = ROWS.astype(object), WORDS.astype(object)
    inputs[0, 1], answers[3] = None, None
    for data in ((inputs, WORDS), (ROWS, answers), (np.where(inputs == None, np.nan, ROWS), answers)):  # noqa: E711
        columns = read(data, tmp_path).columns
        kept = [one is not None for one in data[1]]
        frame = pandas.DataFrame(data[0][kept].astype(float))
        np.testing.assert_allclose(np.stack([columns["x0"], columns["x1"]], axis=1), frame, rtol=1e-6)
    assert read((["good", "bad"] * 6, answers), tmp_path).sizes == {"train": 11}


def test_bytes_are_words(tmp_path: Path) -> None:
    words = ["größer", "kleiner"] * 6
    source = read(([word.encode() for word in words], LABELS), tmp_path)
    assert source.columns["text"].tolist() == words
