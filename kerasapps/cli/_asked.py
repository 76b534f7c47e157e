"""What a signature asks for in the place of raw inputs, given as name=value on the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasapps.errors import ConfigError, unknown_name

LABELS, NUMBER = "labels", "number"
"""Arguments whose values are names of classes, and how many rows are asked for."""
MOST = 10_000
"""Rows that are made at once."""


def read_arguments(arguments: Mapping[str, Any], classes: Sequence[str], given: Sequence[str]) -> dict[str, np.ndarray]:
    """Each argument's value: that given, several parted by commas, or its example's.

    Raises ConfigError for what is no name=value, for an unknown name, and for what is no value of it.
    """
    pairs = [text.partition("=") for text in given]
    for text, (name, equals, _) in zip(given, pairs, strict=True):
        if not equals:
            raise ConfigError(f"{text}: this model takes no inputs. Expected name=value, of {', '.join(arguments)}.")
        if name not in arguments:
            raise unknown_name("argument", name, arguments)
    values = {name: value for name, _, value in pairs}
    if len(values) < len(pairs):
        raise ConfigError(f"{' '.join(given)}: expected each argument once.")
    return {
        name: _value(name, values[name], np.asarray(example), classes) if name in values else np.asarray(example)
        for name, example in arguments.items()
    }


def _value(name: str, text: str, example: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    words = text.split(",") if example.ndim else [text]
    if name == LABELS:
        return np.array([_class(word, classes) for word in words], example.dtype)
    whole = example.dtype.kind in "iu"
    try:
        values = np.array([int(word) if whole else float(word) for word in words])
    except ValueError:
        values = np.array([np.nan])
    largest = np.iinfo(example.dtype).max if whole else np.finfo(example.dtype).max
    least = 0 if whole else -largest
    if name == NUMBER:
        least, largest = 1, MOST
    if not np.all((values >= least) & (values <= largest)):
        wanted = f"whole numbers from {least} to {largest}" if whole else "finite numbers"
        raise ConfigError(f"{name}={text}: expected {wanted}, such as {name}={np.ravel(example)[0]}.")
    return values.astype(example.dtype) if example.ndim else example.dtype.type(values[0])


def _class(word: str, classes: Sequence[str]) -> int:
    """The number of a class by its name."""
    if word not in classes:
        raise unknown_name("class", word, classes)
    return list(classes).index(word)
