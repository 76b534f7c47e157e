"""Characters: the most frequent ones of the training rows; a rare one is its bytes, so that every text is exact."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kerasapps.data.standardize import NormalForm
from kerasapps.data.tokenizers import _pieces


class Characters:
    """The most frequent characters of several bytes; those of a single one are known anyway."""

    def __init__(self, most: int) -> None:
        """most: how many to keep."""
        self._kept = most
        self._counts: Counter[str] = Counter()

    def add(self, texts: np.ndarray) -> None:
        """Count the characters of a piece."""
        for text in texts:
            self._counts.update(text)

    def result(self) -> list[str]:
        """The most frequent ones first, then by their code points."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return [character for character, _ in ranked if not character.isascii()][: self._kept]


def fitter(max_tokens: int) -> Characters:
    """The most frequent characters."""
    return Characters(max_tokens)


def make(vocabulary: Sequence[str], normal_form: NormalForm) -> _pieces.Pieces:
    """The tokenizer of these characters."""
    return _pieces.Pieces(tuple(vocabulary))
