"""Of rows that are too many for memory every n-th is kept, however they are cut into pieces."""

import numpy as np
import pytest

from kerasapps.data.thinning import Thinner


@pytest.mark.parametrize("piece", [1, 7, 50, 103])
@pytest.mark.parametrize(("limit", "stride"), [(10**6, 1), (103 * 8, 1), (103 * 8 - 1, 2), (103 * 4, 2), (100, 9)])
def test_every_nth_row_is_kept(piece: int, limit: int, stride: int) -> None:
    rows, thinner = np.arange(103, dtype=np.float64), Thinner(103, limit)
    kept = [thinner.keep({"x": rows[first : first + piece]})["x"] for first in range(0, 103, piece)]
    np.testing.assert_array_equal(np.concatenate(kept), rows[::stride])
    assert thinner.stride == stride and sum(part.nbytes for part in kept) < limit + 8


def test_a_text_takes_its_characters() -> None:
    texts = np.array(["a" * 100] * 10, object)
    assert len(Thinner(10, 500).keep({"text": texts, "label": np.zeros(10, np.int32)})["text"]) == 4


def test_what_is_kept_does_not_hold_the_piece() -> None:
    piece = np.zeros(1000)
    assert Thinner(1000, 800).keep(piece).base is None
