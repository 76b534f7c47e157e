"""What a model is asked with on the command line beside its inputs: arguments as name=value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasapps.arguments import Argument, checked
from kerasapps.errors import ConfigError, unknown_name


def read_arguments(arguments: Mapping[str, Argument], given: Sequence[str]) -> dict[str, Any]:
    """The values of the arguments that are given: numbers parted by commas, classes by their names.

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
    return {name: checked(name, _read(text, arguments[name]), arguments[name]) for name, text in values.items()}


def _read(text: str, argument: Argument) -> np.ndarray | str:
    """The numbers [rows, ...], or the one, that a text gives; the text itself where it gives none, or is asked for."""
    if argument.is_text:
        return text
    shape, one = argument.default.shape, int if argument.whole else float
    words = list(_classes(text, argument.names)) if argument.names else text.split(",")
    try:
        return np.reshape([one(word) for word in words], (-1, *shape[1:]) if shape else ())
    except ValueError:
        return text


def _classes(text: str, names: Sequence[str]) -> Iterator[int]:
    """The numbers of classes named one after the other; of names that hold commas themselves the longest is meant."""
    named = re.compile(rf"\s*({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})\s*,")
    rest = f"{text},"
    while rest:
        found = named.match(rest)
        if not found:
            raise unknown_name("class", rest.partition(",")[0].strip(), names)
        yield names.index(found[1])
        rest = rest[found.end() :]
