"""Importing TensorFlow: once, timed, and without what it says of itself on the way."""

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

_seconds: list[float] = []


def import_tensorflow() -> None:
    """Import TensorFlow and Keras, unless they are there."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    started = time.perf_counter()
    with _native_stderr_held_back():
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.config.list_physical_devices()  # looks for GPUs, and complains where there are none
        importlib.import_module("keras")
    _seconds.append(time.perf_counter() - started)


def take_import_seconds() -> float:
    """Seconds that import_tensorflow took, once; 0 afterwards, and where somebody else had imported it."""
    return _seconds.pop() if _seconds else 0.0


@contextmanager
def _native_stderr_held_back() -> Iterator[None]:
    """Keep what is written to file descriptor 2, and say it only if an error follows.

    TensorFlow's C++ reports features of the processor and missing GPUs there, whatever the log level.
    """
    try:
        before = os.dup(2)
    except OSError:  # a process without stderr
        yield
        return
    sys.stderr and sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(before, held.read())
            raise
        finally:
            os.dup2(before, 2)
            os.close(before)
