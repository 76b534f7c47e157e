"""Data of a process become files that are read as any other; the oracles are pandas and NumPy."""

from pathlib import Path

import numpy as np
import pandas
import pytest
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
        ({"x": np.float32(2)}, "has no rows of numbers or words"),
        ({"x": ROWS, "y": [{}] * 12}, "has no rows of numbers or words"),
        (([[1, 2], [3]], [0, 1]), r"data has \[\[1, 2\], \[3\]\]: no array can be made of it"),
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
