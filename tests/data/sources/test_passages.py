"""Documents in passages: nothing of a text is lost but blanks, whatever the length."""

import numpy as np
import pytest

from kerasapps.data.rows import open_rows
from kerasapps.data.sources import open_source, select_features
from kerasapps.data.sources._passages import Passages
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options

DOCUMENTS = {"train": ["abcde fg", "xyz"], "validation": ["ab\n     cd"], "test": ["q"]}


def texts(source, split: str) -> list[str]:
    return list(source.read(split, np.arange(source.sizes[split]))["text"])


def test_passages_by_hand() -> None:
    source = Passages("talk", DOCUMENTS, 3)
    assert [(column.name, column.kind) for column in source.spec.columns] == [("text", "text")]
    assert source.spec.target is None
    assert source.sizes == {"train": 4, "validation": 3, "test": 1}
    assert texts(source, "train") == ["abc", "de ", "fg", "xyz"]
    assert texts(source, "validation") == ["ab\n", "  c", "d"]
    assert list(source.read("train", np.array([3, 0, 3]))["text"]) == ["xyz", "abc", "xyz"]


def test_passages_have_the_class_of_their_document_whatever_their_length() -> None:
    spec = Spec((Column("text", "text"),), Column("speaker", "category", classes=("a", "b")))
    source = Passages("talk", DOCUMENTS, 3, spec, {"train": [1, 0], "validation": [0], "test": [1]})
    assert source.read("train", np.arange(4))["speaker"].tolist() == [1, 1, 1, 0]
    assert source.read("train", np.array([3, 0]))["speaker"].tolist() == [0, 1]
    assert source.with_length(2).read("train", np.arange(6))["speaker"].tolist() == [1, 1, 1, 1, 0, 0]
    assert source.read("test", np.arange(1))["speaker"].dtype == np.int32


@pytest.mark.parametrize("length", [1, 2, 7, 128, 100_000])
def test_another_length_cuts_the_same_documents(length: int) -> None:
    source = Passages("talk", DOCUMENTS).with_length(length)
    for split, documents in DOCUMENTS.items():
        pieces = [text[i : i + length] for text in documents for i in range(0, len(text), length)]
        assert texts(source, split) == [piece for piece in pieces if piece.strip()]


def test_the_option_cuts_what_has_passages_and_is_refused_elsewhere() -> None:
    usual, short = (open_rows(Options(data="python_source", passage_length=length)) for length in (None, 32))
    assert len(short["test"]) > 3 * len(usual["test"])
    cut = short["test"].take(np.arange(5)).read()["text"]
    assert usual["test"].take(np.arange(1)).read()["text"][0].startswith("".join(cut[:2]))
    assert max(map(len, cut)) == 32
    with pytest.raises(ConfigError, match="passage_length=32: reviews is not cut into passages. Leave it out"):
        open_rows(Options(data="reviews", passage_length=32))
    with pytest.raises(ConfigError, match="passage_length"):
        Options(data="python_source", passage_length=0)


def test_a_split_without_passages_is_refused() -> None:
    with pytest.raises(DataError, match="talk is too short: it has nothing but blanks for test"):
        Passages("talk", {**DOCUMENTS, "test": [" \n", ""]})
    selected = select_features(Passages("talk", DOCUMENTS), ["text"])
    assert selected.sizes["test"] == 1
    assert open_source("python_source").sizes["validation"] > 100
