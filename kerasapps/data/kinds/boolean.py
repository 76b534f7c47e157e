"""Booleans: strings [rows] such as true or no; as a target int32 [rows], 0 for false and 1 for true.

They become one entry: 1 for true, yes, t and 1, 0 for false, no, f and 0, in upper or lower case. Cells of a table are
booleans where all that are filled are such words, and not all of them 0 or 1. A target has the classes false and true.
Where cells may be missing, the more frequent word of the training rows takes their place, and a second entry is 1 for
them where training rows had such.
"""

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._filled import Mended, Most, fits, is_missing, missing_in, missing_in_graph
from kerasapps.data.kinds.category import outside
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_FALSE, _TRUE = ("false", "no", "f", "0", "n"), ("true", "yes", "t", "1", "y")
_WANTED = "true or false, yes or no, t or f, 1 or 0"


def _known(values: np.ndarray) -> np.ndarray:
    """Which strings [rows] say yes or no, in upper or lower case, between blanks of ASCII, as in the graph."""
    known = {*_FALSE, *_TRUE}
    return np.array([str(value).strip(string.whitespace).lower() in known for value in values], bool)


def _is_true(word: str) -> bool:
    return word.strip(string.whitespace).lower() in _TRUE


def _are(words: "tf.Tensor", known: tuple[str, ...]) -> "tf.Tensor":
    """Which strings [batch] are one of `known`, in upper or lower case, between blanks: bool [batch, 1]."""
    import tensorflow as tf

    return tf.reduce_any(tf.strings.lower(tf.strings.strip(words))[:, None] == tf.constant(known), 1, keepdims=True)


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of words that say neither; of a target, of what is not 0 or 1."""
    if is_target:
        return outside(values, 2)
    known = _known(values) | missing_in(values) if column.fill else _known(values)
    return np.flatnonzero(~known), _WANTED


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Words that say yes or no."""
    known = _are(values, _FALSE + _TRUE)[:, 0]
    return known | missing_in_graph(values) if column.fill else known, _WANTED


class _MoreFrequent:
    """[true or false, 1 or 0]: which of the two is more frequent, and whether some are missing."""

    def __init__(self) -> None:
        self._words = Most("false")

    def add(self, values: np.ndarray) -> None:
        words = ["" if is_missing(str(value)) else str(_is_true(str(value))).lower() for value in values]
        self._words.add(np.array(words))

    def result(self) -> list:
        return self._words.result()


def fitter(column: Column, form: Form | None, texts: TextOptions) -> _MoreFrequent | None:
    """Of a column that is filled what takes the place of missing cells."""
    return _MoreFrequent() if column.fill else None


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector, and maybe one that says whether it is missing."""
    features = (column.title, f"{column.title}[missing]")[: 1 + bool(fitted and fitted[1])]
    return Field(column.name, form, (len(features),), (column.name,), features)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """Strings [batch] -> [batch, entries] of each column."""
    import keras

    true = keras.layers.Lambda(_are, output_shape=(1,), arguments={"known": _TRUE})
    converted = []
    for part, words in zip(parts, inputs, strict=True):
        if part.column.fill:
            given = {"most": part.fitted[0], "marked": part.fitted[1]}
            converted.append(keras.layers.Lambda(_entries, part.field.shape, arguments=given)(words))
        else:
            converted.append(keras.ops.cast(true(words), "float32"))
    return converted


def _entries(words: "tf.Tensor", most: str, marked: int) -> "tf.Tensor":
    """Strings [batch] -> float32 [batch, 1 + marked]."""
    import tensorflow as tf

    missing = missing_in_graph(words)
    true = _are(tf.where(missing, most, words), _TRUE)
    return tf.cast(tf.concat([true, missing[:, None]][: 1 + marked], axis=1), tf.float32)


def mended(column: Column, fitted: list, values: np.ndarray) -> Mended:
    """Missing cells, and the more frequent word."""
    return Mended(int(missing_in(values).sum()), f"the more frequent, {fitted[0]}")


def classes(column: Column) -> tuple[str, ...]:
    """False is class 0."""
    return "false", "true"


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A boolean where all filled cells are such words, and not all of them 0 or 1."""
    if cells.fill:
        return _of_filled(cells)
    filled = np.array([text for text in cells.texts if text])
    if not len(filled) or np.isin(filled, ("0", "1")).all() or not _known(filled).all():
        return None
    if "y" in (lower := {text.lower() for text in filled}) or "n" in lower:  # which earlier versions did not know
        return None
    return Column(cells.name, "boolean"), np.array(cells.texts)


def _of_filled(cells: Cells) -> tuple[Column, np.ndarray] | None:
    rows = [row for row, text in enumerate(cells.texts) if not is_missing(text)]
    known = _known(np.array([cells.texts[row] for row in rows]))
    if not cells.forced and (not known.all() or {cells.texts[row] for row in rows} <= {"0", "1"}):
        return None
    if not fits(cells, [row for row, good in zip(rows, known, strict=True) if not good], f"{_WANTED}."):
        return None
    return Column(cells.name, "boolean", fill=True), np.array(cells.texts)
