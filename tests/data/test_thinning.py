"""Of rows that are too many for memory every n-th is kept, however they are cut into pieces."""

import numpy as np
import pytest

from kerasapps.data.thinning import Kept, Thinner


@pytest.mark.parametrize("piece", [1, 7, 50, 103])
@pytest.mark.parametrize(("limit", "stride"), [(10**6, 1), (103 * 8, 1), (103 * 8 - 1, 2), (103 * 4, 2), (100, 9)])
def test_every_nth_row_is_kept(piece: int, limit: int, stride: int) -> None:
    rows, thinner = np.arange(103, dtype=np.float64), Thinner(103, limit)
    kept = [thinner.keep({"x": rows[first : first + piece]})["x"] for first in range(0, 103, piece)]
    np.testing.assert_array_equal(np.concatenate(kept), rows[::stride])
    assert thinner.stride == stride and sum(part.nbytes for part in kept) < limit + 8


@pytest.mark.parametrize("shape", [(1000,), (500, 2)])
def test_a_text_takes_its_characters_and_what_python_adds(shape: tuple[int, ...]) -> None:
    """157 bytes of 100 letters, and 4 of the label of a row."""
    texts = np.array(["a" * 100] * 1000, object).reshape(shape)
    labels, row = np.zeros(len(texts), np.int32), 157 * 1000 // len(texts) + 4
    for limit, kept in ((row * len(texts), len(texts)), (row * len(texts) - 1, len(texts) // 2)):
        assert len(Thinner(len(texts), limit).keep({"text": texts, "label": labels})["text"]) == kept


def test_what_is_made_of_a_row_takes_memory_as_well() -> None:
    assert len(Thinner(100, 800, beside=0).keep(np.zeros(100))) == 100
    assert len(Thinner(100, 800, beside=24).keep(np.zeros(100))) == 25


@pytest.mark.parametrize("limit", [10**9, 500])
def test_the_whole_is_what_is_kept_of_all_pieces(limit: int) -> None:
    texts = np.array([f"text {i}" for i in range(103)], object)
    thinner, kept = Thinner(103, limit), Kept(103, limit)
    pieces = [
        {"x": [np.arange(first, min(first + 10, 103))], "a": texts[first : first + 10]} for first in range(0, 103, 10)
    ]
    for piece in pieces:
        kept.add(piece)
    expected = [thinner.keep(piece) for piece in pieces]
    whole = kept.whole()
    assert list(whole) == ["x", "a"] and whole["a"].dtype == object
    np.testing.assert_array_equal(whole["x"][0], np.concatenate([piece["x"][0] for piece in expected]))
    np.testing.assert_array_equal(whole["a"], np.concatenate([piece["a"] for piece in expected]))


def test_a_piece_that_is_all_is_not_copied_and_texts_are_not_cut() -> None:
    piece, kept = np.zeros(10), Kept(10)
    kept.add(piece)
    assert np.shares_memory(kept.whole(), piece)
    texts = Kept(4)
    for piece in (["a", "b"], ["long", "c"]):
        texts.add(np.array(piece))
    assert texts.whole().tolist() == ["a", "b", "long", "c"]


def test_what_is_kept_does_not_hold_the_piece() -> None:
    piece = np.zeros(1000)
    assert Thinner(1000, 800).keep(piece).base is None
