"""Booleans: strings [rows] such as true or no; as a target int32 [rows], 0 for false and 1 for true.

They become one entry: 1 for true, yes, t and 1, 0 for false, no, f and 0, in upper or lower case. Cells of a table are
booleans where all that are filled are such words, and not all of them 0 or 1. A target has the classes false and true.
"""

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds.category import outside
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_FALSE, _TRUE = ("false", "no", "f", "0"), ("true", "yes", "t", "1")
_WANTED = "true or false, yes or no, t or f, 1 or 0"


def _known(values: np.ndarray) -> np.ndarray:
    """Which strings [rows] say yes or no, in upper or lower case, between blanks of ASCII, as in the graph."""
    known = {*_FALSE, *_TRUE}
    return np.array([str(value).strip(string.whitespace).lower() in known for value in values], bool)


def _are(words: "tf.Tensor", known: tuple[str, ...]) -> "tf.Tensor":
    """Which strings [batch] are one of `known`, in upper or lower case, between blanks: bool [batch, 1]."""
    import tensorflow as tf

    return tf.reduce_any(tf.strings.lower(tf.strings.strip(words))[:, None] == tf.constant(known), 1, keepdims=True)


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of words that say neither; of a target, of what is not 0 or 1."""
    if is_target:
        return outside(values, 2)
    return np.flatnonzero(~_known(values)), _WANTED


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Words that say yes or no."""
    return _are(values, _FALSE + _TRUE)[:, 0], _WANTED


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector."""
    return Field(column.name, form, (1,), (column.name,), (column.name,))


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """Strings [batch] -> [batch, 1] of each column."""
    import keras

    true = keras.layers.Lambda(_are, output_shape=(1,), arguments={"known": _TRUE})
    return [keras.ops.cast(true(words), "float32") for words in inputs]


def classes(column: Column) -> tuple[str, ...]:
    """False is class 0."""
    return "false", "true"


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A boolean where all filled cells are such words, and not all of them 0 or 1."""
    filled = np.array([text for text in cells.texts if text])
    if not len(filled) or np.isin(filled, ("0", "1")).all() or not _known(filled).all():
        return None
    return Column(cells.name, "boolean"), np.array(cells.texts)
