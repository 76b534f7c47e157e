"""Whether data is still what it was: the number of rows and a hash of the raw values."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kerasapps.data.spec import Columns
from kerasapps.errors import DataError


class Fingerprint:
    """Of rows that are met piece by piece; how they are cut into pieces matters."""

    def __init__(self) -> None:
        self._rows, self._hash = 0, hashlib.sha256()

    def add(self, columns: Columns) -> None:
        """Take in a piece."""
        for name, values in sorted(columns.items()):
            values = np.asarray(values)
            text = values.dtype.kind not in "biuf"
            self._hash.update("\0".join([name, *map(str, values)] if text else [name]).encode())
            self._hash.update(b"" if text else np.ascontiguousarray(values).tobytes())
        self._rows += len(values)

    def summary(self) -> dict[str, Any]:
        """What is kept of it."""
        return {"rows": self._rows, "sha256": self._hash.hexdigest()}


def fingerprint_of(pieces: Iterable[Columns]) -> dict[str, Any]:
    """The summary of rows that come in pieces."""
    fingerprint = Fingerprint()
    for piece in pieces:
        fingerprint.add(piece)
    return fingerprint.summary()


def row_hashes(columns: Columns) -> list[bytes]:
    """Of each row a hash of its values, column by column in their order: neither names nor types of numbers count."""
    rows = [hashlib.blake2b(digest_size=16) for _ in next(iter(columns.values()))]
    for values in map(np.asarray, columns.values()):
        is_text = values.dtype.kind not in "biuf"
        for row, value in zip(rows, values if is_text else values.astype(np.float64), strict=True):
            row.update(f"{value}\0".encode() if is_text else value.tobytes())
    return [row.digest() for row in rows]


def check_same(source: str, split: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise DataError where a split is not the `expected` one; where a hash is missing, rows are only counted."""
    if found["rows"] != expected["rows"]:
        difference = f"has {found['rows']:,} rows, expected {expected['rows']:,}"
    elif found["sha256"] and expected["sha256"] and found["sha256"] != expected["sha256"]:
        difference = "has other values than then"
    else:
        return
    raise DataError(
        f"{source} has changed since this run began: its {split} split {difference}. Restore the data, or train anew."
    )
