"""What a signature asks for in the place of raw inputs, given as name=value on the command line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasapps.arguments import Argument, checked
from kerasapps.errors import ConfigError, unknown_name


def read_arguments(arguments: Mapping[str, Argument], given: Sequence[str]) -> dict[str, Any]:
    """Each argument's value: that given, several parted by commas, classes by their names; or its default.

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
        name: checked(name, _read(values[name], argument), argument) if name in values else argument.default
        for name, argument in arguments.items()
    }


def _read(text: str, argument: Argument) -> Any:
    """The numbers [rows, ...], or the one, that a text gives; the text itself where it gives none, or is asked for."""
    shape = argument.default.shape
    if argument.is_text:
        return text
    if argument.names:
        numbers = np.array(list(_classes(text, argument.names)))
    else:
        try:
            numbers = np.array([(int if argument.whole else float)(word) for word in text.split(",")])
        except ValueError:
            return text
    if not shape:
        return numbers[0] if len(numbers) == 1 else text
    return text if numbers.size % np.prod(shape[1:], dtype=int) else numbers.reshape(-1, *shape[1:])


def _classes(text: str, names: Sequence[str]) -> Iterator[int]:
    """The numbers of classes named one after the other; of names that hold commas themselves the longest is meant."""
    words, first = text.split(","), 0
    numbers, most = {name: i for i, name in enumerate(names)}, 1 + max(name.count(",") for name in names)
    while first < len(words):
        starts = ((n, ",".join(words[first : first + n]).strip()) for n in range(most, 0, -1))
        taken, name = next(((n, start) for n, start in starts if start in numbers), (0, ""))
        if not taken:
            raise unknown_name("class", words[first].strip(), names)
        yield numbers[name]
        first += taken
