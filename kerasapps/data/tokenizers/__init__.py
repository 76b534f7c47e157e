"""How texts become tokens, and tokens texts: one module per tokenizer; modules that begin with _ help them.

What is fitted to the training rows is a list of texts, the vocabulary. Token 0 is padding, always behind the text.
Adding a tokenizer = one file here with `fitter(max_tokens) -> Fitter` and `make(vocabulary, normal_form) -> Tokenizer`,
and its name in TokenizerName.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol, get_args, runtime_checkable

import numpy as np

from kerasapps.data.standardize import NORMAL_FORM, STANDARDIZE, NormalForm
from kerasapps.errors import ConfigError, shown

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from kerasapps.tensors import Integer

TokenizerName = Literal["words", "characters", "bytes", "subwords"]
PADDING, END, SPECIAL_TOKENS = 0, 1, 2
"""Token 1 is the end of a text that is not cut; of words it is every unknown one. The vocabulary follows."""


class Tokenizer(Protocol):
    """A tokenizer with its vocabulary; equal where it does the same."""

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """What was fitted."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """What each token stands for, from token 0 on, to be shown."""

    def layer(self, length: int) -> "keras.layers.Layer":
        """A layer: strings [batch] -> tokens [batch, length], cut or padded behind."""

    def encode(self, texts: np.ndarray, length: int) -> np.ndarray:
        """What the layer makes of texts in memory: int32 [rows, length]."""

    def decode(self, tokens: "tf.Tensor") -> "tf.Tensor":
        """Tokens [batch, time] -> strings [batch] of UTF-8, up to the end of each text, in a graph or not."""


@runtime_checkable
class ExactTokenizer(Tokenizer, Protocol):
    """A tokenizer that keeps every text as it is, with END behind each that is not cut."""

    def encoded(self, texts: "tf.Tensor", length: "Integer") -> "tf.Tensor":
        """Strings [batch] -> int32 [batch, length], in a graph or not."""

    def characters(self) -> np.ndarray:
        """How many characters begin in each token, int32 [tokens]."""


class Fitter(Protocol):
    """What fits a vocabulary, piece by piece."""

    def add(self, texts: np.ndarray) -> None:
        """Take in the texts of a piece."""

    def result(self) -> list[str]:
        """The vocabulary."""


@dataclass(frozen=True)
class TextOptions:
    """How texts become tokens: the most entries of a vocabulary, tokens of a row, and what a token is.

    normal_form: that words are brought into.
    """

    max_tokens: int = 10_000
    sequence_length: int = 100
    tokenizer: TokenizerName = "words"
    normal_form: NormalForm = NORMAL_FORM

    def __post_init__(self) -> None:
        if self.normal_form not in STANDARDIZE:
            raise ValueError(f"normal_form is {shown(self.normal_form)}. Expected one of: {', '.join(STANDARDIZE)}.")
        if self.tokenizer not in get_args(TokenizerName):
            names = ", ".join(get_args(TokenizerName))
            raise ValueError(f"tokenizer is {shown(self.tokenizer)}. Expected one of: {names}.")


USUAL = TextOptions()


def exact(tokenizer: Tokenizer | None) -> ExactTokenizer:
    """The tokenizer of a text that is to be made; raises ConfigError where it does not keep texts as they are."""
    if not isinstance(tokenizer, ExactTokenizer):
        raise ConfigError(
            "tokenizer=words leaves out case, punctuation and where a text ends. Expected characters, bytes or "
            "subwords, which keep texts as they are."
        )
    return tokenizer


def fitter(options: TextOptions) -> Fitter:
    """What fits the vocabulary of one text column."""
    return _module(options).fitter(options.max_tokens)


def tokenizer(options: TextOptions, vocabulary: Sequence[str]) -> Tokenizer:
    """The tokenizer of a fitted vocabulary."""
    return _module(options).make(vocabulary, options.normal_form)


def _module(options: TextOptions) -> ModuleType:
    return importlib.import_module(f"{__name__}.{options.tokenizer}")
