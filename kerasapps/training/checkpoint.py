"""Checkpoints that survive a power cut: written aside, synced, renamed; every file's sha256 checked before use."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.errors import CheckpointError

KEEP = 2


@dataclass(frozen=True)
class Checkpoint:
    """arrays: every variable by name. state: position, plan, hooks and history, as JSON holds them."""

    arrays: Mapping[str, np.ndarray]
    state: Mapping[str, Any]


def sync(path: Path) -> None:
    """Have the operating system put a file or directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Replace a file's text so that a reader or a power cut finds the old or the new, whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(directory: Path, step: int, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint as directory/<step> and drop all but the last two."""
    directory.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=directory))
    np.savez(temporary / "variables.npz", **checkpoint.arrays)
    (temporary / "state.json").write_text(json.dumps(checkpoint.state), encoding="utf-8")
    sums = {name: _digest(temporary / name) for name in ("variables.npz", "state.json")}
    (temporary / "sha256.json").write_text(json.dumps(sums), encoding="utf-8")
    for path in (*temporary.iterdir(), temporary):
        sync(path)
    final = directory / f"{step:012d}"
    if final.exists():  # a damaged one of the same step, passed over by restore
        shutil.rmtree(final)
    temporary.rename(final)
    sync(directory)
    _prune(directory)
    return final


def _prune(directory: Path) -> None:
    for path in list_checkpoints(directory)[:-KEEP]:
        shutil.rmtree(path, ignore_errors=True)
    for path in directory.glob(".writing-*"):
        shutil.rmtree(path, ignore_errors=True)


def list_checkpoints(directory: Path) -> list[Path]:
    """Checkpoints, oldest first."""
    return sorted(path for path in directory.glob("[0-9]*") if path.is_dir())


def read(path: Path) -> Checkpoint:
    """One checkpoint, its sums checked first; raises CheckpointError naming the damaged file."""
    try:
        sums = json.loads((path / "sha256.json").read_text(encoding="utf-8"))
        for name in ("variables.npz", "state.json"):
            if _digest(path / name) != sums[name]:
                raise CheckpointError(f"{path / name} is damaged: its sha256 is not the one saved with it.")
        with np.load(path / "variables.npz", allow_pickle=False) as arrays:
            values = {name: arrays[name] for name in arrays.files}
        return Checkpoint(values, json.loads((path / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def read_last(directory: Path) -> tuple[Checkpoint, list[str]]:
    """The newest whole checkpoint and what was wrong with those passed over; CheckpointError if none is left."""
    problems = []
    for path in reversed(list_checkpoints(directory)):
        try:
            return read(path), problems
        except CheckpointError as error:
            problems.append(str(error))
    found = " ".join(problems) or "There is none."
    raise CheckpointError(
        f"No usable checkpoint in {directory}. {found} Start a new run in another directory; nothing was restarted."
    )
