"""TFDS sets that the tests prepare on disk, read by row number with the network blocked."""

import re
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_datasets as tfds
from layouts import adapt
from tiny_sets import TEXTS, TinyPictures, TinySentences, TornSentences, pictures, sound

import kerasapps
from kerasapps.data.pipeline import materialise, order, stream
from kerasapps.data.sources import open_source
from kerasapps.data.sources._features import fields
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError, DataError

OFFLINE = tfds.download.DownloadConfig(try_download_gcs=False)


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


def test_sounds_are_padded_or_cut_to_one_second(tmp_path: Path) -> None:
    source = open_source("tfds:tiny_sounds", str(tmp_path))
    (column,) = source.spec.inputs
    assert (column.name, column.kind, column.shape, column.rate) == ("audio", "audio", (4000,), 4000)
    columns = Rows(source, "train", np.arange(30)).read()
    assert columns["audio"].dtype == np.int16
    rows = columns["audio"][:, 0]
    assert sorted(rows) == list(range(30))
    np.testing.assert_array_equal(columns["label"], rows % 2)
    for row, values in zip(rows, columns["audio"], strict=True):
        expected = np.zeros(4000)
        expected[: len(sound(row)[:4000])] = sound(row)[:4000]
        np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("pipeline", ["resident", pytest.param("streaming", marks=pytest.mark.slow)])
def test_sounds_are_learned(tmp_path: Path, pipeline: str) -> None:
    given = {"filters": (4, 8), "dense_units": 8, "epochs": 30, "global_batch_size": 30, "learning_rate": 0.01}
    run = kerasapps.train(
        "speech",
        data="tfds:tiny_sounds",
        data_dir=str(tmp_path),
        run_dir=str(tmp_path / "run"),
        pipeline=pipeline,
        execution="graph",
        **given,
    )
    assert run.layout.only.shape == (98, 64, 1)
    assert run.record["test"]["accuracy"] == 1


@pytest.mark.parametrize(
    ("feature", "examples", "expected"),
    [
        ({"shape": (None, 2)}, [[1, 2], [-5, -8], [32767, 32767]], [2, -6, 32767]),
        ({"dtype": np.int16}, [7, -7], [7, -7]),
    ],
)
def test_channels_are_averaged(feature: dict, examples: list, expected: list) -> None:
    found = fields(sounds(**feature), "tfds:sounds")
    (values,) = found[0].values([{"audio": np.array(examples)}])
    assert values.dtype == np.int16 and len(values) == 4000
    np.testing.assert_array_equal(values[: len(expected)], expected)
    assert not values[len(expected) :].any()


def sounds(rate: int | None = 4000, **feature) -> SimpleNamespace:
    audio = tfds.features.Audio(sample_rate=rate, **feature)
    features = {"audio": audio, "label": tfds.features.ClassLabel(num_classes=2)}
    return SimpleNamespace(features=tfds.features.FeaturesDict(features), supervised_keys=None)


def test_sounds_that_cannot_be_used_are_refused() -> None:
    for info in (sounds(rate=None), sounds(dtype=np.float32)):
        with pytest.raises(DataError, match="tfds:sounds has the features audio: Audio.*its sample_rate"):
            fields(info, "tfds:sounds")
    with pytest.raises(DataError, match="column audio holds other samples than of 16 bits"):
        fields(sounds(), "tfds:sounds")[0].values([{"audio": np.array([0, 32768])}])


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


def test_the_way_to_prepare_a_set_elsewhere_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the message has between python -c and its end is run, and the folder is copied as it says."""
    with pytest.raises(DataError) as caught:
        open_source("tfds:needs_network", str(tmp_path / "here"))
    said = str(caught.value)
    assert f"copy the folder sets/needs_network into {tmp_path / 'here'} here." in said
    assert "tfds build needs_network --data_dir sets" in said
    (code,) = re.findall(r'^    python -c "(.*)"$', said, re.MULTILINE)
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    exec(code.replace("needs_network", "tiny_pictures"))
    shutil.copytree("sets/tiny_pictures", tmp_path / "here" / "tiny_pictures")
    assert open_source("tfds:tiny_pictures", str(tmp_path / "here")).sizes["train"] > 0


def test_hosts_that_cannot_be_reached_are_named_before_anything_is_tried(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(NeedsNetwork, "url_infos", {"https://example.org/a.gz": None, "https://example.org/b": None})
    with pytest.raises(DataError, match=r"cannot be downloaded: example.org:443: the network is blocked. Give --data"):
        open_source("tfds:needs_network", str(tmp_path))
    (tmp_path / "downloads" / "needs_network").mkdir(parents=True)
    (tmp_path / "downloads" / "needs_network" / "a.gz.INFO").write_text('{"urls": ["https://example.org/a.gz"]}')
    with pytest.raises(DataError, match="preparing it failed: .*no route to example.org"):
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


@pytest.mark.parametrize("file_format", ["array_record", "tfrecord"])
def test_texts_are_read_by_row_number_resident_and_streamed(tmp_path: Path, file_format: str) -> None:
    prepare(TinySentences, tmp_path, file_format)
    source = open_source("tfds:tiny_sentences", str(tmp_path))
    assert [(c.name, c.kind) for c in source.spec.inputs] == [("text", "text")]
    assert source.spec.target.classes == ("neg", "pos") and source.sizes == {"train": 14, "test": 6}
    rows = Rows(source, "train", np.arange(14)[::-1])
    columns = rows.read()
    assert sorted(columns["text"]) == sorted(TEXTS[:14])
    np.testing.assert_array_equal(columns["label"], [TEXTS.index(text) % 2 for text in columns["text"]])
    preprocess = adapt(source.spec, "tokens", rows.pieces(5), TextOptions(1000, 12))
    resident = materialise(rows, preprocess, 5)
    vocabulary = preprocess.statistics["text"]
    shown = [" ".join(vocabulary[token - 2] for token in tokens if token) for tokens in resident["inputs"]["text"]]
    expected = [f"sentence {r} of the set its row {r} café 东京" for r in map(TEXTS.index, columns["text"])]
    assert shown == expected
    batches = list(stream(rows, preprocess, order(3, 1, 14), 4))
    assert [len(batch["labels"]) for batch in batches] == [4, 4, 4, 2]
    for name, values in {**resident["inputs"], "labels": resident["labels"]}.items():
        streamed = np.concatenate([{**batch["inputs"], **batch}[name] for batch in batches])
        np.testing.assert_array_equal(streamed, values[order(3, 1, 14)])


def test_a_text_that_is_not_utf8_names_its_row(tmp_path: Path) -> None:
    prepare(TornSentences, tmp_path, "array_record")
    source = open_source("tfds:torn_sentences", str(tmp_path))
    whole = [TEXTS[:14].index(text) if text in TEXTS else -1 for text in source.read("train", np.arange(14))["text"]]
    assert whole.count(-1) == 1
    named = rf"torn_sentences, train, row {whole.index(-1)} \(from 0\), column text: "
    with pytest.raises(DataError, match=named):
        Rows(source, "train", np.arange(14)).read()


@pytest.mark.parametrize(
    ("others", "keys", "inputs"),
    [
        ({}, None, ["remark"]),
        ({"x": np.float32}, None, ["x"]),
        ({"x": np.float32}, ("remark", "label"), ["remark"]),
        ({"photo": tfds.features.Image(shape=(4, 4, 1))}, None, ["photo"]),
    ],
)
@pytest.mark.filterwarnings("ignore:.*left out")
def test_a_text_is_an_input_where_it_is_the_only_one(others: dict, keys: tuple | None, inputs: list) -> None:
    features = {"remark": tfds.features.Text(), **others, "label": tfds.features.ClassLabel(names="ab")}
    info = SimpleNamespace(features=tfds.features.FeaturesDict(features), supervised_keys=keys)
    assert [field.column.name for field in fields(info, "tfds:told")] == [*inputs, "label"]


@pytest.mark.parametrize("target", [tfds.features.Text(), tfds.features.ClassLabel(names="ab")])
def test_two_texts_or_a_text_to_predict_are_refused(target: object) -> None:
    features = {"a": tfds.features.Text(), "b": tfds.features.Text(), "label": target}
    info = SimpleNamespace(features=tfds.features.FeaturesDict(features), supervised_keys=None)
    with pytest.raises(DataError, match="tfds:told has the features .*a: Text.*or one text"):
        fields(info, "tfds:told")
