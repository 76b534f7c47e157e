"""IDX files: read exactly, or refused with the file's name."""

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.readers.idx import FILES, read_idx
from kerasapps.data.sources import open_source
from kerasapps.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2, 9], np.uint8)


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file, by its definition."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write(folder: Path, **contents: bytes) -> Path:
    """Four good files but for the contents given: train_images, train_labels, t10k_images, t10k_labels."""
    folder.mkdir(exist_ok=True)
    good = [idx(PIXELS), idx(LABELS), idx(PIXELS[:3]), idx(LABELS[:3])]
    for file, content in zip(FILES, good, strict=True):
        key = "_".join(file.split("-")[:2])
        (folder / f"{file}.gz").write_bytes(contents.get(key, gzip.compress(content)))
    return folder


def test_a_folder_is_read(tmp_path: Path) -> None:
    source = open_source(str(write(tmp_path)))
    assert source.sizes == {"train": 7, "test": 3}
    assert source.spec.inputs[0].shape == (5, 4, 1)
    assert source.spec.target.classes == tuple("0123456789")
    columns = source.read("train", np.array([6, 1]))
    np.testing.assert_array_equal(columns["image"][..., 0], PIXELS[[6, 1]])
    np.testing.assert_array_equal(columns["label"], [9, 1])


def test_the_largest_label_of_a_byte_is_a_class(tmp_path: Path) -> None:
    labels = np.array([0, 255, 3, 255, 1, 2, 9], np.uint8)
    source = open_source(str(write(tmp_path, train_labels=gzip.compress(idx(labels)))))
    assert source.spec.target.classes == tuple(map(str, range(256)))
    np.testing.assert_array_equal(source.read("train", np.array([1]))["label"], [255])


def test_validation_files_are_taken_as_they_are(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "validation-images-idx3-ubyte").write_bytes(idx(PIXELS[4:6]))
    with pytest.raises(DataError, match="has files of MNIST's format, but not validation-labels-idx1-ubyte, with"):
        open_source(str(tmp_path))
    (tmp_path / "validation-labels-idx1-ubyte").write_bytes(idx(LABELS[4:6]))
    (tmp_path / "validation-images-idx3-ubyte").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="but not validation-images-idx3-ubyte, with or without .gz"):
        open_source(str(tmp_path))
    (tmp_path / "elsewhere").rename(tmp_path / "validation-images-idx3-ubyte")
    source = open_source(str(tmp_path))
    assert source.sizes == {"train": 7, "test": 3, "validation": 2}
    np.testing.assert_array_equal(source.read("validation", np.array([1]))["image"][0, ..., 0], PIXELS[5])
    (tmp_path / "validation-images-idx3-ubyte").write_bytes(idx(PIXELS[4:6, :4]))
    with pytest.raises(DataError, match=r"training images are \(5, 4\), validation images \(4, 4\)"):
        open_source(str(tmp_path))


def test_a_header_that_promises_too_much_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / FILES[0]
    path.write_bytes(bytes([0, 0, 8, 3]) + np.array([1 << 14, 1 << 10, 1 << 10], ">u4").tobytes() + b"7")
    tracemalloc.start()
    with pytest.raises(DataError, match=r"promises an array of \(16384, 1024, 1024\): too much for its 17 bytes"):
        read_idx(path, 3)
    assert tracemalloc.get_traced_memory()[1] < 1 << 26
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("labels", "message"), [(5, "1 images.*5 labels"), (1, r"training images are \(2048, 2048\), test images \(5, 4\)")]
)
def test_files_that_do_not_belong_together_are_not_unpacked(tmp_path: Path, labels: int, message: str) -> None:
    """4 MiB in 4 KiB."""
    header = bytes([0, 0, 8, 3]) + np.array([1, 1 << 11, 1 << 11], ">u4").tobytes()
    images = gzip.compress(header + bytes(1 << 22), 9)
    write(tmp_path, train_images=images, train_labels=gzip.compress(idx(LABELS[:labels])))
    tracemalloc.start()
    with pytest.raises(DataError, match=message):
        open_source(str(tmp_path))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_more_than_can_be_packed_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / f"{FILES[0]}.gz"
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 3]) + np.array([1 << 14, 1 << 10, 1 << 10], ">u4").tobytes()))
    with pytest.raises(DataError, match=r"promises an array of \(16384, 1024, 1024\): too much for its \d\d bytes"):
        read_idx(path, 3)


def test_plain_files_serve_too(tmp_path: Path) -> None:
    path = tmp_path / FILES[0]
    path.write_bytes(idx(PIXELS))
    np.testing.assert_array_equal(read_idx(path, 3), PIXELS)


whole = gzip.compress(idx(PIXELS))
flipped = bytearray(whole)
flipped[len(flipped) // 2] ^= 0xFF
BAD_IMAGES = {
    "cut gzip": (whole[:-20], "cannot be read"),
    "no gzip": (b"not gzip at all", "cannot be read"),
    "flipped bits": (bytes(flipped), "cannot be read|holds"),
    "checksum": (whole[:-8] + b"\0" * 8, "cannot be read"),
    "empty": (b"", "magic|cannot be read"),
    "wrong magic": (gzip.compress(b"\x00\x00\x0d\x03" + idx(PIXELS)[4:]), "magic number 00 00 0d 03"),
    "labels for images": (gzip.compress(idx(LABELS)), "magic number 00 00 08 01"),
    "cut header": (gzip.compress(idx(PIXELS)[:9]), "within its header"),
    "too short": (gzip.compress(idx(PIXELS)[:-1]), "holds 139 bytes.*140"),
    "too long": (gzip.compress(idx(PIXELS) + b"\0"), "holds more bytes.*140"),
    "impossible size": (gzip.compress(bytes([0, 0, 8, 3]) + b"\xff" * 12), "promises"),
    "too few images": (gzip.compress(idx(PIXELS[:6])), "6 images.*7 labels"),
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_bad_images_are_refused(tmp_path: Path, kind: str) -> None:
    content, message = BAD_IMAGES[kind]
    with pytest.raises(DataError, match=message) as caught:
        open_source(str(write(tmp_path, train_images=content)))
    assert "train-images-idx3-ubyte.gz" in str(caught.value)


def test_labels_out_of_range_name_file_and_row(tmp_path: Path) -> None:
    labels = np.array([0, 10, 3], np.uint8)
    write(tmp_path, t10k_labels=gzip.compress(idx(labels)))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte.gz, row 1 \(from 0\): label 10. Expected 0 to 9"):
        open_source("fashion_mnist", str(tmp_path))


def test_fashion_mnist_from_its_folders(tmp_path: Path, monkeypatch) -> None:
    write(tmp_path / "fashion-mnist")
    assert open_source("fashion_mnist", str(tmp_path)).sizes == {"train": 7, "test": 3}
    monkeypatch.setenv("KERASAPPS_DATA", str(tmp_path))
    assert open_source("fashion-mnist").spec.target.classes[9] == "ankle_boot"


def test_missing_fashion_mnist_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-dir.*KERASAPPS_DATA.*apt install") as caught:
        open_source("fashion_mnist", str(tmp_path))
    assert str(tmp_path) in str(caught.value)
    write(tmp_path)
    (tmp_path / f"{FILES[1]}.gz").unlink()
    with pytest.raises(DataError, match=FILES[1]):
        open_source("fashion_mnist", str(tmp_path))


@pytest.mark.slow
@pytest.mark.skipif("KERASAPPS_DATA" not in os.environ, reason="KERASAPPS_DATA does not say where Fashion-MNIST lies")
def test_the_real_fashion_mnist() -> None:
    source = open_source("fashion_mnist")
    assert source.sizes == {"train": 60000, "test": 10000}
    labels = source.read("test", np.arange(10000))["label"]
    np.testing.assert_array_equal(np.bincount(labels), [1000] * 10)
