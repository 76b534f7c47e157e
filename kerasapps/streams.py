"""The streams that commands write to, which may lack letters, be full, be closed, or have lost their reader.

Both escape what their encoding lacks. What is shown beside the work is dropped where nobody can read it, and the work
goes on; an answer that cannot be written is an error.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO, TypeVar, cast

from kerasapps.errors import ConfigError, ReaderLeft
from kerasapps.printable import printable

_Result = TypeVar("_Result")


class _Lenient:
    """A stream that drops what cannot be written: its reader has left, the disk is full, or it is closed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write `text` if that is possible."""
        try:
            return _written(self._stream, text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class _Strict:
    """A stream that raises ConfigError where it cannot be written, and ReaderLeft where nobody reads any longer."""

    def __init__(self, stream: TextIO, closed: bool) -> None:
        self._stream, self._closed = stream, closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write `text`."""
        if self._closed:
            raise _refused("it is closed")
        return _tried(lambda: _written(self._stream, text))

    def flush(self) -> None:
        """Flush."""
        _tried(self._stream.flush)


def _written(stream: TextIO, text: str) -> int:
    """Letters written; those that the encoding lacks, or half a surrogate pair, as in Python's own source."""
    try:
        return stream.write(text)
    except UnicodeEncodeError as error:
        return stream.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))


def _tried(work: Callable[[], _Result]) -> _Result:
    try:
        return work()
    except BrokenPipeError as error:
        raise ReaderLeft("The reader of stdout has left.") from error
    except OSError as error:
        raise _refused(str(error)) from error


def _refused(reason: str) -> ConfigError:
    return ConfigError(f"stdout cannot be written: {reason}. Make room, or send the answer to another place.")


def lenient(stream: TextIO | None) -> TextIO:
    """`stream` as one that drops what cannot be written; None, as Python has where there is no stderr, drops all."""
    return cast(TextIO, _Lenient(_nowhere() if stream is None else stream))


def strict(stream: TextIO | None) -> TextIO:
    """`stream` as one that raises a KerasappsError where it cannot be written, as None cannot."""
    return cast(TextIO, _Strict(_nowhere() if stream is None else stream, stream is None))


def say(*texts: str) -> None:
    """Write each text as a line on stderr, where that is possible."""
    for text in texts:
        print(printable(text), file=lenient(sys.stderr))


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def fill_descriptors() -> None:
    """Open /dev/null for those of 0 to 2 that are closed: else the next file would be taken for a stream."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
