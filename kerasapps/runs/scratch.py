"""Directories in which something is made before it takes its place; what a killed process left of them is swept."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".kerasapps-writing-"


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A new directory in `parent`, with the rights that the umask leaves; gone at the end, unless it was renamed.

    For as long as the process lives it holds a lock on the directory. Those on which nobody does are removed first.
    """
    _sweep(parent)
    path, descriptor = _made(parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def _made(parent: Path) -> tuple[Path, int]:
    """A directory, and the descriptor that holds its lock; another name where it was swept before it was locked."""
    while True:
        path = parent / f"{PREFIX}{secrets.token_hex(4)}"
        path.mkdir()
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY)
            if _locked(descriptor) is not False and path.exists():
                return path, descriptor
            os.close(descriptor)


def _sweep(parent: Path) -> None:
    for path in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if _locked(descriptor):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(descriptor)


def _locked(descriptor: int) -> bool | None:
    """Whether the lock of a directory could be had; None where the file system has no such locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
