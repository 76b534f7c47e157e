"""Missing values of columns that may have them: which they are, in Python and in graphs, and what is said of them."""

import string
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kerasapps.data.readers import Cells

if TYPE_CHECKING:
    import tensorflow as tf

MARKERS = ("", "-", "--", "?", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none")
"""What stands for a missing number, date or boolean, in small letters. Among words these may be names."""
_LONGEST = max(map(len, MARKERS))
_FEW = 0.1
"""Share of the cells up to which those that do not fit are errors, and not a sign of another kind."""


class Mended(NamedTuple):
    """How many values were missing, what took their place, which classes were unseen, and what took theirs."""

    missing: int = 0
    stand_in: str = ""
    unseen: tuple[str, ...] = ()
    most: str = ""


def is_missing(text: str) -> bool:
    """Whether a text is a marker, between blanks of ASCII, as in the graph."""
    text = text.strip(string.whitespace)
    return len(text) <= _LONGEST and text.lower() in MARKERS


def missing_in(texts: Sequence[str] | np.ndarray) -> np.ndarray:
    """Which of the texts are markers, bool [rows]."""
    return np.array([is_missing(str(text)) for text in texts], bool)


def missing_in_graph(texts: "tf.Tensor") -> "tf.Tensor":
    """Which strings [batch] are markers, bool [batch]."""
    import tensorflow as tf

    return tf.reduce_any(tf.strings.lower(tf.strings.strip(texts))[:, None] == tf.constant(MARKERS), axis=1)


def fits(cells: Cells, wrong: Sequence[int], wanted: str) -> bool:
    """Whether a column is of a kind that all its cells have but those in the rows `wrong` and the missing ones.

    Raises DataError where these are few, so that they are rather slips, and where the kind was asked for.
    """
    filled = sum(not is_missing(text) for text in cells.texts)
    few = 2 * len(wrong) < filled and len(wrong) <= max(1, _FEW * filled)
    if wrong and (few or cells.forced):
        raise cells.refused(wrong[0], wanted)
    return cells.forced or (filled > 0 and not wrong)


class Most:
    """The most frequent of the words that are given, and whether some are missing: [word, 0 or 1]."""

    def __init__(self, usual: str) -> None:
        """usual: the word where none is given."""
        self._words, self._missing, self._usual = Counter[str](), False, usual

    def add(self, values: np.ndarray) -> None:
        """Take in words; a missing one is empty."""
        self._words.update(word for word in values.tolist() if word)
        self._missing |= bool((values == "").any())

    def result(self) -> list:
        """The first in the alphabet of words that are equally frequent."""
        most = min(self._words, key=lambda word: (-self._words[word], word), default=self._usual)
        return [most, int(self._missing)]
