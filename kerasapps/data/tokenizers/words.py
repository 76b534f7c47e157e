"""Words: numbered by how often the training rows have them, 1 every unknown one.

Case and punctuation are lost, so that a text made of tokens has its words in lower case with blanks between them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.standardize import NORMAL_FORM, STANDARDIZE, NormalForm
from kerasapps.data.tokenizers import SPECIAL_TOKENS

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

UNKNOWN = 1
SHOWN_UNKNOWN = "[UNK]"
"""As Keras has it."""


def _words(texts: Sequence[str] | np.ndarray, normal_form: NormalForm = NORMAL_FORM) -> "tf.RaggedTensor":
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


@dataclass(frozen=True)
class Words:
    """The tokenizer; see kerasapps.data.tokenizers.Tokenizer for its members."""

    vocabulary: tuple[str, ...]
    normal_form: NormalForm = NORMAL_FORM

    @property
    def tokens(self) -> tuple[str, ...]:
        """Nothing for padding, Keras's mark for unknown words, then the vocabulary."""
        return ("", SHOWN_UNKNOWN, *self.vocabulary)

    def layer(self, length: int) -> "keras.layers.Layer":
        """Strings [batch] -> int64 [batch, length]."""
        import keras

        return keras.layers.TextVectorization(
            standardize=STANDARDIZE[self.normal_form],
            split="whitespace",
            vocabulary=list(self.vocabulary),
            output_sequence_length=length,
        )

    def encode(self, texts: np.ndarray, length: int) -> np.ndarray:
        """Texts in memory -> int32 [rows, length]."""
        found = np.zeros((len(texts), length), np.int32)
        for row, words in zip(found, _words(texts, self.normal_form).to_list(), strict=True):
            known = [self._numbers.get(word, UNKNOWN) for word in words[:length]]
            row[: len(known)] = known
        return found

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {word.encode(): number for number, word in enumerate(self.vocabulary, SPECIAL_TOKENS)}

    def decode(self, tokens: "tf.Tensor") -> "tf.Tensor":
        """Tokens [batch, time] -> strings [batch]: the words with a blank between them."""
        import tensorflow as tf

        joined = tf.strings.reduce_join(tf.gather(tf.constant(self.tokens), tokens), axis=-1, separator=" ")
        return tf.strings.strip(joined)


def fitter(max_tokens: int) -> Vocabulary:
    """The most frequent words."""
    return Vocabulary(max_tokens)


def make(vocabulary: Sequence[str], normal_form: NormalForm) -> Words:
    """The tokenizer of these words."""
    return Words(tuple(vocabulary), normal_form)
