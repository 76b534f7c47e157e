"""Text as numbers: words in lower case without punctuation, numbered by how often the training rows have them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasapps.data.spec import Columns

SPECIAL_TOKENS = 2
"""Number 0 pads, number 1 is every unknown word; the vocabulary follows."""


@dataclass(frozen=True)
class TextSize:
    """The most words that are known, and of how many tokens a text is made: cut or padded behind."""

    words: int = 10_000
    tokens: int = 100


USUAL_SIZE = TextSize()


def standardize(texts: Any) -> Any:
    """Strings [batch] -> strings [batch] of words between blanks.

    Lower case of every alphabet; tags such as <br /> and all punctuation become blanks, but an apostrophe within a
    word goes without one: "Don't!" -> "dont". A sign that is neither a letter, a digit nor a mark is punctuation.
    """
    import tensorflow as tf

    lower = tf.strings.lower(texts, encoding="utf-8")
    untagged = tf.strings.regex_replace(lower, r"<[a-z/][^<>]*>", " ")
    joined = untagged
    for _ in range(2):  # the letter behind one apostrophe may stand before the next: rock'n'roll
        joined = tf.strings.regex_replace(joined, r"(\pL)['’](\pL)", r"\1\2")
    return tf.strings.regex_replace(joined, r"[^\pL\pN\pM]+", " ")


def vocabularies(pieces: Iterable[Columns], names: Sequence[str], words: int) -> dict[str, list[str]]:
    """name -> the `words` most frequent words of each text column, most frequent first, then by the alphabet.

    With no names, `pieces` is not touched.
    """
    import tensorflow as tf

    if not names:
        return {}
    counts: dict[str, Counter] = {name: Counter() for name in names}
    for columns in pieces:
        for name in names:
            found = tf.strings.split(standardize(tf.constant(list(columns[name])))).flat_values
            values, times = np.unique(found.numpy().astype(object), return_counts=True)
            counts[name].update(dict(zip((value.decode() for value in values), times.tolist(), strict=True)))
    ranked = {name: sorted(count.items(), key=lambda item: (-item[1], item[0])) for name, count in counts.items()}
    return {name: [word for word, _ in ranking[:words]] for name, ranking in ranked.items()}


def tokens_layer(vocabulary: Sequence[str], tokens: int) -> Any:
    """A Keras layer: strings [batch] -> int64 [batch, tokens]."""
    import keras

    return keras.layers.TextVectorization(
        standardize=standardize, split="whitespace", vocabulary=list(vocabulary), output_sequence_length=tokens
    )
