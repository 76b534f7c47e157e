"""Importing TensorFlow: once, timed, silently, and with a cache of the programs that XLA compiles."""

import errno
import hashlib
import importlib
import logging
import os
import platform
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

from kerasapps.streams import lenient

_seconds: list[float] = []
_one_at_a_time = threading.Lock()

CACHED_PROGRAMS = 200
_ROOM = 32 << 20
"""Bytes that must be free for the cache: the programs of a run are smaller."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CACHE_FLAG = "--tf_xla_persistent_cache_directory"


def import_tensorflow() -> None:
    """Import TensorFlow and Keras, unless they are there. A second thread waits, with its messages, for the first."""
    with _one_at_a_time:
        logging.getLogger("tensorflow").addFilter(_is_no_retracing)  # no second time: it is the same function
        if "tensorflow" not in sys.modules:
            _import_tensorflow()


def _is_no_retracing(record: logging.LogRecord) -> bool:
    """Whether a warning is no advice on tf.function: a run that is asked anew has new functions, as it should."""
    return "triggered tf.function retracing" not in record.getMessage()


def _import_tensorflow() -> None:
    # At 2 it would say of each program that it takes from the cache that this is no error; what fails is raised.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _use_compile_cache()
    started = time.perf_counter()
    with _native_stderr_held_back():
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.config.list_physical_devices()  # looks for GPUs, and complains where there are none
        importlib.import_module("keras")
    _seconds.append(time.perf_counter() - started)


def thread_limits(threads: int) -> dict[str, str]:
    """Variables by which a process computes with so many threads, 0 = as many as there are cores.

    TensorFlow reads them when it computes for the first time. Sums of other threads differ by rounding.
    """
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return dict.fromkeys(names, str(threads)) if threads else {}


def take_import_seconds() -> float:
    """Seconds that import_tensorflow took, once; 0 afterwards, and where somebody else had imported it."""
    return _seconds.pop() if _seconds else 0.0


def cache_directory() -> Path:
    """What later processes may use again: $KERASAPPS_CACHE, or kerasapps in the user's cache directory; absolute.

    Raises RuntimeError where the user has no home.
    """
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("KERASAPPS_CACHE") or f"{home}/kerasapps").expanduser().absolute()


def processor() -> dict[str, str]:
    """What Linux says of a processor, such as "model name" and "flags" (ARM: "Features"); {} elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def compile_cache() -> Path:
    """Where compiled XLA programs lie for later processes, in the cache directory.

    What was compiled by another TensorFlow or for another processor lies elsewhere: it might not run here. Raises
    RuntimeError where the user has no home.
    """
    about = processor()
    features = about.get("flags", about.get("Features", ""))
    key = hashlib.sha256(f"{metadata.version('tensorflow')} {platform.machine()} {features}".encode()).hexdigest()[:16]
    return cache_directory() / "xla" / key


def clear_compile_cache() -> bool:
    """Remove the compiled programs; whether there were any."""
    with suppress(OSError, RuntimeError):
        programs = list(compile_cache().glob("*.pb*"))
        for path in programs:
            path.unlink(missing_ok=True)
        return bool(programs)
    return False


def _use_compile_cache() -> None:
    """Have XLA keep what it compiles; not where the environment has it elsewhere, or it cannot be written.

    A warning says so where that is for want of room.
    """
    flags = os.environ.get("TF_XLA_FLAGS", "")
    try:
        directory = compile_cache()
        if _CACHE_FLAG in flags or any(character.isspace() for character in str(directory)):
            return  # flags are parted by blanks, and cannot quote them
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:  # XLA would refuse to compile what it cannot keep
            os.posix_fallocate(probe.fileno(), 0, _ROOM)
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            warnings.warn(f"{directory} has no room: {error}. What XLA compiles is not kept there.", stacklevel=3)
        return
    os.environ["TF_XLA_FLAGS"] = f"{flags} {_CACHE_FLAG}={directory}".strip()
    with suppress(OSError):  # another process may remove one at the same time
        for path in sorted(directory.glob("*.pb"), key=lambda path: path.stat().st_mtime)[:-CACHED_PROGRAMS]:
            path.unlink(missing_ok=True)


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
    lenient(sys.stderr).flush()
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
