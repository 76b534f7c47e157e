"""What is shown beside the work: where nobody can read it, the work goes on."""

import os
from contextlib import suppress
from typing import Any, TextIO, cast


class _Lenient:
    """A stream that drops what cannot be written: its reader has left, the disk is full, or it is closed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write `text` if that is possible."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def lenient(stream: TextIO | None) -> TextIO:
    """`stream` as one that drops what cannot be written; None, as Python has where there is no stderr, drops all."""
    return cast(TextIO, _Lenient(open(os.devnull, "w", encoding="utf-8") if stream is None else stream))
