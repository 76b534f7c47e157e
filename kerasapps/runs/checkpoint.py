"""Checkpoints that survive a power cut: written aside, synced, renamed; every file's sha256 checked before use."""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.distribute.cluster import is_chief
from kerasapps.errors import CheckpointError
from kerasapps.runs.scratch import scratch


@dataclass(frozen=True)
class Checkpoint:
    """arrays: every variable by name. state: position, plan and history, as JSON holds them."""

    arrays: Mapping[str, np.ndarray]
    state: Mapping[str, Any]


def sync(path: Path) -> None:
    """Have the operating system put a file or directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Replace a file so that a reader or a power cut finds the old or the new, whole; the chief alone does it."""
    if not is_chief():
        return
    temporary = path.with_name(f".{path.name}.writing")  # one name, so that a killed process leaves one at most
    temporary.write_bytes(content)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def write_sums(directory: Path) -> None:
    """sha256.json: the sha256 of every other file of a directory; all of them synced."""
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}
    (directory / "sha256.json").write_text(json.dumps(sums, indent=1), encoding="utf-8")
    for path in (*directory.iterdir(), directory):
        sync(path)


def checked(path: Path) -> bytes:
    """A file's content; raises CheckpointError where it is not that whose sha256 was saved beside it."""
    sums = path.with_name("sha256.json")
    try:
        told = json.loads(sums.read_text(encoding="utf-8"))[path.name]
        expected = told if isinstance(told, list) else [told]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{sums} is damaged: {error!r}") from error
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if hashlib.sha256(content).hexdigest() not in expected:
        raise CheckpointError(f"{path} is damaged: its sha256 is not the one saved with it.")
    return content


def replace(path: Path, content: bytes) -> None:
    """Replace a file that `checked` reads; after a power cut it finds the old or the new.

    Meanwhile the sums of both are told. Raises CheckpointError where the old one is damaged.
    """
    old, sums = checked(path), path.with_name("sha256.json")
    known = json.loads(sums.read_text(encoding="utf-8"))
    before, after = (hashlib.sha256(each).hexdigest() for each in (old, content))
    write_bytes(sums, json.dumps({**known, path.name: [before, after]}, indent=1).encode())
    write_bytes(path, content)
    write_bytes(sums, json.dumps({**known, path.name: after}, indent=1).encode())


def save(directory: Path, step: int, checkpoint: Checkpoint, keep: int = 2) -> Path:
    """Write a checkpoint as directory/<step> and drop all but the last `keep`; the chief alone does it."""
    final = directory / f"{step:012d}"
    if not is_chief():
        return final
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.glob(".writing-*"):  # what a killed process of an earlier version left
        shutil.rmtree(path, ignore_errors=True)
    arrays: dict[str, Any] = dict(checkpoint.arrays)
    with scratch(directory) as temporary:
        np.savez(temporary / "variables.npz", **arrays)
        (temporary / "state.json").write_text(json.dumps(checkpoint.state), encoding="utf-8")
        write_sums(temporary)
        shutil.rmtree(final, ignore_errors=True)
        temporary.rename(final)
    sync(directory)
    for path in list_checkpoints(directory)[:-keep]:
        shutil.rmtree(path, ignore_errors=True)
    return final


def list_checkpoints(directory: Path) -> list[Path]:
    """Checkpoints, oldest first."""
    return sorted(path for path in directory.glob("[0-9]*") if path.is_dir())


def read(path: Path) -> Checkpoint:
    """One checkpoint, its sums checked first; raises CheckpointError naming the damaged file."""
    try:
        variables, state = (checked(path / name) for name in ("variables.npz", "state.json"))
        with np.load(io.BytesIO(variables), allow_pickle=False) as arrays:
            return Checkpoint(dict(arrays), json.loads(state))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def set_aside(damaged: Iterable[Path]) -> None:
    """Rename checkpoints so that they count no more; the chief alone does it."""
    for path in damaged if is_chief() else ():
        aside = path.with_name(f".damaged-{path.name}")
        shutil.rmtree(aside, ignore_errors=True)  # of this step, set aside once before
        path.rename(aside)


def read_last(directory: Path) -> tuple[Checkpoint, dict[Path, str]]:
    """The newest whole checkpoint, and those passed over with what was wrong; CheckpointError if none is left."""
    problems: dict[Path, str] = {}
    for path in reversed(list_checkpoints(directory)):
        try:
            return read(path), problems
        except CheckpointError as error:
            problems[path] = str(error)
    found = " ".join(problems.values()) or "There is none."
    raise CheckpointError(
        f"No usable checkpoint in {directory}. {found} Start a new run in another directory; nothing was restarted."
    )
