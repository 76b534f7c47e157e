"""A fingerprint is that of the rows, their values and their names, and of nothing else."""

import numpy as np
import pytest

from kerasapps.data.fingerprint import Fingerprint, check_same, row_hashes
from kerasapps.errors import DataError

COLUMNS = {"size": np.float32([1, 2, 3]), "colour": np.array(["red", "blue", "red"])}


def summary(columns: dict) -> dict:
    fingerprint = Fingerprint()
    fingerprint.add(columns)
    return fingerprint.summary()


def test_rows_are_known_by_their_values_alone() -> None:
    other = {"width": np.array([3, 1, 1], np.int32), "text": np.array(["red", "red", "blue"], object)}
    first, second = row_hashes(COLUMNS), row_hashes(other)
    assert (first[2], first[0]) == (second[0], second[1]) and len({*first, *second}) == 4


def test_equal_rows_have_equal_fingerprints() -> None:
    wider = {"colour": COLUMNS["colour"].astype("U20"), "size": COLUMNS["size"].copy()}
    assert summary(COLUMNS) == summary(wider)
    assert summary(COLUMNS)["rows"] == 3
    check_same("table", "test", summary(COLUMNS), summary(wider))


@pytest.mark.parametrize(
    "change",
    [
        {"size": np.float32([1, 2, np.nextafter(np.float32(3), np.float32(4))])},
        {"size": np.float32([2, 1, 3])},
        {"colour": np.array(["red", "blue", "rad"])},
        {"colour": np.array(["redblue", "", "red"])},
    ],
)
def test_other_values_have_others(change: dict) -> None:
    with pytest.raises(DataError, match="table has changed since this run began: its test split has other values"):
        check_same("table", "test", summary({**COLUMNS, **change}), summary(COLUMNS))


def test_rows_are_counted_where_there_is_no_hash() -> None:
    check_same("table", "train", {"rows": 3, "sha256": ""}, summary(COLUMNS))
    with pytest.raises(DataError, match="train split has 4 rows, expected 3"):
        check_same("table", "train", {"rows": 4, "sha256": ""}, summary(COLUMNS))
