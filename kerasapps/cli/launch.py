"""Train with several workers on this machine, which share every batch."""

import argparse
import os

from kerasapps.distribute.launch import launch
from kerasapps.errors import ConfigError


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps launch`."""
    made = argparse.ArgumentParser(
        "kerasapps launch",
        description=__doc__,
        usage="kerasapps launch --workers N [--restarts R] [--start-seconds S] --\n"
        "                        train APP ...",
        epilog="What worker K says begins with [K]. The batch size stays that of one process.",
        allow_abbrev=False,
    )
    made.add_argument("--workers", type=int, required=True, metavar="N", help="number of processes")
    made.add_argument(
        "--restarts",
        type=int,
        default=0,
        metavar="R",
        help="number of times that failed workers are restarted, from the last checkpoint of --run-dir",
    )
    made.add_argument(
        "--start-seconds", type=float, metavar="S", help="seconds to wait for a worker to start; default: 300"
    )
    return made


def run(arguments: list[str]) -> None:
    """Start the workers and wait for them; raises ConfigError, and ends with the status of the first that fails."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    if place == len(arguments) and "train" in arguments:
        raise ConfigError("-- is missing before train. Expected kerasapps launch --workers N -- train APP ...")
    given, command = parser().parse_args(arguments[:place]), arguments[place + 1 :]
    for name, least in (("workers", 1), ("restarts", 0)):
        if getattr(given, name) < least:
            raise ConfigError(f"--{name}={getattr(given, name)}: expected int >= {least}.")
    if command[:1] != ["train"]:
        raise ConfigError(
            f"After -- comes {' '.join(command) or 'nothing'}. Expected train APP ..., as without launch."
        )
    if given.restarts and not any(each.partition("=")[0] == "--run-dir" for each in command):
        raise ConfigError("--restarts needs to know which run to go on with: give --run-dir after train APP.")
    if os.environ.get("TF_CONFIG"):
        raise ConfigError("TF_CONFIG is set: this process is a worker itself. Unset it, or run train without launch.")
    if given.start_seconds is not None:
        os.environ["KERASAPPS_START_SECONDS"] = str(given.start_seconds)
    if status := launch(command, given.workers, given.restarts):
        raise SystemExit(status)
