"""A trained run from its directory."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasapps.engine.parts import build_parts
from kerasapps.engine.state import assign_best
from kerasapps.errors import CheckpointError
from kerasapps.hparams import Hparams
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import moved, resolve_saved
from kerasapps.runs.found import find_run
from kerasapps.runs.run import Run

_EVALUATED = {"validation", "test", "classes", "baselines", "best_epoch"}
"""What a record says of the weights that were kept."""


def load(path: str | Path, data: str | None = None, data_dir: str | None = None) -> Run:
    """Load a run with the weights that it kept. Its data are not read.

    Args:
        path: Directory of the run; or "latest"; or the beginning of the run's name in `runs`.
        data: Where the data lie now, if they were moved.
        data_dir: Directory in which the data lie now, if they were moved.

    Returns:
        The run.

    Raises:
        ConfigError: Several runs have a name that begins so.
        CheckpointError: There is no run, it is damaged, or no epoch was finished.
    """
    path = find_run(os.fspath(path)).absolute()  # the process may go elsewhere
    app, options, hparams = resolve_saved(path)
    options = moved(options, {"data": data, "data_dir": data_dir})
    kept, _ = last_checkpoint(path)
    if not kept.state["history"]:
        raise CheckpointError(f"{path} has no finished epoch, so there is no model yet: --resume it, or train anew.")
    preprocess = directory.read_preprocess(path)
    parts = build_parts(app, options.builder, hparams, preprocess.layout, options.seed, options.precision)
    assign_best(parts, kept.arrays)
    record = directory.read_record(path)
    is_stale = record.get("history") != kept.state["history"]
    if is_stale:  # the record of an earlier stop, say, before a kill
        record = {name: value for name, value in record.items() if name not in _EVALUATED}
        record |= {"history": kept.state["history"], "epochs": kept.state["epoch"]}
        record["best_epoch"] = int(kept.arrays["engine/best_epoch"]) + 1
    if is_stale or not is_finished(kept, record, hparams):
        record["status"] = "failed" if record.get("status") == "failed" else "interrupted"
    return Run(path, app, options, hparams, preprocess, parts, record, draw)


def draw(run: Run) -> list[Path]:
    """Write the report of a run, which is what its method `report` does."""
    from kerasapps.report import report  # which imports Matplotlib

    return report(run)


def is_finished(kept: checkpoint.Checkpoint, record: Mapping[str, Any], hparams: Hparams) -> bool:
    """Whether a run has done all epochs, or has ended by itself before them; record: of the last checkpoint."""
    ended = kept.state.get("stop") or (record.get("status") == "completed" and record.get("stopped"))
    return kept.state["epoch"] >= hparams.epochs or bool(ended)


def last_checkpoint(path: Path) -> tuple[checkpoint.Checkpoint, dict[Path, str]]:
    """The newest whole checkpoint; warns of damaged ones that were passed over."""
    kept, problems = checkpoint.read_last(path / "checkpoints")
    for problem in problems.values():
        warnings.warn(f"{problem} The checkpoint before it is used.", stacklevel=3)
    return kept, problems
