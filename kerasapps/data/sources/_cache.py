"""Arrays that take long to make, kept in the user's cache for later processes."""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kerasapps import startup


def cached_array(name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array called `name`, mapped from its file in the cache; what is missing or damaged is made, and put there.

    name: tells what the array is made from, versions included. A file appears whole or not at all, and has the hash of
    its bytes in its name. Where the cache cannot be written, the array only has to be made again next time.
    """
    try:
        folder = startup.cache_directory() / "data"
        found = [path for path in sorted(folder.glob(f"{name}-*.npy")) if path.stem == f"{name}-{_digest(path)}"]
        if found:
            return np.load(found[0], mmap_mode="r", allow_pickle=False)
    except (OSError, RuntimeError):
        return make()
    array = make()
    with contextlib.suppress(OSError):
        _write(folder, name, array)
    return array


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(folder: Path, name: str, array: np.ndarray) -> None:
    """Elsewhere first, because the name tells the hash of what was written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "array.npy"
        with path.open("wb") as file:
            np.save(file, array)
        path.rename(folder / f"{name}-{_digest(path)}.npy")
