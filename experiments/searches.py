"""Time of a search beside KerasTuner's and Optuna's, of the same trials.

    python experiments/searches.py --json docs/searches.json

The trials are those of a random search of the application's own space. Every side is a process of its own and is timed
from its start to its end, importing TensorFlow counted in; the best score is the least validation loss of an epoch.
Measured: 15 minutes on two cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# This checkout's own package and peers, wherever the script is called from and whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from experiments.peers.processes import ROOT

AT_LEAST = {"KerasTuner RandomSearch": 3.0, "Optuna, n_jobs=2": 2.0}
"""Times that a side has to take at least."""
PEERS = {"KerasTuner RandomSearch": "kerastuner", "Optuna, n_jobs=2": "optuna"}


def measure(app: str, data: str, trials: int, epochs: int | None, jobs: int = 2) -> list[dict[str, Any]]:
    """A row for each side; raises CalledProcessError where one fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = folder / "search"
        given = [app, "--data", data, "--trials", str(trials), "--jobs", str(jobs), "--objective", "val_loss"]
        given += ["--directory", str(found), *(["--epochs", str(epochs)] if epochs else [])]
        own = _timed([sys.executable, "-m", "kerasapps", "tune", *given, "--json"])
        best = min(trial["score"] for trial in own.pop("answer")["trials"])
        _hand_over(found, folder)
        peers = {
            side: _timed([sys.executable, "-m", "experiments.peers.searches", str(folder), word, str(jobs)])
            for side, word in PEERS.items()
        }
    rows = [{"side": "kerasapps", "best": best, **own}]
    rows += [{"side": side, "best": peer.pop("answer")["best"], **peer} for side, peer in peers.items()]
    about = {"app": app, "data": data, "trials": trials, "jobs": jobs}
    return [{**about, **row, **_ratio(row, own["seconds"])} for row in rows]


def _timed(command: Sequence[str]) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "answer": json.loads(done.stdout.splitlines()[-1])}


def _hand_over(search: Path, folder: Path) -> None:
    """Write the rows that the first trial was trained on, as it takes them, and the hyperparameters of all trials."""
    from kerasapps.runs.load import load
    from kerasapps.runs.run import rows_of_run
    from kerasapps.settings import values_of
    from kerasapps.tuning.outcomes import read_outcomes, trial_path

    run = load(trial_path(search, 0))
    rows = rows_of_run(run.directory, run.options, run.preprocess.spec)
    arrays = {}
    for split in ("train", "validation"):
        columns = rows[split].read()
        arrays[f"{split}_inputs"] = next(iter(run.preprocess.apply(columns).values()))
        arrays[f"{split}_labels"] = run.preprocess.labels(columns)
    np.savez(folder / "rows.npz", **arrays)
    outcomes = read_outcomes(search)
    trials = [{**values_of(run.hparams), **outcomes[trial].fields} for trial in sorted(outcomes)]
    (folder / "trials.json").write_text(json.dumps(trials), encoding="utf-8")


def _ratio(row: dict[str, Any], seconds: float) -> dict[str, Any]:
    """How many times as long a side takes as the application."""
    bound, times = AT_LEAST.get(row["side"]), row["seconds"] / seconds
    return {"times": times, **({} if bound is None else {"at_least": bound, "holds": times >= bound})}


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    from experiments.peers.show import number

    table = Table("side", "trials", "seconds", "times kerasapps", "wanted", "least validation loss")
    for row in rows:
        wanted = f">= {row['at_least']:g}" if "at_least" in row else ""
        best = number(row["best"], 4)
        table.add_row(row["side"], str(row["trials"]), f"{row['seconds']:.0f}", number(row["times"]), wanted, best)
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--app", default="mlp", help="a multi-layer perceptron")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--epochs", type=int, help="of every trial; default: the application's")
    given = parser.parse_args(argv)
    measured = measure(given.app, given.data, given.trials, given.epochs)
    show(measured)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return measured


if __name__ == "__main__":
    main()
