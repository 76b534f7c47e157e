"""The graph's NFC against Python's unicodedata.normalize."""

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from random import Random

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.data import unicode
from kerasapps.data.code_points import PAIR, Table
from kerasapps.data.unicode import nfc

ALL = range(sys.maxunicode + 1)


def signs_of(points: Iterable[int]) -> Iterator[str]:
    """All but surrogates, which no text has."""
    return (chr(point) for point in points if not 0xD800 <= point < 0xE000)


CHANGED = [sign for sign in signs_of(ALL) if unicodedata.normalize("NFD", sign) != sign]
MARKS = [sign for sign in signs_of(ALL) if unicodedata.combining(sign)]
PARTS = sorted({part for sign in CHANGED for part in unicodedata.normalize("NFD", sign)})
EXCLUDED = [sign for sign in CHANGED if unicodedata.normalize("NFC", sign) != sign]
JAMO = [chr(point) for point in (*range(0x1100, 0x1200), *range(0xAC00, 0xAC80))]


def normalised(texts: Sequence[str]) -> list[str]:
    return [text.decode() for text in nfc(encoded(texts)).numpy()]


def encoded(texts: Sequence[str]) -> tf.Tensor:
    return tf.constant(np.array([text.encode() for text in texts], object), tf.string)


def expected(texts: Sequence[str]) -> list[str]:
    return [unicodedata.normalize("NFC", text) for text in texts]


@pytest.mark.parametrize("points", [ALL[:0x20000], pytest.param(ALL[0x20000:], marks=pytest.mark.slow)])
def test_every_code_point_between_letters(points: range) -> None:
    texts = [f"a{sign}e" for sign in signs_of(points)]
    assert normalised(texts) == expected(texts)


def test_every_decomposition_alone_behind_a_letter_and_without_its_last_sign() -> None:
    decomposed = [unicodedata.normalize("NFD", sign) for sign in CHANGED]
    texts = [*CHANGED, *decomposed, *(f"o{text}" for text in decomposed), *(text[:-1] for text in decomposed)]
    assert normalised(texts) == expected(texts)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 30))])
def test_random_sequences_of_what_may_change(seed: int) -> None:
    random = Random(seed)
    pools = [MARKS, PARTS, EXCLUDED, CHANGED, JAMO, list("aeiouAEIOU \0<"), MARKS[:80]]
    texts = ["".join(random.choice(random.choice(pools)) for _ in range(random.randrange(14))) for _ in range(5000)]
    assert sum(text != other for text, other in zip(texts, expected(texts), strict=True)) > 2500
    assert normalised(texts) == expected(texts)
    assert normalised(expected(texts)) == expected(texts)


def test_hangul_at_the_ends_of_its_blocks() -> None:
    leads, vowels = ["\u1100", "\u1112"], ["\u1161", "\u1175"]
    tails = ["", "\u11a7", "\u11a8", "\u11c2", "\u11c3", "\u0301", "\u1161", "\u1100"]
    odd = ["\u10ff", "\u1113", "\u1160", "\u1176", "\uac01", "\uac1c", "\ud7a3", "\ud7a4"]
    texts = [a + b + c for a in [*leads, *vowels, *odd, ""] for b in [*vowels, *odd, ""] for c in tails]
    assert normalised(texts) == expected(texts)
    assert normalised(["\u1112\u1161\u11ab\u1100\u1173\u11af"]) == ["한글"]


def test_marks_of_one_text_are_not_those_of_the_one_before() -> None:
    texts = ["e", "\u0301", "", "\u0323\u0301", "a\u0301", "\u0301\u0323a"]
    assert normalised(texts) == expected(texts) == ["e", "\u0301", "", "\u0323\u0301", "á", "\u0323\u0301a"]


def test_a_starter_may_be_the_first_and_the_second_of_composites(monkeypatch: pytest.MonkeyPatch) -> None:
    """As signs of Unicode 16 are; Python's tables may be older."""
    pair = np.array([ord("a") * PAIR + ord("a")])
    monkeypatch.setattr(unicode, "compositions", lambda: Table(pair, np.array([ord("b")], np.int32)))
    texts = tf.constant(["aaaaa", "aab", "a"])
    np.testing.assert_array_equal(unicode._normalised(texts, tf.constant([[0], [1]], tf.int64)), [b"bba", b"bb", b"a"])


def test_a_great_many_marks_and_no_text() -> None:
    text = "e" + "\u0301\u0323" * 1_000
    assert normalised([text]) == expected([text])
    assert normalised([]) == []


def test_a_graph_of_texts_of_any_number_is_as_eager() -> None:
    graph = tf.function(nfc, [tf.TensorSpec([None], tf.string)], autograph=False)
    for texts in (["e\u0301"], ["x", "A\u030a\u0323", "ok"], [], ["plain"]):
        assert [text.decode() for text in graph(encoded(texts)).numpy()] == expected(texts)
