"""Texts as numbers, against plain Python with its own tables of Unicode."""

from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt
from plain_words import SENTENCES, words_of

from kerasapps.app import load_app
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.spec import Column, Spec
from kerasapps.data.tokenizers import TextOptions, TokenizerName
from kerasapps.data.tokenizers.words import Vocabulary, Words
from kerasapps.errors import DataError
from kerasapps.training.layout import choose_layout


def test_the_vocabulary_is_of_the_most_frequent_words_then_by_the_alphabet() -> None:
    texts = ["b a c a", "A, é! é? b", "z"]
    for words, expected in ((10, ["a", "b", "é", "c", "z"]), (3, ["a", "b", "é"])):
        vocabulary = Vocabulary(words)
        vocabulary.add(texts)
        assert vocabulary.result() == expected


@pytest.mark.parametrize("words", [1, 7, 1000])
def test_the_vocabulary_does_not_hang_on_how_the_rows_come(words: int) -> None:
    random = np.random.default_rng(1)
    texts = [" ".join(f"w{number}" for number in random.zipf(1.5, 20) % 90) for _ in range(50)]
    counts = Counter(word for text in texts for word in text.split())
    expected = sorted(counts, key=lambda word: (-counts[word], word))[:words]
    for size in (1, 7, 50):
        pieces = ({"x": np.array(texts[i : i + size], object)} for i in range(0, 50, size))
        assert fit(Spec((Column("x", "text"),), None), pieces, TextOptions(words)) == {"x": expected}


def test_tokens_are_padded_and_cut_behind() -> None:
    words = Words(("the", "é", "10"))
    texts = ["The é, 10!", "the the the unknown the", "", "…", "É"]
    expected = [[2, 3, 4, 0], [2, 2, 2, 1], [0, 0, 0, 0], [0, 0, 0, 0], [3, 0, 0, 0]]
    np.testing.assert_array_equal(words.layer(4)(tf.constant(texts)), expected)
    numbers = words.encode(texts, 4)
    np.testing.assert_array_equal(numbers, expected)
    assert numbers.dtype == np.int32


def test_a_vocabulary_is_bounded_whatever_the_texts_hold() -> None:
    texts = np.array([" ".join(f"word{i}" for i in range(first, first + 100)) for first in range(0, 50_000, 100)])
    spec = Spec((Column("x", "text"),), Column("y", "category", classes=("a", "b")))
    preprocess = adapt(spec, "tokens", {"x": texts, "y": np.zeros(500, int)}, TextOptions(50, 5))
    kept = sorted(f"word{i}" for i in range(50_000))[:50]
    assert preprocess.statistics["x"] == kept and preprocess.layout.only.vocabulary == 52
    tokens = preprocess.layout.given(preprocess.apply({"x": texts}))
    expected = [[2 + kept.index(w) if w in kept else 1 for w in text.split()[:5]] for text in texts]
    assert tokens.dtype == np.int32
    np.testing.assert_array_equal(tokens, expected)


TEXTS = Spec((Column("review", "text"),), Column("target", "category", classes=("no", "yes")))
ODD = [
    *SENTENCES,
    "null true NaN [UNK]",
    'quotes " and \\ slashes \\n',
    "ﬁ ǆ K Å ſ",
    "\U0001d538 \U00020000 \ue000",
]


def test_json_round_trip_with_odd_words() -> None:
    columns = {"review": np.array(ODD, object), "target": np.zeros(len(ODD), np.int32)}
    preprocess = adapt(TEXTS, "tokens", columns, TextOptions(1000, 12))
    again = Preprocess.from_json(preprocess.to_json())
    assert again == preprocess and again.layout == preprocess.layout
    np.testing.assert_array_equal(
        again.layout.given(again.apply(columns)), preprocess.layout.given(preprocess.apply(columns))
    )
    vocabulary = preprocess.statistics["review"]
    number = {word: i + 2 for i, word in enumerate(vocabulary)}
    expected = [([number[word] for word in words_of(text)] + [0] * 12)[:12] for text in ODD]
    np.testing.assert_array_equal(preprocess.layout.given(preprocess.apply(columns)), expected)


def test_texts_without_any_word_are_refused() -> None:
    columns = {"review": np.array(["!!!", "?"], object), "target": np.int32([0, 1])}
    with pytest.raises(DataError, match="table.csv has no word in its texts"):
        choose_layout(load_app("rnn"), TEXTS, "table.csv", columns)


def test_a_real_target_beside_a_text_is_standardised() -> None:
    spec = Spec((Column("review", "text"),), Column("stars", "number"))
    rows = {"review": np.array(["a b", "c d", "e f", "g h"], object), "stars": np.float32([1, 2, 3, 6])}
    pieces = ({name: values[i : i + 1] for name, values in rows.items()} for i in range(4))
    assert fit(spec, pieces)["stars"] == [3.0, 3.5]
    np.testing.assert_allclose(adapt(spec, "tokens", rows).labels(rows)[:, 0], np.array([-2, -1, 0, 3]) / 3.5**0.5)


@pytest.mark.parametrize("tokenizer", ["words", "characters"])
def test_texts_that_are_cut_are_said(tokenizer: TokenizerName) -> None:
    columns = {"said": np.array(["a b", "b a b a", "a b a", "b"], object)}
    length = {"words": 3, "characters": 6}[tokenizer]  # of these the second text has one too many
    preprocess = adapt(Spec((Column("said", "text"),), None), "tokens", columns, TextOptions(9, length, tokenizer))
    remarks = preprocess.remarks(columns, preprocess.apply(columns))
    assert remarks == [
        f"The text 'b a b a' is longer than the {length} tokens that the model sees: the rest is cut off."
    ]
    twice = {"said": np.repeat(columns["said"], 2)}
    (remark,) = preprocess.remarks(twice, preprocess.apply(twice))
    assert remark.startswith(f"2 texts are longer than the {length} tokens")
    short = {"said": columns["said"][[0, 2, 3]]}
    assert preprocess.remarks(short, preprocess.apply(short)) == []
