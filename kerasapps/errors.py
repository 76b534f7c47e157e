"""Every error a user can meet, one class per kind, each with its exit status.

Messages say what was given, what was expected and what to do.
"""

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

from kerasapps.printable import printable

LONGEST_VALUE = 200
"""Characters of a value that a message shows."""
LONGEST_MESSAGE = 10_000


class _Short(reprlib.Repr):
    """Of arrays, tensors and frames no values: type and shape, and the columns' names."""

    def repr_ndarray(self, x: Any, level: int) -> str:
        """An array of NumPy; of a single number the number."""
        return f"{x.dtype} {list(x.shape)}" if x.ndim else repr(x.item())

    repr_EagerTensor = repr_ndarray

    def repr_DataFrame(self, x: Any, level: int) -> str:
        """A frame of pandas."""
        return f"DataFrame {list(x.shape)} of {', '.join(map(str, x.columns[:10]))}{', ...' * (x.shape[1] > 10)}"

    def repr_Series(self, x: Any, level: int) -> str:
        """A column of pandas."""
        return f"Series {x.dtype} {list(x.shape)}"

    def repr_instance(self, x: Any, level: int) -> str:
        """Anything else; of what has a shape, such as a sparse matrix, the type and shape."""
        dense = hasattr(x, "shape") and hasattr(x, "dtype")
        return f"{type(x).__name__} {x.dtype} {list(x.shape)}" if dense else super().repr_instance(x, level)

    def repr_list(self, x: list, level: int) -> str:
        """A list; of rows as dicts the names alone."""
        if x and all(isinstance(row, dict) for row in x):
            return f"a list of {len(x):,} dicts of {', '.join(map(str, list(x[0])[:10]))}"
        return super().repr_list(x, level)


_short = _Short()
_short.maxlevel, _short.maxdict, _short.maxlist, _short.maxtuple = 3, 10, 20, 20
_short.maxstring = _short.maxlong = _short.maxother = LONGEST_VALUE


def shown(value: object) -> str:
    """`value` as Python writes it, cut in the middle where it is long; never more of it is written than is shown."""
    try:
        return cut(_short.repr(value), LONGEST_VALUE)
    except ValueError:  # an int of more digits than Python writes
        return f"a number of the type {type(value).__name__} with thousands of digits"


def cut(text: str, longest: int) -> str:
    """`text`, without its middle where it is longer."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"


class KerasappsError(Exception):
    """Base of all errors raised on purpose by kerasapps; a message is cut in the middle where it is very long."""

    exit_status = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(cut(message, LONGEST_MESSAGE))

    def __str__(self) -> str:
        return printable(super().__str__())


class ConfigError(KerasappsError, ValueError):
    """A wrong argument: unknown name, value out of range, impossible combination."""

    exit_status = 2


class DataError(KerasappsError):
    """Data that is missing, corrupt or out of range; names the file, row and column."""

    exit_status = 3


class MissingData(DataError):
    """The data of a run are no longer where they were."""


class TrainingError(KerasappsError):
    """Training failed, for example with a loss that is no longer finite."""

    exit_status = 4


class CheckpointError(KerasappsError):
    """A run, checkpoint or model that is damaged or does not fit."""

    exit_status = 5


class ReaderLeft(KerasappsError):
    """Nobody reads the answer of a command any longer, as after `| head`; status as of a process that SIGPIPE ends."""

    exit_status = 128 + 13


class Interrupted(KerasappsError):
    """Training was stopped by the user and can be resumed."""

    exit_status = 130


def missing_columns(names: Sequence[str]) -> str:
    """What a message says of them: "the column a is missing", or "the columns a, b are missing"."""
    one = len(names) == 1
    return f"the column{'' if one else 's'} {', '.join(names)} {'is' if one else 'are'} missing"


def unknown_name(kind: str, given: str, valid: Iterable[str]) -> ConfigError:
    """An error for a name that is not among `valid`, naming the nearest one and listing all."""
    valid = sorted(valid)
    nearest = difflib.get_close_matches(given[:LONGEST_VALUE], valid, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return ConfigError(f"Unknown {kind} {shown(given)}.{hint} Expected one of: {', '.join(valid)}.")
