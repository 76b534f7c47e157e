"""TFDS sets that the tests prepare on disk, read by row number with the network blocked."""

import socket
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasapps.data.sources import open_source
from kerasapps.data.sources._features import fields
from kerasapps.data.split import Rows
from kerasapps.errors import ConfigError, DataError

OFFLINE = tfds.download.DownloadConfig(try_download_gcs=False)


def pictures(split: str) -> tuple[np.ndarray, np.ndarray]:
    """What TinyPictures holds, before TFDS shuffles it: images and labels."""
    generator = np.random.default_rng(len(split))
    count = {"train": 24, "test": 9}[split]
    return generator.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8), np.arange(count) % 3


class TinyPictures(tfds.core.GeneratorBasedBuilder):
    """Images with one class each."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {"image": tfds.features.Image(shape=(28, 28, 1)), "label": tfds.features.ClassLabel(names="abc")}
        features["id"] = tfds.features.Text()
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=("image", "label")
        )

    def _split_generators(self, dl_manager) -> dict:
        return {split: self._generate_examples(split) for split in ("train", "test")}

    def _generate_examples(self, split: str):
        for row, (image, label) in enumerate(zip(*pictures(split), strict=True)):
            yield row, {"image": image, "label": int(label), "id": f"row {row}"}


class TinyTable(tfds.core.GeneratorBasedBuilder):
    """Numbers, a vector and a category, with a real number to predict; no supervised keys."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "size": np.float32,
            "body": {"parts": tfds.features.Tensor(shape=(2,), dtype=np.int64)},
            "class": tfds.features.ClassLabel(names=["Bonn", "Oslo"]),
            "target": np.float32,
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager) -> dict:
        return {"everything": self._generate_examples()}

    def _generate_examples(self):
        for row in range(6):
            parts = np.array([row, 10 * row])
            town = -1 if row == 4 else row % 2
            yield row, {"size": row / 2, "body": {"parts": parts}, "class": town, "target": row + 0.25}


class NeedsNetwork(TinyPictures):
    """A set whose files must be fetched first."""

    def _split_generators(self, dl_manager) -> dict:
        raise ConnectionError("no route to example.org")


@pytest.fixture(autouse=True)
def blocked_network(monkeypatch) -> None:
    """Every connection fails."""

    def refuse(*arguments: object) -> None:
        raise OSError("the network is blocked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def prepare(builder: type, folder: Path, file_format: str) -> Path:
    """Prepare a set in `folder`; its path there."""
    made = builder(data_dir=folder)
    made.download_and_prepare(download_config=OFFLINE, file_format=file_format)
    return Path(made.data_dir)


@pytest.mark.parametrize("file_format", ["array_record", "tfrecord"])
def test_images_are_read_by_row_number(tmp_path: Path, file_format: str) -> None:
    prepare(TinyPictures, tmp_path, file_format)
    for _ in range(2):
        source = open_source("tfds:tiny_pictures", str(tmp_path))
        assert source.sizes == {"train": 24, "test": 9}
        assert [(c.name, c.kind, c.shape) for c in source.spec.inputs] == [("image", "image", (28, 28, 1))]
        assert source.spec.target.classes == ("a", "b", "c")
        for split, count in source.sizes.items():
            backwards = np.arange(count)[::-1]
            columns = Rows(source, split, backwards).read()
            images, labels = pictures(split)
            found = [int(np.flatnonzero((images == image).all(axis=(1, 2, 3)))[0]) for image in columns["image"]]
            assert sorted(found) == list(range(count))
            np.testing.assert_array_equal(columns["label"], labels[found])
            one = source.read(split, np.array([3]))
            np.testing.assert_array_equal(one["image"][0], columns["image"][count - 1 - 3])


def test_rows_have_the_order_that_tfds_gives_them(tmp_path: Path) -> None:
    prepare(TinyPictures, tmp_path, "tfrecord")
    expected = list(tfds.builder("tiny_pictures", data_dir=tmp_path).as_dataset(split="train").as_numpy_iterator())
    columns = open_source("tfds:tiny_pictures", str(tmp_path)).read("train", np.arange(24))
    np.testing.assert_array_equal(columns["image"], [example["image"] for example in expected])


def test_what_is_not_prepared_is_prepared_once(tmp_path: Path) -> None:
    open_source("tfds:tiny_pictures", str(tmp_path))
    files = sorted(tmp_path.rglob("*array_record*"))
    assert len(files) == 2
    assert not list(tmp_path.rglob("*tfrecord*"))
    changed = [file.stat().st_mtime_ns for file in files]
    assert open_source("tfds:tiny_pictures", str(tmp_path)).sizes == {"train": 24, "test": 9}
    assert [file.stat().st_mtime_ns for file in files] == changed


def test_tables_with_vectors_and_categories(tmp_path: Path) -> None:
    source = open_source("tfds:tiny_table", str(tmp_path))
    assert {c.name: c.kind for c in source.spec.inputs} == {
        "body_parts_0": "number",
        "body_parts_1": "number",
        "feature_class": "category",
        "size": "number",
    }
    assert (source.spec.target.name, source.spec.target.kind) == ("target", "number")
    columns = source.read("train", np.arange(6))
    row = columns["target"] - 0.25
    np.testing.assert_array_equal(np.sort(row), np.arange(6))
    np.testing.assert_array_equal(columns["body_parts_1"], 10 * row)
    np.testing.assert_array_equal(columns["size"], row / 2)
    towns = ["" if i == 4 else ("Bonn", "Oslo")[int(i) % 2] for i in row]
    assert list(columns["feature_class"]) == towns
    with pytest.raises(DataError, match="column feature_class: ''"):
        Rows(source, "train", np.arange(6)).read()


@pytest.mark.parametrize("other", ["a_b", "A-B", "A_b"])
def test_features_that_become_columns_of_one_name_are_refused(other: str) -> None:
    features = tfds.features.FeaturesDict({"a b": np.float32, other: np.float32, "label": np.float32})
    with pytest.raises(DataError, match=f"tfds:alike has features .* one name: .*{other.replace('-', '_')}"):
        fields(SimpleNamespace(features=features, supervised_keys=None), "tfds:alike")


@pytest.mark.parametrize(
    "features",
    [
        {"x": np.float32, "label": tfds.features.Sequence(tfds.features.ClassLabel(num_classes=3))},
        {"x": np.float32, "objects": tfds.features.Sequence({"label": tfds.features.ClassLabel(num_classes=3)})},
    ],
)
def test_sequences_are_not_taken_for_what_they_hold(features: dict) -> None:
    with pytest.raises(DataError, match="tfds:many has the features .*Sequence.*one ClassLabel"):
        fields(SimpleNamespace(features=tfds.features.FeaturesDict(features), supervised_keys=None), "tfds:many")


def test_features_that_are_left_out_are_named() -> None:
    features = {"x": np.float32, "remark": tfds.features.Text(), "label": np.float32}
    with pytest.warns(UserWarning, match=r"tfds:told: left out, .*remark: Text"):
        found = fields(
            SimpleNamespace(features=tfds.features.FeaturesDict(features), supervised_keys=None), "tfds:told"
        )
    assert [field.column.name for field in found] == ["x", "label"]


def test_without_network_and_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tfds:needs_network is not prepared in .*example.org.*--data-dir"):
        open_source("tfds:needs_network", str(tmp_path))


def test_an_unknown_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown data source 'tfds:no_such_set'"):
        open_source("tfds:no_such_set", str(tmp_path))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    folder = prepare(TinyPictures, tmp_path, "tfrecord")
    path = next(folder.glob("*train.tfrecord*"))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"train.tfrecord.*cannot be copied"):
        open_source("tfds:tiny_pictures", str(tmp_path))
    assert not list(folder.glob("*train.array_record*"))
