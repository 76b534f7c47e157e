"""Images and labels in IDX files, the format of MNIST (yann.lecun.com/exdb/mnist, section FILE FORMATS)."""

import contextlib
import gzip
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from kerasapps.errors import DataError

PREFIXES = {"train": "train", "test": "t10k", "validation": "validation"}
"""Split -> what the names of its files begin with. Validation files are our own: MNIST has none."""
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_LARGEST = 1 << 34
_LARGEST_RATIO = 1032
"""More than this deflate cannot unpack from a byte (zlib.net/zlib_tech.html)."""
_PIECE = 1 << 24
_WHOLE = "It is damaged or not all there: put a whole IDX file in its place."


def files_of(split: str) -> tuple[str, str]:
    """The files of a split: images, labels."""
    return f"{PREFIXES[split]}-images-idx3-ubyte", f"{PREFIXES[split]}-labels-idx1-ubyte"


def find_file(folder: Path, name: str) -> Path:
    """The file `name`, compressed unless only the plain one is there."""
    plain = folder / name
    return plain if plain.is_file() else folder / f"{name}.gz"


def read_shape(path: Path, dimensions: int) -> tuple[int, ...]:
    """What a (gzip) IDX file promises, by its header alone; raises DataError as read_idx does."""
    with _opened(path) as file:
        shape = _header(path, file.read(4 + 4 * dimensions), dimensions)
    packed = path.stat().st_size
    if math.prod(shape) > packed * (_LARGEST_RATIO if path.suffix == ".gz" else 1):
        raise DataError(f"{path} promises an array of {shape}: too much for its {packed} bytes. {_WHOLE}")
    return shape


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """The uint8 array in a (gzip) IDX file; raises DataError naming the file for anything but exactly that."""
    size = math.prod(shape := read_shape(path, dimensions))
    with _opened(path) as file:
        file.read(4 + 4 * dimensions)
        # One byte more than expected makes gzip check its own length and checksum too.
        content = _read(file, size + 1)
    if len(content) != size:
        found = "more" if len(content) > size else len(content)
        raise DataError(f"{path} holds {found} bytes after its header, which promises {size}. {_WHOLE}")
    return np.frombuffer(content, np.uint8).reshape(shape)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """The (gzip) file, unpacked; what fails while it is read is raised as DataError."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. {_WHOLE}") from error


def _read(file: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """At most `size` bytes; memory for what there is, whatever a header promises."""
    pieces = []
    while size and (piece := file.read(min(size, _PIECE))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def write_folder(folder: Path, splits: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Two files for each of the splits: (uint8 images [rows, height, width], labels [rows], 0 to 255)."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, arrays in splits.items():
        for name, array in zip(files_of(split), arrays, strict=True):
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / name).write_bytes(header + array.astype(np.uint8).tobytes())


def _header(path: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    magic = bytes([0, 0, 8, dimensions])
    if header[:4] != magic:
        raise DataError(
            f"{path} begins with the magic number {header[:4].hex(' ')}. Expected {magic.hex(' ')}: unsigned bytes in "
            f"{dimensions} dimensions."
        )
    if len(header) != 4 + 4 * dimensions:
        raise DataError(f"{path} ends within its header of {4 + 4 * dimensions} bytes. {_WHOLE}")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    if not 0 < math.prod(shape) <= _LARGEST:
        raise DataError(f"{path} promises an array of {shape}. Expected 1 to {_LARGEST} bytes.")
    return shape


def check_split(folder: Path, split: str) -> tuple[int, ...]:
    """The shape [rows, height, width] of a split's images, by the headers of its files; raises DataError."""
    images_path, labels_path = (find_file(folder, name) for name in files_of(split))
    images, labels = read_shape(images_path, 3), read_shape(labels_path, 1)
    if images[0] != labels[0]:
        raise DataError(
            f"{images_path} holds {images[0]} images, but {labels_path} holds {labels[0]} labels. Expected equal "
            "counts: take both files from one data set."
        )
    return images


def read_split(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [rows, height, width] and labels uint8 [rows]; raises DataError."""
    images_path, labels_path = (find_file(folder, name) for name in files_of(split))
    return read_idx(images_path, 3), read_idx(labels_path, 1)
