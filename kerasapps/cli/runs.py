"""List runs, the newest or the best first, with what they reached."""

import argparse
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kerasapps.cli._show import print_json, print_note, print_table
from kerasapps.errors import CheckpointError, ConfigError
from kerasapps.runs.directory import read_config, read_record
from kerasapps.runs.found import RUNS, runs_below

_HEADS = ("run", "app", "data", "epochs", "val_loss", "test", "time")
_METRICS = ("validation", "test")


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps runs`."""
    made = argparse.ArgumentParser("kerasapps runs", description=__doc__, allow_abbrev=False)
    made.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, default=RUNS, help="folder of the runs; default: runs"
    )
    made.add_argument(
        "--sort",
        choices=("newest", "best"),
        default="newest",
        help="best: of each app and data, by the loss of the validation rows; default: newest",
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> None:
    """Print a row for each run in the folder and below it; raises ConfigError where there is no such folder."""
    given = parser().parse_args(arguments)
    if not os.path.isdir(given.folder):
        raise ConfigError(f"{given.folder} is no folder. Expected one with runs: kerasapps train makes {RUNS}.")
    found = _read(given.folder)
    if given.sort == "best":
        found.sort(key=_place)
    if given.json:
        print_json(found)
    elif found:
        print_table(str(given.folder), _HEADS, [_row(given.folder, about) for about in found])
    else:
        print_note(f"{given.folder} has no runs. `kerasapps train APP` makes one.")


def _read(folder: Path) -> list[dict[str, Any]]:
    """What is known of each run, the newest first; folders that are none, or damaged, are named and left out."""
    found = []
    for path in runs_below(folder):
        try:
            found.append(_about(path))
        except CheckpointError as error:
            print_note(f"left out: {error}")
    return found


def _about(path: Path) -> dict[str, Any]:
    """A run in plain values; raises CheckpointError. A run that was killed may have no record."""
    config, record = read_config(path), read_record(path)
    monitored = (record.get("history") or {}).get(config.get("monitor"), [])
    best = record.get("best_epoch") or 0
    return {
        "directory": str(path.absolute()),
        "app": config["app"],
        "data": config.get("data"),
        "status": _status(config, record),
        "started": datetime.fromtimestamp((path / "config.yaml").stat().st_mtime, UTC).isoformat(timespec="seconds"),
        "epochs": record.get("epochs"),
        "best_epoch": best or None,
        "monitor": config.get("monitor"),
        "monitored": monitored[best - 1] if 0 < best <= len(monitored) else None,
        **{split: record.get(split, {}) for split in _METRICS},
        "seconds": record.get("seconds", {}).get("total"),
    }


def _status(config: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Of a run that goes on for more epochs the record is still that of the fewer ones."""
    ended = record.get("epochs", 0) >= config.get("epochs", 0) or "stopped" in record
    status: str = record.get("status", "interrupted")
    return "interrupted" if status == "completed" and not ended else status


def _place(about: Mapping[str, Any]) -> tuple[str, str, float]:
    """Where a run stands among those of its app and data; one without a loss comes last."""
    return about["app"], str(about["data"]), about["validation"].get("loss", float("inf"))


def _row(folder: Path, about: Mapping[str, Any]) -> list[str]:
    path = Path(about["directory"]).relative_to(folder.absolute())
    name = path.name if path.parent.name == about["app"] else str(path)
    loss = about["validation"].get("loss")
    # The loss is the first metric of all tasks; what follows says more to people.
    test = next(reversed(list(about["test"].items())[:2]), None)
    return [
        name,
        about["app"],
        os.path.basename(str(about["data"])),
        " ".join(map(str, [about["epochs"] or 0, *[about["status"]] * (about["status"] != "completed")])),
        "" if loss is None else f"{loss:.4g}",
        "" if test is None else f"{test[0]} {test[1]:.4g}",
        "" if about["seconds"] is None else f"{about['seconds']:,.0f} s",
    ]
