"""Words of texts, against plain Python with its own tables of Unicode."""

import re
import unicodedata
from collections.abc import Sequence
from random import Random

import pytest
import tensorflow as tf
from plain_words import SENTENCES, words_of
from rich._emoji_codes import EMOJI

from kerasapps.data.standardize import STANDARDIZE, standardize

SIGNS = [*"abXYÉß'’'-.,!?<>/ 019_", "\u0301", "я", "本", "½", "\U0001f600", "\t", "\ufe0f", "Σ", "ς", "\u0130"]
FAMILY, ENGLAND = "\U0001f469\u200d\U0001f467", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def words(texts: Sequence[str]) -> list[list[str]]:
    return [text.decode().split() for text in standardize(tf.constant(texts)).numpy()]


@pytest.mark.parametrize("text", SENTENCES)
def test_words_are_those_of_plain_python(text: str) -> None:
    assert words([text]) == [words_of(text)]


def test_words_of_random_signs_are_those_of_plain_python() -> None:
    random = Random(0)
    texts = ["".join(random.choices(SIGNS, k=30)) for _ in range(500)]
    assert words(texts) == [words_of(text) for text in texts]


def test_a_text_has_the_same_words_whatever_else_its_batch_has() -> None:
    assert [words([text])[0] for text in SENTENCES] == words(SENTENCES)


def test_canonically_equal_texts_have_the_same_words() -> None:
    random = Random(1)
    signs = ["H\u0331", "J\u030c", "İ", "\u212a", "\u212b", "ᾈ", "Σ", "σ", "\u0345", "\u0301", "\u0323", "é", "Ậ", "≮"]
    signs += ["한", "ᄀ", "\u1161", "\u037e", "\u0374", "'", " ", "b", "\u200d", "<", ">", "\ufb4b", "क\u093c", "☺"]
    texts = ["".join(random.choices(signs, k=12)) for _ in range(1000)]
    forms = [[unicodedata.normalize(form, text) for text in texts] for form in ("NFC", "NFD")]
    assert sum(map(str.__ne__, *forms)) > 900
    assert words(texts) == words(forms[0]) == words(forms[1])


def test_emoji_are_words() -> None:
    texts = {
        "great\U0001f600\U0001f600!": ["great", "\U0001f600", "\U0001f600"],
        "I \u2764\ufe0f you, \u2764 you": ["i", "\u2764", "you", "\u2764", "you"],
        f"\U0001f44d\U0001f3fd {FAMILY}": ["\U0001f44d", "\U0001f3fd", "\U0001f469", "\U0001f467"],
        "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7": ["\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"],
        f"{ENGLAND}a": ["\U0001f3f4", "a"],
        "1\ufe0f\u20e3": ["1", "\u20e3"],
        "\ufe0f \u200d a\ufe0e \ufe0f": ["a"],
        "\U0001fae9": ["\U0001fae9"],
    }
    assert words(list(texts)) == list(texts.values())


def test_every_emoji_is_words_and_none_is_unseen() -> None:
    """rich, which lists emoji by name, is the oracle. # and * are no words, and tags only add to a black flag."""
    listed = sorted({sign.lower() for sign in EMOJI.values()})
    assert len(listed) > 2500
    seen = [re.sub("[\ufe0f\u200d\U000e0020-\U000e007f]|[#*](?=\ufe0f?\u20e3)", "", sign) for sign in listed]
    assert ["".join(found) for found in words(listed)] == seen


def test_no_sign_ends_a_text() -> None:
    assert words(["a\0B c", "a\0É c"]) == [["a", "b", "c"], ["a", "é", "c"]]


@pytest.mark.parametrize("text", ["Don't <b>PANIC</b>, rock'n'roll 42!", "x", "", "a_b c"])
def test_texts_of_ascii_have_the_words_of_earlier_versions(text: str) -> None:
    then, now = (each(tf.constant([text])).numpy()[0].split() for each in (STANDARDIZE["none"], standardize))
    assert then == now


def test_earlier_versions_knew_no_emoji() -> None:
    text = tf.constant(["Cafe\u0301 É \u2764\ufe0f\U0001f600 x"])
    assert STANDARDIZE["none"](text).numpy()[0].decode().split() == ["cafe\u0301", "é", "\ufe0f", "x"]
