"""The sides of the comparison: which module runs each, where, and what it needs."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.peers.processes import Worker, versions_in


@dataclass(frozen=True)
class Side:
    """How a side is started. shown: its name in tables. packages: what its interpreter needs, the decisive one first.

    interpreter: "torch" or "jax", which may be another than this one. bounded: only cases that bound it have it.
    """

    name: str
    shown: str
    module: str
    packages: tuple[str, ...]
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    interpreter: str = ""
    bounded: bool = False

    def start(self, python: Path, folder: Path) -> Worker:
        """Its process, ready for commands."""
        command = [python, "-m", f"experiments.peers.{self.module}", folder, *self.words]
        return Worker(self.shown, command, self.environment)


_TENSORFLOW = {"packages": ("tensorflow", "keras"), "environment": {"KERAS_BACKEND": "tensorflow"}}
_JAX = {"packages": ("jax", "keras"), "environment": {"KERAS_BACKEND": "jax"}, "interpreter": "jax"}

SIDES = (
    Side("ours", "kerasapps", "ours", **_TENSORFLOW),
    Side("fit", "fit", "fit", **_TENSORFLOW),
    Side("bare_fit", "bare fit", "fit", words=("bare",), **_TENSORFLOW),
    Side("torch", "PyTorch", "pytorch", ("torch", "numpy"), interpreter="torch"),
    Side(
        "compiled_torch",
        "torch.compile",
        "pytorch",
        ("torch", "numpy"),
        ("compiled",),
        interpreter="torch",
        bounded=True,
    ),
    Side("jax", "fit on JAX", "fit", **_JAX),
)


@dataclass(frozen=True)
class Found:
    """A side and where it runs; versions of its packages; absent: why it cannot be measured, or ""."""

    side: Side
    python: Path
    versions: Mapping[str, str]
    absent: str


def find_side(side: Side, names: Sequence[str], given: Path | None) -> Found:
    """Where a side runs: in the interpreter that was given, else in this one; raises ConfigError where that is none.

    names: sides that are wanted, none meaning all; ours always is.
    """
    python = given or Path(sys.executable)
    if names and side.name not in {*names, "ours"}:
        return Found(side, python, {}, f"{side.name}: left out by --sides")
    versions = versions_in(python, side.packages)
    missing = [package for package in side.packages if package not in versions]
    where = f" in {given}" if given else ""
    return Found(side, python, versions, f"{' and '.join(missing)}: not installed{where}" if missing else "")


def find_sides(names: Sequence[str], pythons: Mapping[str, Path | None]) -> list[Found]:
    """Every side, in the order in which they take turns; pythons: by Side.interpreter. Raises ConfigError."""
    return [find_side(side, names, pythons.get(side.interpreter)) for side in SIDES]
