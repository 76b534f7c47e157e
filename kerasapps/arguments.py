"""What a signature asks for besides columns: numbers, classes or a text, declared with the limits of settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.data.asserted import refusal
from kerasapps.data.spec import Target
from kerasapps.errors import LONGEST_VALUE, ConfigError, cut, shown
from kerasapps.settings import Limits

if TYPE_CHECKING:
    import tensorflow as tf

    from kerasapps.tensors import Values

LONGEST = 10_000
"""Characters of a text, where no other limit is given."""
_WORDS = {">=": "from", ">": "above", "<=": "to", "<": "and below"}


@dataclass(frozen=True, eq=False)
class Argument:
    """One thing that is asked for; see `argument`.

    default: NumPy, [rows, ...] or a scalar, whose type and shape are those of the exported input; a text is an object.
    limits: of every number, or of the length of the text.
    names: of classes, whose numbers the values are; () = they are no classes.
    wanted: what values are, in words.
    """

    default: np.ndarray
    limits: Limits
    wanted: str
    names: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether the value is a text."""
        return self.default.dtype.kind == "O"

    @property
    def whole(self) -> bool:
        """Whether values are whole numbers."""
        return self.default.dtype.kind in "iu"

    def hold(self, values: "Values") -> "bool | Values":
        """Which of `values`, tensors or NumPy numbers, are within the limits: what is not finite is not."""
        if not self.is_text:
            return self.limits.hold(values)
        from tensorflow import strings  # what only reads the command line does without

        return self.limits.fit(strings.length(values, "UTF8_CHAR")) & (_readable(values) == values)


def argument(default: np.ndarray | np.generic | str, **limits: Any) -> Argument:
    """An argument that is what `default` is: a text, or a number or numbers [rows, ...]; `limits` are those of Limits.

    By default whole numbers are from 0, other numbers are finite, and texts have at most LONGEST characters.
    """
    if isinstance(default, str):
        lengths = Limits(**{"longest": LONGEST, **limits})
        return Argument(np.array(default, object), lengths, f"a UTF-8 text of {lengths.lengths} characters")
    whole = default.dtype.kind in "iu"
    largest = np.iinfo(default.dtype).max if whole else float(np.finfo(default.dtype).max)
    least = {} if "above" in limits else {"minimum": 0 if whole else -largest}
    most = {} if "below" in limits else {"maximum": largest}
    within = Limits(**{**least, **most, **limits})
    bounds = " ".join(f"{_WORDS[sign]} {end}" for sign, end in within.bounds.items())
    wanted = f"{'whole ' * whole}numbers {bounds}" if whole or limits else "finite numbers"
    return Argument(np.asarray(default), within, wanted)


def class_numbers(default: np.ndarray, target: Target) -> Argument:
    """The Argument of classes of a target, such as `default` [rows]."""
    last = target.size - 1
    wanted = f"the numbers of classes, 0 ({target.names[0]}) to {last} ({target.names[-1]})"
    return Argument(np.asarray(default), Limits(0, maximum=last), wanted, target.names)


def checked(name: str, given: object, asked: Argument) -> np.ndarray:
    """`given` for the argument `name`, of its type; raises ConfigError for what cannot be it."""
    if asked.is_text:
        given = given.item() if isinstance(given, np.ndarray) and not given.ndim else given
        if not isinstance(given, str) or not _is_readable(given) or not asked.limits.fit(len(given)):
            raise ConfigError(f"{name}={shown(given)}. Expected {asked.wanted}.")
        return np.array(given, object)
    values, default = _array(given), asked.default
    fits = values.ndim == default.ndim and values.shape[1:] == default.shape[1:]
    fits = fits and values.dtype.kind in ("iu" if asked.whole else "iuf")
    outside = np.argwhere(~asked.hold(values)) if fits else np.zeros((0, 0), int)
    if fits and not len(outside):
        return values.astype(default.dtype)
    value = cut(str(given), LONGEST_VALUE)
    text = f"{name}={value}" if not values.ndim else f"{name} is {values.dtype} of the shape {values.shape}"
    if len(outside) and values.ndim:
        place = tuple(outside[0].tolist())
        text = f"{name}[{', '.join(map(str, place))}] is {values[place]}"
    shape = f"of the shape ({', '.join(map(str, ('rows', *default.shape[1:])))})" if default.ndim else "one alone"
    raise ConfigError(f"{text}. Expected {asked.wanted}, {shape}.")


def _is_readable(text: str) -> bool:
    return text.encode("utf-8", "ignore").decode() == text


def _array(given: object) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:  # rows of several lengths
        return np.array(None)


def _readable(texts: "Values") -> "tf.Tensor":
    """String tensors with a mark in the place of what is no UTF-8, which messages of TensorFlow cannot hold."""
    from tensorflow import strings

    return strings.unicode_transcode(texts, "UTF-8", "UTF-8")


def asserted(arguments: Mapping[str, Argument], given: "Mapping[str, tf.Tensor]") -> "dict[str, tf.Tensor]":
    """The tensors `given`, with assertions in the graph that their values are valid.

    Running the graph with invalid values raises tf.errors.InvalidArgumentError.
    """
    import tensorflow as tf

    found = []
    for name, asked in arguments.items():
        values, held = (tf.reshape(each, [-1]) for each in (given[name], asked.hold(given[name])))
        found.append(refusal(name, asked.wanted, values, held))
    with tf.control_dependencies(found):
        return {name: tf.identity(values) for name, values in given.items()}
