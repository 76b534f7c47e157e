"""Arrays whose header promises more than their file holds, or than is wanted."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.readers.npy import read_rows
from kerasapps.data.spec import Column
from kerasapps.errors import DataError

IMAGE = Column("image", "image", (4, 5, 1))


def test_a_header_that_promises_too_much_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((2, 4, 5), np.uint8))
    path.write_bytes(path.read_bytes().replace(b"(2, 4, 5), }        ", b"(200000000, 4, 5), }"))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"a\.npy cannot be read: mmap length is greater than file size"):
        read_rows(path, IMAGE)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_what_is_read_outlives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    pixels = np.arange(40, dtype=np.uint8).reshape(2, 4, 5)
    np.save(path, pixels)
    read = read_rows(path, IMAGE)
    path.write_bytes(b"")
    np.testing.assert_array_equal(read[..., 0], pixels)
