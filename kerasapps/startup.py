"""Importing TensorFlow: once, timed, silently, and with a cache of the programs that XLA compiles."""

import hashlib
import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

_seconds: list[float] = []

CACHED_PROGRAMS = 200
_CACHE_FLAG = "--tf_xla_persistent_cache_directory"
_CACHE_NOISE = (b"cpu_aot_loader.cc", b"text_format.cc", b"All log messages before absl")
"""What TensorFlow's C++ says where it finds a program in the cache, in lines that have one of these."""


def import_tensorflow() -> None:
    """Import TensorFlow and Keras, unless they are there."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _use_compile_cache()
    started = time.perf_counter()
    with _native_stderr_held_back(lambda line: False):
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.config.list_physical_devices()  # looks for GPUs, and complains where there are none
        importlib.import_module("keras")
    _seconds.append(time.perf_counter() - started)


def take_import_seconds() -> float:
    """Seconds that import_tensorflow took, once; 0 afterwards, and where somebody else had imported it."""
    return _seconds.pop() if _seconds else 0.0


def compile_cache() -> Path:
    """Where compiled XLA programs lie for later processes: $KERASAPPS_CACHE, or the user's cache directory.

    What was compiled by another TensorFlow or for another processor lies elsewhere: it might not run here.
    """
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    base = Path(os.environ.get("KERASAPPS_CACHE") or f"{home}/kerasapps").expanduser()
    processor = platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor += next((line for line in lines if line.startswith("flags")), "")
    key = hashlib.sha256(f"{metadata.version('tensorflow')} {processor}".encode()).hexdigest()[:16]
    return base / "xla" / key


def clear_compile_cache() -> bool:
    """Remove the compiled programs; whether there were any."""
    files = [path for path in _cached_programs() if path.is_file()]
    for path in files:
        path.unlink(missing_ok=True)
    return bool(files)


@contextmanager
def compiling() -> Iterator[None]:
    """Within it TensorFlow does not say that it takes programs from the cache."""
    with _native_stderr_held_back(lambda line: not any(noise in line for noise in _CACHE_NOISE)):
        yield


def _use_compile_cache() -> None:
    """Have XLA keep what it compiles; not where the environment has it elsewhere, or it cannot be written."""
    flags = os.environ.get("TF_XLA_FLAGS", "")
    directory = compile_cache()
    if _CACHE_FLAG in flags or any(character.isspace() for character in str(directory)):
        return  # flags are parted by blanks, and cannot quote them
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in _cached_programs()[:-CACHED_PROGRAMS]:
            path.unlink(missing_ok=True)
    except OSError:
        return
    os.environ["TF_XLA_FLAGS"] = f"{flags} {_CACHE_FLAG}={directory}".strip()


def _cached_programs() -> list[Path]:
    """Those of our own cache, the oldest first."""
    return sorted(compile_cache().glob("*.pb"), key=lambda path: path.stat().st_mtime)


@contextmanager
def _native_stderr_held_back(is_told: Callable[[bytes], bool]) -> Iterator[None]:
    """Keep what is written to file descriptor 2; afterwards say the lines that `is_told` wants, after an error all.

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
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(before, 2)
            held.seek(0)
            os.write(before, b"".join(line for line in held if failed or is_told(line)))
            os.close(before)
