"""Objects of the caller, for the processes of trials: a pickle, and files of the large arrays in it.

DIR/own/object.pickle    the objects (cloudpickle: functions of a script or notebook by their code)
DIR/own/<sha256>.bytes   a large array; all trials map the same file into memory
"""

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np

from kerasapps.errors import ConfigError
from kerasapps.runs.checkpoint import write_bytes

LARGE = 1 << 16
"""Bytes from which on an array has a file of its own."""


@dataclass(frozen=True)
class Pickled:
    """content: the pickle. order: of its large arrays, each the sha256 of the bytes. digest: of all its arrays."""

    content: bytes
    order: Sequence[str]
    arrays: Mapping[str, memoryview]
    digest: str

    def store(self, directory: Path) -> None:
        """Write what is not there yet of a search."""
        own = directory / "own"
        own.mkdir(exist_ok=True)
        for name in self.order:
            if not (own / f"{name}.bytes").exists():
                write_bytes(own / f"{name}.bytes", self.arrays[name])
        write_bytes(own / "object.pickle", self.content)


def pickled(value: object, name: str) -> Pickled:
    """The pickle of `value`, called `name` in messages; raises ConfigError for what cannot be sent to a process."""
    arrays: dict[str, memoryview] = {}
    order: list[str] = []

    def is_small(buffer: pickle.PickleBuffer) -> bool:
        content = buffer.raw()
        key = hashlib.sha256(content).hexdigest()
        arrays[key] = content
        if content.nbytes >= LARGE:
            order.append(key)
        return content.nbytes < LARGE

    try:
        content = cloudpickle.dumps(value, protocol=5, buffer_callback=is_small)
        pickle.loads(content, buffers=[arrays[key] for key in order])
    except Exception as error:  # whatever the caller's classes raise
        raise ConfigError(
            f"{name} and its arguments cannot be sent to the processes of trials: {error!r}. Give arrays, and make "
            "what cannot be pickled, such as datasets, inside of HyperModel.fit."
        ) from error
    return Pickled(content, order, arrays, hashlib.sha256("".join(arrays).encode()).hexdigest())


def load_stored(directory: Path, order: Sequence[str]) -> Any:
    """The objects, new ones at each call; the arrays are mapped, and what is written to them stays in this process."""
    own = directory / "own"
    buffers = [np.memmap(own / f"{name}.bytes", mode="c") for name in order]
    return pickle.loads((own / "object.pickle").read_bytes(), buffers=buffers)
