"""How much of the tokens is padding, and how many texts are cut, counted by hand."""

import numpy as np
import pytest
from layouts import adapt

from kerasapps.data import lengths as module
from kerasapps.data.buckets import fit_lengths
from kerasapps.data.prepared import PreparedData, prepare_data
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions, TokenizerName

SPEC = Spec((Column("said", "text"),), Column("reply", "text"))
TALK = {
    "said": np.array(["ab", "abcd", "abcde", "a", "abc"], object),
    "reply": np.array(["x y", "x y z u", "x y z u v", "x", "x y z"], object),
}


def prepared(tokenizer: TokenizerName, pipeline: str = "resident", buckets: int = 1) -> PreparedData:
    """Five rows of four tokens."""
    rows = {split: Rows(Arrays("talk", SPEC, {split: TALK}), split, np.arange(5)) for split in ("train",)}
    rows |= {split: rows["train"] for split in ("validation", "test")}
    preprocess = adapt(SPEC, "tokens", TALK, TextOptions(9, 4, tokenizer))
    return prepare_data(rows, fit_lengths(preprocess, rows["train"], buckets), pipeline)


def test_characters_and_their_end() -> None:
    """With the end: 3, 5, 6, 2 and 4 tokens of "said"; "abcd" has no room for its end, but is whole."""
    assert prepared("bytes").texts["said"] == {"tokens": 4, "padding": 3 / 20, "cut": 1}


def test_words() -> None:
    found = prepared("words").texts
    assert found["reply"] == {"tokens": 4, "padding": (2 + 3 + 1) / 20, "cut": 1}
    assert found["said"] == {"tokens": 4, "padding": 15 / 20, "cut": 0}


def test_padding_of_rows_in_buckets() -> None:
    """Replies of 2, 4, 4, 1 and 3 words decide: rows of 2, 4, 4, 2 and 4 tokens, and a word or none of each "said"."""
    found = prepared("words", buckets=2).texts
    for column, whole, in_buckets in (("reply", 6 / 20, 2 / 16), ("said", 15 / 20, 11 / 16)):
        assert found[column]["lengths"] == [2, 4] and found[column]["padding"] == whole
        assert found[column]["padding_in_buckets"] == pytest.approx(in_buckets)


def test_of_many_full_rows_it_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_READ", 1)
    assert prepared("bytes").texts["said"]["cut"] in (0, 2)


def test_streamed_rows_are_not_counted() -> None:
    assert prepared("bytes", "streaming").texts == {}
