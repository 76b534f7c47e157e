"""Categories: strings [rows] of known classes; as a target int32 [rows], the numbers of the classes.

They become one entry per class but the first, 1 where the row is of it. An unknown class is refused before it would
look like the first: all zeros.

Where cells may be missing, words that differ only in case or blanks are one class. Only classes of the training rows
have entries, and the most frequent of them takes the place of one that is unseen. It does so of a missing one, an empty
text, too, or where training rows had such, there is one more entry for it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._filled import Mended, Most
from kerasapps.data.kinds._words import BLANK, MOST_UNLIKE, check_no_numbers, check_recurring
from kerasapps.data.kinds._written_dates import are_unread
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Form, Source
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


MOST_CLASSES = 50
"""Of an input that nobody says is a category."""


def outside(values: np.ndarray, classes: int) -> tuple[np.ndarray, str]:
    """Positions of what is no whole number from 0 to classes - 1, and what was expected."""
    whole = values.dtype.kind in "iu"
    rows = np.flatnonzero((values < 0) | (values >= classes)) if whole else np.arange(len(values))
    return rows, f"a class number from 0 to {classes - 1}"


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of words that are no class; of a target, of what is no class number."""
    if is_target:
        return outside(values, len(column.classes))
    if column.fill:
        return np.zeros(0, np.int64), _wanted(column)
    known = {*column.classes}
    return np.flatnonzero([str(value) not in known for value in values]), _wanted(column)


def _wanted(column: Column) -> str:
    return f"one of {', '.join(column.classes)}"


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor | None, str]":
    """Words that are classes."""
    import tensorflow as tf

    if column.fill:
        return None, ""

    return tf.reduce_any(values[:, None] == tf.constant(column.classes), axis=1), _wanted(column)


def check_table(column: Column, source: Source) -> None:
    """Refuses words that are numbers, or that nearly all differ."""
    if not column.fill:
        check_no_numbers(source.name, column, column.classes)
    check_recurring(source, column)


def doubt(column: Column, values: np.ndarray) -> str:
    """That nearly all rows have a class of their own, or there are more classes than a model should have by itself."""
    filled, classes = int((values != "").sum()), len(column.classes)
    if not filled:
        return "empty"
    many = classes > MOST_CLASSES or classes > max(MOST_UNLIKE, filled / 2)
    if many and are_unread(column.classes):
        return "dates with offsets or years of two digits, which are not read: write 2001-12-31T23:59"
    return f"{classes:,} classes in {filled:,} rows" if many else ""


class _Seen:
    """[most frequent class, 1 or 0, classes]: whether some cells are missing, and the classes that others have."""

    def __init__(self, column: Column) -> None:
        self._column, self._most, self._words = column, Most(""), set[str]()

    def add(self, values: np.ndarray) -> None:
        self._most.add(values)
        self._words.update(values.tolist())

    def result(self) -> list:
        most, missing = self._most.result()
        seen = [name for name in self._column.classes if name in self._words]
        return [most, int(missing and bool(seen)), seen]


def fitter(column: Column, form: Form | None, texts: TextOptions) -> _Seen | None:
    """Of a column that is filled the classes of the training rows, and whether cells are missing."""
    return _Seen(column) if column.fill else None


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector per class but the first, and maybe one for missing ones."""
    _, marked, seen = fitted or ("", 0, column.classes)
    features = tuple(f"{column.title}={name}" for name in seen[1:]) + (f"{column.title}[missing]",) * marked
    return Field(column.name, form, (len(features),), (column.name,), features)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """[batch, classes - 1] of each. The first class and all that is unknown share column 0, dropped."""
    import keras

    converted = []
    for part, words in zip(parts, inputs, strict=True):
        if part.column.fill and part.field.features:
            most, marked, seen = part.fitted
            given = {"keys": [*map(key_of, seen)], "most": key_of(most), "marked": marked}
            layer = keras.layers.Lambda(_entries, (len(part.field.features),), arguments=given)
            converted.append(layer(words))
        elif not part.column.fill and len(part.column.classes) > 1:
            lookup = keras.layers.StringLookup(vocabulary=list(part.column.classes[1:]), output_mode="one_hot")
            converted.append(keras.ops.cast(lookup(words), "float32")[:, 1:])
    return converted


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """The names of class numbers; of a target the numbers, int32."""
    # TFDS writes -1 where the class is not known; it must not become the last one.
    names = np.array([*column.classes, ""])
    return np.stack(values).astype(np.int32) if is_target else names[np.stack(values)]


def key_of(word: str) -> str:
    """What is equal of words that differ only in case or blanks, as in the graph."""
    return " ".join(word.lower().split())


def _entries(words: "tf.Tensor", keys: Sequence[str], most: str, marked: int) -> "tf.Tensor":
    """Strings [batch] -> float32 [batch, classes - 1 + marked]."""
    import tensorflow as tf

    blanks = tf.strings.regex_replace(words, f"[{BLANK}]+", " ")
    found = tf.strings.strip(tf.strings.lower(blanks, encoding="utf-8"))
    missing = found == ""
    known = tf.reduce_any(found[:, None] == tf.constant(keys), axis=1)
    found = tf.where(known | (missing & bool(marked)), found, most)
    return tf.cast(found[:, None] == tf.constant([*keys[1:], *[""] * marked]), tf.float32)


def understood(column: Column, text: str) -> str:
    """The class that a word is of, as it is written most often; a word that is of none as it is."""
    return {key_of(name): name for name in column.classes}.get(key_of(text), text) if column.fill else text


def of_words(cells: Cells) -> tuple[Column, np.ndarray]:
    """The category that a column of a table is."""
    if not cells.fill:
        return Column(cells.name, "category", classes=tuple(sorted(set(cells.texts) - {""}))), np.array(cells.texts)
    names = spellings(cells.texts)
    column = Column(cells.name, "category", classes=tuple(sorted({*names.values()})), fill=True)
    return column, np.array([names.get(key_of(text), "") for text in cells.texts])


def spellings(texts: Sequence[str]) -> dict[str, str]:
    """Of each class of words, by what their spellings have in common, the most frequent spelling; "" is none."""
    names: dict[str, str] = {}
    for text, _ in sorted(Counter(filter(None, texts)).items(), key=lambda counted: (-counted[1], counted[0])):
        names.setdefault(key_of(text), text)
    return names


def mended(column: Column, fitted: list, values: np.ndarray) -> Mended:
    """Missing and unseen classes."""
    most, marked, seen = fitted
    keys, known = [key_of(str(word)) for word in values], {*map(key_of, seen), ""}
    unseen = tuple(str(word) for word, key in zip(values, keys, strict=True) if key not in known)
    stand_in = f"the most frequent, {most}" if most else "nothing, as no row has a class"
    return Mended(keys.count(""), "the class missing" if marked else stand_in, unseen, most)
