"""Bytes: the 256 bytes of UTF-8, without a vocabulary; exact for every text."""

from collections.abc import Sequence

import numpy as np

from kerasapps.data.standardize import NormalForm
from kerasapps.data.tokenizers import _pieces


class Nothing:
    """Fits nothing."""

    def add(self, texts: np.ndarray) -> None:
        """Take in nothing."""

    def result(self) -> list[str]:
        """No vocabulary."""
        return []


def fitter(max_tokens: int) -> Nothing:
    """What fits nothing."""
    return Nothing()


def make(vocabulary: Sequence[str], normal_form: NormalForm) -> _pieces.Pieces:
    """The tokenizer of bytes."""
    return _pieces.Pieces(())
