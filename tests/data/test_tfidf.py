"""Texts as vectors, held to scikit-learn's TfidfVectorizer on the same words."""

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt
from sklearn.feature_extraction.text import TfidfVectorizer

from kerasapps.app import load_app
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.sources.reviews import load
from kerasapps.data.spec import Column, Field, Layout, Spec, Target
from kerasapps.data.tfidf import TermCounts, terms_of
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import DataError
from kerasapps.training.layout import choose_layout

SPEC = Spec((Column("review", "text"),), Column("target", "category", classes=("no", "yes")))
TEXTS = [
    "The plot is dull, the plot is DULL.",
    "Don’t call the story dull: the story is fresh",
    "Ärger! 东京 <br />is fresh…",
    "the",
    "Ärger 东京 rock'n'roll",
]


def vectors(preprocess: Preprocess, texts: list[str]) -> np.ndarray:
    """What a model is called with, [rows, terms]."""
    return np.asarray(preprocess.layout.given(preprocess.apply({"review": np.array(texts, object)})))


def adapted(texts: list[str], words: int = 1000, tokens: int = 100) -> Preprocess:
    columns = {"review": np.array(texts, object), "target": np.arange(len(texts)) % 2}
    return adapt(SPEC, "vector", columns, TextOptions(words, tokens))


@pytest.fixture(scope="module")
def reviews() -> list[str]:
    return list(load().read("train", np.arange(300))["review"])


def oracle(**changes: object) -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"[^\W_]+", **changes)


@pytest.mark.parametrize("source", ["reviews", "odd"])
def test_vectors_are_those_of_scikit_learn(source: str, reviews: list[str]) -> None:
    train, others = (reviews[:200], reviews[200:]) if source == "reviews" else (TEXTS, ["is the is", "dull dull 东京"])
    preprocess, sklearn = adapted(train), oracle()
    sklearn.fit(train)
    terms = [term for term, _ in preprocess.statistics["review"]]
    assert sorted(terms) == sorted(sklearn.vocabulary_)
    assert preprocess.layout.only.features == tuple(f"review={term}" for term in terms)
    columns = [sklearn.vocabulary_[term] for term in terms]
    for texts in (train, others):
        expected = sklearn.transform(texts).toarray()[:, columns]
        np.testing.assert_allclose(vectors(preprocess, texts), expected, atol=1e-6)


def test_the_terms_that_most_texts_have_are_kept_then_by_the_alphabet(reviews: list[str]) -> None:
    counted = oracle(use_idf=False, norm=None, binary=True).fit(reviews)
    numbers = np.asarray((counted.transform(reviews) > 0).sum(axis=0))[0]
    ranked = sorted(counted.vocabulary_, key=lambda term: (-numbers[counted.vocabulary_[term]], term.encode()))
    preprocess = adapted(reviews, words=20)
    assert [term for term, _ in preprocess.statistics["review"]] == ranked[:40]
    assert preprocess.layout.only.shape == (40,)


def test_statistics_do_not_hang_on_how_the_rows_come(reviews: list[str]) -> None:
    columns = {"review": np.array(reviews, object), "target": np.zeros(len(reviews), int)}
    pieces = [{name: values[i : i + 7] for name, values in columns.items()} for i in range(0, len(reviews), 7)]
    assert fit(SPEC, pieces, TextOptions(50), ("vector",)) == fit(SPEC, columns, TextOptions(50), ("vector",))


def test_of_too_many_terms_the_rare_ones_are_forgotten() -> None:
    counts = TermCounts(10, most=5)
    for texts in (["a b", "a b", "c d"], ["a e f", "c"], ["c"]):
        counts.add(np.array(texts, object))
    assert [term for term, _ in counts.result()] == ["a", "a b", "b"]


def test_a_long_text_keeps_its_greatest_entries() -> None:
    whole, cut = adapted(TEXTS), adapted(TEXTS, tokens=2)
    full, kept = vectors(whole, TEXTS), vectors(cut, TEXTS)
    assert (np.count_nonzero(full, axis=1) > 4).any()
    for before, after in zip(full, kept, strict=True):
        greatest = np.sort(before)[-4:]
        np.testing.assert_allclose(np.sort(after)[-4:], greatest, rtol=1e-6)
        np.testing.assert_allclose(after[after > 0], before[after > 0], rtol=1e-6)
        assert np.count_nonzero(after) == np.count_nonzero(greatest)


def test_a_text_of_unknown_words_is_all_zeros_and_no_texts_have_no_rows() -> None:
    preprocess = adapted(TEXTS)
    found = vectors(preprocess, ["unheard of", "?!", "the unheard"])
    assert not found[:2].any() and found[2].any()
    assert np.isfinite(found).all()
    assert vectors(preprocess, ["?!"]).shape == (1, found.shape[1]) and not vectors(preprocess, ["?!"]).any()
    none = preprocess.layout.given(preprocess.model({"review": tf.constant([], tf.string)}))
    assert none.shape == (0, found.shape[1])


def test_in_memory_lie_numbers_and_values_alone() -> None:
    preprocess = adapted(TEXTS, tokens=6)
    stored = preprocess.apply({"review": np.array(TEXTS, object)})["review"]
    assert stored.shape == (5, 2, 12) and stored.dtype == np.float32
    assert stored[:, 0].max() < preprocess.layout.only.shape[0]
    again = Preprocess.from_json(preprocess.to_json())
    assert again == preprocess and again.layout == preprocess.layout


def test_packed_values_become_whole_and_those_of_one_feature_add_up() -> None:
    field = Field("x", "vector", (5,), packed=3)
    values = np.float32([[[4, 0, 0], [0.5, 2, 0]], [[1, 1, 3], [1, 2, 4]]])
    expected = [[2, 0, 0, 0, 0.5], [0, 3, 0, 4, 0]]
    for jit in (False, True):
        found = tf.function(Layout((field,), Target("none")).given, jit_compile=jit)({"x": tf.constant(values)})
        np.testing.assert_array_equal(found, expected)


def test_terms_are_words_and_pairs_of_words() -> None:
    found = terms_of(tf.constant(["It’s <b>!", "É", ""])).to_list()
    assert found == [[b"it", b"s", b"b", b"it s", b"s b"], ["é".encode()], []]


def test_texts_that_share_no_word_are_refused() -> None:
    columns = {"review": np.array(["one two", "three four"], object), "target": np.int32([0, 1])}
    with pytest.raises(DataError, match="T has no word that two texts for training have"):
        choose_layout(load_app("logistic_regression"), SPEC, "T", columns)
