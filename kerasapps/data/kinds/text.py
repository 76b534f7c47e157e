"""Texts: strings [rows], which become the numbers of their first words, or a vector of words and pairs of words.

The vocabulary has the most frequent words of the training rows; a vector has twice as many entries, as there are words
and pairs, and keeps of a text twice as many as tokens would. As a target the numbers are the labels, int32
[rows, T], with the weight 0 for what is padding and 1 for all else.
"""

import os
import statistics
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data import readers, tokenizers
from kerasapps.data.kinds import Fitter, Part
from kerasapps.data.kinds._filled import Mended
from kerasapps.data.kinds._words import BLANK, MOST_UNLIKE, check_no_numbers
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Forecast, Form, Source, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError, DataError, shown

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


_NAME = 5
"""Words of a long name."""
forms = ("tokens", "vector")
several_answers = True  # as a sentence has several translations


def _wanted(fill: bool) -> str:
    return f"a text {'' if fill else 'that is not empty, '}of whole characters of UTF-8"


def is_text(value: object, fill: bool = False) -> bool:
    """Whether it is a string with more than blanks in it, unless those may be missing, and of whole characters."""
    filled = isinstance(value, str) and (fill or bool(value.strip()))
    return filled and not any("\ud800" <= sign <= "\udfff" for sign in str(value))


def are_texts(texts: Sequence[str]) -> bool:
    """Whether most cells have several words, and more than half of all cells differ.

    What has no letter and no symbol is no word: "37.3 kg" and "3/14/2008 4:05 PM" have one, and are no texts.
    """
    several = sum(sum(map(_is_word, text.split())) > 1 for text in texts)
    return 2 * several > len(texts) and 2 * len(set(texts)) > len(texts)


def _is_word(part: str) -> bool:
    return any(sign.isalpha() or unicodedata.category(sign) == "So" for sign in part)


def _checked(texts: Sequence[str] | np.ndarray, where: Callable[[int], str], fill: bool = False) -> np.ndarray:
    """Strings [rows]; raises DataError for one that is empty, unless it may be, or has broken characters."""
    for i, text in enumerate(texts):
        if not is_text(text, fill):
            raise DataError(f"{where(i)}: {shown(text)}. Expected {_wanted(fill)}.")
    return np.array(texts, object)


def options(form: Form | None) -> tuple[str, ...]:
    """Of all options of texts a vector has no tokenizer."""
    return ("max_tokens", "sequence_length", *["tokenizer"] * (form != "vector"))


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of what is no text, or has blanks alone."""
    return np.flatnonzero([not is_text(text, column.fill) for text in values]), _wanted(column.fill)


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Texts of UTF-8 with more than blanks in them."""
    import tensorflow as tf

    whole = tf.strings.unicode_transcode(values, "UTF-8", "UTF-8") == values
    if column.fill:
        return whole, _wanted(True)
    return whole & tf.strings.regex_full_match(values, f"(?s).*[^{BLANK}].*"), _wanted(False)


def check_table(column: Column, source: Source) -> None:
    """Refuses texts that are numbers; texts should differ."""
    if column.fill:
        return
    pieces = [source.read(split, np.arange(size))[column.name] for split, size in source.sizes.items()]
    check_no_numbers(source.name, column, sorted({*np.concatenate(pieces)} - {""}))


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Fitter:
    """A vocabulary; of a vector words and pairs of words with their idf, at most twice as many."""
    if form != "vector":
        return tokenizers.fitter(texts)
    from kerasapps.data.tfidf import TermCounts

    return TermCounts(2 * texts.max_tokens)


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """Tokens, or a vector of all terms."""
    length = texts.sequence_length
    if form == "vector":
        terms = tuple(f"{column.name}={term}" for term, _ in fitted)
        return Field(column.name, form, (len(terms),), (column.name,), terms, packed=2 * length)
    tokenizer = tokenizers.tokenizer(texts, fitted)
    size = len(tokenizer.tokens)
    return Field(column.name, form, (length,), (column.name,), vocabulary=size, tokenizer=tokenizer)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """Strings [batch] -> tokens int32 [batch, time], or a packed vector float32 [batch, 2, terms]."""
    import keras

    ((_, field, fitted),) = parts
    if field.form == "vector":
        from kerasapps.data.tfidf import Tfidf

        return [Tfidf(fitted, field.packed)(inputs[0])]
    assert field.tokenizer is not None
    return [keras.ops.cast(field.tokenizer.layer(field.shape[0])(inputs[0]), "int32")]


def remark(column: Column, values: np.ndarray, field: Field, converted: np.ndarray) -> str:
    """Names a text that is cut, and one of which the model knows no word."""
    return " ".join(filter(None, (_cut(values, field, converted), _unknown(values, field, converted))))


def _cut(values: np.ndarray, field: Field, converted: np.ndarray) -> str:
    full, length = np.flatnonzero(converted[:, -1] != tokenizers.PADDING), field.shape[0]
    if field.tokenizer is None or not len(full):
        return ""
    longer = full[field.tokenizer.encode(values[full], length + 1)[:, -1] != tokenizers.PADDING]
    if not len(longer):
        return ""
    texts = f"{len(longer):,} texts are" if len(longer) > 1 else f"The text {shown(values[longer[0]])} is"
    return f"{texts} longer than the {length} tokens that the model sees: the rest is cut off."


def _unknown(values: np.ndarray, field: Field, converted: np.ndarray) -> str:
    known = converted[:, 1] > 0 if field.form == "vector" else converted >= tokenizers.SPECIAL_TOKENS
    unknown = np.flatnonzero(~known.any(axis=1))
    if not len(unknown):
        return ""
    first = shown(values[unknown[0]])
    named = f"{len(unknown)} texts, such as {first}," if len(unknown) > 1 else first
    return f"No word of {named} is known from training: the answer says nothing about what is meant."


def target(spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
    """A token at each place."""
    tokenizer = tokenizers.tokenizer(texts, statistics[spec.required_target.name])
    return Target("tokens", len(tokenizer.tokens), length=texts.sequence_length, tokenizer=tokenizer), None


def answers(values: np.ndarray, target: Target) -> dict[str, np.ndarray]:
    """Tokens int32 [rows, time]; 0 is padding."""
    assert target.tokenizer is not None
    return {"labels": target.tokenizer.encode(values, target.length)}


def read(column: Column, given: Sequence[str], fitted: list) -> np.ndarray:
    """Texts of tables, of .txt files, and texts given themselves."""
    return np.concatenate([_read(column, item) for item in given])


def _read(column: Column, given: str) -> np.ndarray:
    """Strings [rows]: of a table or a .txt file, or the one that was given itself."""
    path, suffix = Path(given), Path(given).suffix.lower()
    if not names_file(given):
        return _checked([given], lambda _: "The text given", column.fill)
    if readers.is_table(path):
        cells = readers.read_columns(path, [column])[column.name]
        return of_texts(column, cells.texts, cells.line)
    if suffix in readers.rows_formats("text"):
        return _checked(readers.read_rows(path, column), lambda i: f"{path}, line {i + 1}")
    raise ConfigError(f"{given} is a file of another kind. Expected texts, each one argument, .txt or .csv files.")


def names_file(given: str) -> bool:
    """Whether a file is meant, also one that is missing; "I hate README.txt" is a text where no such file is."""
    path = Path(given)
    if os.path.isfile(path):
        return True
    if not (readers.is_table(path) or path.suffix.lower() in readers.rows_formats()):
        return False
    in_folder = path.parent != Path() and os.path.isdir(path.parent)
    return in_folder or not any(map(str.isspace, given))


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A text where the cells look like sentences."""
    texts = [text for text in cells.texts if text] if cells.fill else cells.texts
    found = cells.forced or are_texts(texts)
    return (Column(cells.name, "text", fill=cells.fill), np.array(cells.texts, object)) if found else None


def doubt(column: Column, values: np.ndarray) -> str:
    """That the texts are rather names: short, and of each row another one."""
    several = len(values) > MOST_UNLIKE and len({*values}) == len(values)
    short = several and statistics.median(len(text.split()) for text in values) <= _NAME
    return f"{len(values):,} different texts in {len(values):,} rows" if short else ""


def mended(column: Column, fitted: list, values: np.ndarray) -> Mended:
    """Empty texts."""
    return Mended(sum(not text.strip() for text in values), "an empty text")


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """Strings [rows]; raises DataError for an empty one, or one of half characters."""
    return _checked(texts, lambda i: f"{where(i)}, column {column.title}", column.fill)


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """Strings [rows] of bytes."""
    # A text that is not UTF-8 keeps its wrong bytes as half surrogate pairs, by which its row is refused.
    return np.array([value.item().decode("utf-8", "surrogateescape") for value in values], object)
