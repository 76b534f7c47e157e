"""Subwords: pieces of words that the training rows often have; exact for every text.

The pieces are those of byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909), which joins the most frequent pair
of neighbours again and again, within words that keep the blank before them. A text is cut into them by the longest
match, and not by the order in which they were joined.
"""

from collections.abc import Sequence

import numpy as np

from kerasapps.data.standardize import NormalForm
from kerasapps.data.tokenizers import _pieces

MOST_CHARACTERS = 20_000_000
"""Of the training rows that are looked at."""
_FEWEST = 2
"""Times that a pair must occur."""
_WORDS = r" ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+"


class Subwords:
    """The pieces of texts that are met piece by piece."""

    def __init__(self, most: int) -> None:
        """most: how many pieces to keep."""
        self._kept, self._left = most, MOST_CHARACTERS
        self._texts: list[str] = []

    def add(self, texts: np.ndarray) -> None:
        """Keep the texts, up to MOST_CHARACTERS characters of all."""
        for text in texts:
            self._texts.append(text[: self._left])
            self._left = max(0, self._left - len(text))

    def result(self) -> list[str]:
        """The characters, then the pieces in the order in which they were joined; without single bytes."""
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

        joining = Tokenizer(models.BPE())
        joining.pre_tokenizer = pre_tokenizers.Split(Regex(_WORDS), behavior="isolated")
        trainer = trainers.BpeTrainer(
            vocab_size=self._kept, min_frequency=_FEWEST, limit_alphabet=self._kept, show_progress=False
        )
        joining.train_from_iterator(self._texts, trainer)
        ranked = sorted(joining.get_vocab().items(), key=lambda item: item[1])
        return [piece for piece, _ in ranked if len(piece.encode()) > 1]


def fitter(max_tokens: int) -> Subwords:
    """The pieces."""
    return Subwords(max_tokens)


def make(vocabulary: Sequence[str], normal_form: NormalForm) -> _pieces.Pieces:
    """The tokenizer of these pieces."""
    return _pieces.Pieces(tuple(vocabulary))
