"""The argument RUN that most commands take."""

import argparse
import os
from typing import TYPE_CHECKING

from kerasapps.errors import CheckpointError
from kerasapps.runs.found import LATEST, find_run

if TYPE_CHECKING:
    from kerasapps.runs.run import Run


def run_parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser of RUN, --data, --data-dir and --json."""
    parser = argparse.ArgumentParser(f"kerasapps {command}", description=description, allow_abbrev=False)
    parser.add_argument("run", metavar="RUN", help=f"directory of a run; or {LATEST}, or how its name in runs begins")
    parser.add_argument("--data", metavar="PATH", help="path of the run's data, if they were moved")
    parser.add_argument("--data-dir", metavar="DIR", help="directory of the run's data, if it was moved")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def load_run(path: str, data: str | None = None, data_dir: str | None = None) -> "Run":
    """The run that `path` means as find_run has it, its data at another place where one is given.

    Raises CheckpointError and ConfigError, without importing TensorFlow for no run.
    """
    found = find_run(path)
    if not os.path.isfile(found / "config.yaml"):
        raise CheckpointError(f"{path} is no run: it has no config.yaml. Expected a directory that train has made.")
    import kerasapps

    return kerasapps.load(found, data, data_dir)
