"""Categories: strings [rows] of known classes; as a target int32 [rows], the numbers of the classes.

They become one entry per class but the first, 1 where the row is of it. An unknown class is refused before it would
look like the first: all zeros.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._words import check_no_numbers, check_recurring
from kerasapps.data.spec import Column, Field, Form, Source
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def outside(values: np.ndarray, classes: int) -> tuple[np.ndarray, str]:
    """Positions of what is no whole number from 0 to classes - 1, and what was expected."""
    whole = values.dtype.kind in "iu"
    rows = np.flatnonzero((values < 0) | (values >= classes)) if whole else np.arange(len(values))
    return rows, f"a class number from 0 to {classes - 1}"


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of words that are no class; of a target, of what is no class number."""
    if is_target:
        return outside(values, len(column.classes))
    known = {*column.classes}
    return np.flatnonzero([str(value) not in known for value in values]), _wanted(column)


def _wanted(column: Column) -> str:
    return f"one of {', '.join(column.classes)}"


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Words that are classes."""
    import tensorflow as tf

    return tf.reduce_any(values[:, None] == tf.constant(column.classes), axis=1), _wanted(column)


def check_table(column: Column, source: Source) -> None:
    """Refuses words that are numbers, or that nearly all differ."""
    check_no_numbers(source.name, column, column.classes)
    check_recurring(source, column)


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector per class but the first."""
    features = tuple(f"{column.name}={name}" for name in column.classes[1:])
    return Field(column.name, form, (len(features),), (column.name,), features)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """[batch, classes - 1] of each. The first class and all that is unknown share column 0, dropped."""
    import keras

    converted = []
    for part, words in zip(parts, inputs, strict=True):
        if len(part.column.classes) > 1:
            lookup = keras.layers.StringLookup(vocabulary=list(part.column.classes[1:]), output_mode="one_hot")
            converted.append(keras.ops.cast(lookup(words), "float32")[:, 1:])
    return converted


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """The names of class numbers; of a target the numbers, int32."""
    # TFDS writes -1 where the class is not known; it must not become the last one.
    names = np.array([*column.classes, ""])
    return np.stack(values).astype(np.int32) if is_target else names[np.stack(values)]
