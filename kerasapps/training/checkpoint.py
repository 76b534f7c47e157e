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
    """arrays: every variable by name. state: position, plan, monitor and history, as JSON holds them."""

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
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The same of bytes."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def write_sums(directory: Path) -> None:
    """sha256.json: the sha256 of every other file of a directory; all of them synced."""
    sums = {path.name: _digest(path) for path in sorted(directory.iterdir())}
    (directory / "sha256.json").write_text(json.dumps(sums, indent=1), encoding="utf-8")
    for path in (*directory.iterdir(), directory):
        sync(path)


def check_sum(path: Path) -> None:
    """Raise CheckpointError where a file is not the one whose sha256 was saved beside it."""
    sums = path.with_name("sha256.json")
    try:
        expected = json.loads(sums.read_text(encoding="utf-8"))[path.name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{sums} is damaged: {error!r}") from error
    try:
        digest = _digest(path)
    except OSError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if digest != expected:
        raise CheckpointError(f"{path} is damaged: its sha256 is not the one saved with it.")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(directory: Path, step: int, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint as directory/<step> and drop all but the last two."""
    directory.mkdir(parents=True, exist_ok=True)
    _clear(directory)
    temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=directory))
    np.savez(temporary / "variables.npz", **checkpoint.arrays)
    (temporary / "state.json").write_text(json.dumps(checkpoint.state), encoding="utf-8")
    write_sums(temporary)
    final = directory / f"{step:012d}"
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    sync(directory)
    for path in list_checkpoints(directory)[:-KEEP]:
        shutil.rmtree(path, ignore_errors=True)
    return final


def _clear(directory: Path) -> None:
    """Remove what a killed process or a full disk left half written."""
    for path in directory.glob(".writing-*"):
        shutil.rmtree(path, ignore_errors=True)


def list_checkpoints(directory: Path) -> list[Path]:
    """Checkpoints, oldest first."""
    return sorted(path for path in directory.glob("[0-9]*") if path.is_dir())


def read(path: Path) -> Checkpoint:
    """One checkpoint, its sums checked first; raises CheckpointError naming the damaged file."""
    try:
        for name in ("variables.npz", "state.json"):
            check_sum(path / name)
        with np.load(path / "variables.npz", allow_pickle=False) as arrays:
            values = {name: arrays[name] for name in arrays.files}
        return Checkpoint(values, json.loads((path / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def set_aside_damaged(directory: Path) -> None:
    """Rename the newest checkpoints, as far as they are damaged, so that they count no more."""
    for path in reversed(list_checkpoints(directory)):
        try:
            read(path)
            return
        except CheckpointError:
            aside = path.with_name(f".damaged-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)  # of this step, set aside once before
            path.rename(aside)


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
