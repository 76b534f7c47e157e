"""Runs on disk: those below a folder, and the one that a user names."""

import os
from pathlib import Path

from kerasapps.errors import CheckpointError, ConfigError

RUNS = Path("runs")
"""The folder in which runs lie unless another directory is given."""
LATEST = "latest"
_LISTED = 10
"""Candidates that a message names."""


def runs_below(folder: Path) -> list[Path]:
    """Directories with a config.yaml in a folder and the folders in it, the newest first; hidden ones are left out."""
    found = [path for path in folder.rglob("config.yaml") if not any(part[0] == "." for part in path.parts if part)]
    return [path.parent for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path), reverse=True)]


def find_run(given: str) -> Path:
    """The directory of a run: a path, "latest", or the name of a run below runs/ or how it begins, if one alone does.

    A name is that of the directory, with or without the folders between: 20250101T120000000Z-0, or with cnn/ before it.
    What exists as a path is returned as it is, and a run of the name latest before the newest. Raises ConfigError where
    several begin so, CheckpointError for none.
    """
    if os.path.lexists(given):
        return Path(given)
    found = runs_below(RUNS)
    named = [path for path in found if given in _names(path)]
    if given == LATEST and found and not named:
        return found[0]
    fitting = named or [path for path in found if any(name.startswith(given) for name in _names(path))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = ", ".join(map(str, fitting[:_LISTED])) + ", ..." * (len(fitting) > _LISTED)
        raise ConfigError(f"{given} begins the names of {len(fitting)} runs: {listed}. Give more of the name.")
    raise CheckpointError(
        f"{given} is no run: it has no config.yaml, and no run in {RUNS.absolute()} is called so. Expected a directory "
        f"that train has made, the name of a run as `kerasapps runs` lists it, or {LATEST}."
    )


def _names(path: Path) -> tuple[str, str]:
    return path.relative_to(RUNS).as_posix(), path.name
