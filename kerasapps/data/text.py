"""Text as numbers: its words, numbered by how often the training rows have them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.standardize import NORMAL_FORM, STANDARDIZE, NormalForm

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

UNKNOWN, SPECIAL_TOKENS = 1, 2
"""Number 0 pads, number 1 is every unknown word; the vocabulary follows."""


@dataclass(frozen=True)
class TextSize:
    """The most words that are known, and of how many tokens a text is made: cut or padded behind."""

    words: int = 10_000
    tokens: int = 100


USUAL_SIZE = TextSize()


def _words(texts: np.ndarray, normal_form: NormalForm = NORMAL_FORM) -> "tf.RaggedTensor":
    """The words of each text, strings [rows, words]."""
    import tensorflow as tf

    return tf.strings.split(STANDARDIZE[normal_form](tf.constant(list(texts))))


class Vocabulary:
    """The most frequent words of texts that are met piece by piece."""

    def __init__(self, words: int) -> None:
        """words: how many to keep."""
        self._kept = words
        self._counts: Counter[bytes] = Counter()

    def add(self, texts: np.ndarray) -> None:
        """Count the words of a piece."""
        self._counts.update(_words(texts).flat_values.numpy().tolist())

    def result(self) -> list[str]:
        """The most frequent words first, then by the alphabet."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [word.decode() for word, _ in ranked[: self._kept]]


def tokens_layer(
    vocabulary: Sequence[str], tokens: int, normal_form: NormalForm = NORMAL_FORM
) -> "keras.layers.TextVectorization":
    """Strings [batch] -> int64 [batch, tokens]."""
    import keras

    return keras.layers.TextVectorization(
        standardize=STANDARDIZE[normal_form],
        split="whitespace",
        vocabulary=list(vocabulary),
        output_sequence_length=tokens,
    )


def token_numbers(
    texts: np.ndarray, vocabulary: Sequence[str], tokens: int, normal_form: NormalForm = NORMAL_FORM
) -> np.ndarray:
    """What tokens_layer makes of texts in memory: int32 [rows, tokens]."""
    numbers = {word.encode(): number for number, word in enumerate(vocabulary, SPECIAL_TOKENS)}
    found = np.zeros((len(texts), tokens), np.int32)
    for row, words in zip(found, _words(texts, normal_form).to_list(), strict=True):
        known = [numbers.get(word, UNKNOWN) for word in words[:tokens]]
        row[: len(known)] = known
    return found
