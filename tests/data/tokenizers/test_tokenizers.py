"""Tokenizers of pieces, against greedy matching in plain Python; every text comes back exactly."""

import json
import subprocess
import sys
from random import Random
from typing import get_args

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data import tokenizers
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Column, Spec
from kerasapps.data.tokenizers import TextOptions, TokenizerName, characters, subwords
from kerasapps.data.tokenizers._pieces import Pieces, _traced
from kerasapps.names import names_in

EXACT = [name for name in get_args(TokenizerName) if name != "words"]
TRAINING = ["the cat sat on the mat", "Über Öl, über Ölfelder: 12 12 34", "数学 数学 \U0001f600\U0001f600"] * 3
RANGES = [(0, 0x80), (0x80, 0x800), (0x800, 0xD800), (0xE000, 0x10000), (0x10000, 0x110000)]


def odd_texts(number: int, seed: int) -> list[str]:
    """Texts of up to 25 characters of any code points, zero and those that are none yet among them."""
    random = Random(seed)
    return [
        "".join(chr(random.randrange(*random.choice(RANGES))) for _ in range(random.randrange(26)))
        for _ in range(number)
    ]


def fitted(name: TokenizerName, most: int = 60) -> tokenizers.Tokenizer:
    options = TextOptions(most, tokenizer=name)
    fitter = tokenizers.fitter(options)
    fitter.add(np.array(TRAINING, object))
    return tokenizers.tokenizer(options, fitter.result())


def greedy(text: str, vocabulary: tuple[str, ...], length: int) -> list[int]:
    """The longest piece at each place, then 1, then 0."""
    pieces = {piece.encode(): token for token, piece in enumerate(vocabulary, 258)}
    pieces |= {bytes([byte]): 2 + byte for byte in range(256)}
    rest, tokens = text.encode(), []
    while rest:
        best = max((piece for piece in pieces if rest.startswith(piece)), key=len)
        tokens.append(pieces[best])
        rest = rest[len(best) :]
    return [*tokens, 1, *[0] * length][:length]


def test_every_tokenizer_has_a_name() -> None:
    assert sorted(get_args(TokenizerName)) == names_in("kerasapps.data.tokenizers")


@pytest.mark.parametrize("length", [1, 7, 120])
@pytest.mark.parametrize("name", EXACT)
def test_tokens_are_the_longest_pieces(name: TokenizerName, length: int) -> None:
    tokenizer = fitted(name)
    texts = [*odd_texts(40, 1), *TRAINING[:3], "", "\0", "thethe catcat"]
    expected = [greedy(text, tokenizer.vocabulary, length) for text in texts]
    got = tokenizer.encode(np.array(texts, object), length)
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(tokenizer.layer(length)(tf.constant([text.encode() for text in texts])), expected)


@pytest.mark.parametrize("name", EXACT)
def test_every_text_comes_back(name: TokenizerName) -> None:
    texts = [*odd_texts(500, 2), *TRAINING, "", "a\0", "\ufeff\ufffe\uffff e\u0301 é"]
    tokenizer = fitted(name)
    back = tokenizer.decode(tf.constant(tokenizer.encode(np.array(texts, object), 130)))
    assert [text.decode() for text in back.numpy()] == texts


def test_what_is_behind_the_end_is_not_read_and_half_characters_are_shown() -> None:
    bytes_ = Pieces(())
    tokens = tf.constant([[2 + ord("a"), 1, 2 + ord("b")], [2 + 0xC3, 2 + 0x28, 0]])
    assert [text.decode() for text in bytes_.decode(tokens).numpy()] == ["a", "\ufffd("]
    assert len(bytes_.encode(np.array([], object), 4)) == 0


def test_no_texts_and_one_graph_for_all_lengths() -> None:
    tokenizer = fitted("subwords")
    traced = tf.function(lambda texts: tokenizer.encoded(texts, 9), input_signature=[tf.TensorSpec([None], tf.string)])
    for texts in ([], ["the cat"], ["", "the mat on the cat sat on the mat by the cat"]):
        expected = np.array([greedy(text, tokenizer.vocabulary, 9) for text in texts], np.int32).reshape(-1, 9)
        np.testing.assert_array_equal(traced(tf.constant(texts, tf.string)), expected)


def test_characters_are_the_most_frequent_of_several_bytes() -> None:
    fitter = characters.fitter(2)
    for text in ("aaaé", "üü", "éé x"):
        fitter.add(np.array([text], object))
    assert fitter.result() == ["é", "ü"]


def test_subwords_are_frequent_pieces_that_keep_the_blank_before_a_word() -> None:
    fitter = subwords.fitter(100)
    fitter.add(np.array(["low lower lowest low low"] * 5, object))
    found = fitter.result()
    assert {" low", "low"} <= set(found) and all(len(piece) > 1 for piece in found)
    assert not any(" " in piece[1:] for piece in found), "a piece is in several words"
    fitter = subwords.fitter(7)
    fitter.add(np.array(["low lower lowest low low"] * 5, object))
    assert len(fitter.result()) <= 7


def test_subwords_are_the_same_in_another_process() -> None:
    program = (
        "import json, numpy; from kerasapps.data.tokenizers import subwords; f = subwords.fitter(90);"
        f"f.add(numpy.array({TRAINING!r}, object)); print(json.dumps(f.result()))"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    fitter = subwords.fitter(90)
    fitter.add(np.array(TRAINING, object))
    assert json.loads(other) == fitter.result()


@pytest.mark.parametrize("name", EXACT)
def test_preprocessing_keeps_the_tokenizer(name: TokenizerName) -> None:
    spec = Spec((Column("said", "text"),), Column("reply", "text"))
    columns = {"said": np.array(TRAINING, object), "reply": np.array(TRAINING[::-1], object)}
    preprocess = adapt(spec, "tokens", columns, TextOptions(60, 12, name))
    again = Preprocess.from_json(preprocess.to_json())
    assert again == preprocess and again.layout == preprocess.layout
    target = again.layout.target
    assert target.size == again.layout.only.vocabulary == 258 + len(preprocess.statistics["said"])
    expected = [greedy(text, target.tokenizer.vocabulary, 12) for text in TRAINING]
    np.testing.assert_array_equal(again.apply(columns)["said"], expected)
    answers = again.answers(columns)
    np.testing.assert_array_equal(answers["labels"], expected[::-1])
    assert answers.keys() == {"labels"}
    with pytest.raises(ValueError, match=f"tokenizer is 'x{name}'. Expected one of: words, characters, bytes"):
        Preprocess.from_json(preprocess.to_json().replace(f'"{name}"', f'"x{name}"'))


def test_tokenizers_of_one_vocabulary_share_their_graph() -> None:
    """Each layout that is tried makes a tokenizer of its own, and tracing takes longer than encoding."""
    texts = np.array(TRAINING, object)
    first = fitted("bytes").encode(texts, 7)
    traces = _traced(Pieces(())).experimental_get_tracing_count()
    np.testing.assert_array_equal(fitted("bytes").encode(texts, 7), first)
    assert _traced(Pieces(())).experimental_get_tracing_count() == traces > 0
