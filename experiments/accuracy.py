"""What the experiments reach over several seeds, each figure beside its bound.

    python experiments/accuracy.py --json docs/accuracy.json

The split is always that of split_seed 0, but for the rows that say "split = seed": a split of 30 test rows moves the
score more than any seed of the training does. --only NAME ... measures some experiments and leaves what is recorded of
the others, --seeds N fewer seeds. Fashion-MNIST's files are in $KERASAPPS_DATA. Measured: about two hours on two busy
cores, most of it for Fashion-MNIST.
"""

import argparse
import functools
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

# This checkout's own claims, wherever the script is called from.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.claims.claim import Claim, bound_of
from experiments.claims.measures import seconds_of
from experiments.claims.table import CLAIMS
from experiments.run import main_of


def measure(claim: Claim, most_seeds: int, run_of: Callable[[str, int, int], Any]) -> dict[str, Any]:
    """The claim's values over its seeds, what they come to, and whether the bound holds."""
    runs = [run_of(claim.experiment, seed, seed * claim.splits) for seed in range(min(claim.seeds, most_seeds))]
    values = [claim.measure(run) for run in runs]
    value = float(sum(values) if claim.counts else np.median(values))
    seconds = {name: float(np.median([seconds_of(run, name) for run in runs])) for name in ("train", "compile")}
    row = {"experiment": claim.experiment, "quantity": claim.shown}
    row |= {"seeds": len(runs), "value": value, "least": min(values), "most": max(values), "values": values}
    return {**row, "at_least": claim.at_least, "at_most": claim.at_most, "holds": claim.holds(value), **seconds}


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("experiment", "quantity", "seeds", "value", "least", "most", "bound", "", "train s", "compile s")
    for row in rows:
        bound = bound_of(row["at_least"], row["at_most"])
        verdict = ("holds" if row["holds"] else "MISSED") if bound else ""
        figures = [f"{row[name]:.4g}" for name in ("value", "least", "most")]
        seconds = [f"{row[name]:.1f}" for name in ("train", "compile")]
        table.add_row(row["experiment"], row["quantity"], str(row["seeds"]), *figures, bound, verdict, *seconds)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", default=[], help="experiments to measure")
    parser.add_argument("--seeds", type=int, default=10, help="seeds at most")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:

        @functools.cache
        def run_of(experiment: str, seed: int, split_seed: int) -> Any:
            return main_of(experiment)(
                seed=seed, split_seed=split_seed, run_dir=f"{folder}/{experiment}-{seed}-{split_seed}"
            )

        chosen = [claim for claim in CLAIMS if not given.only or claim.experiment in given.only]
        rows = [measure(claim, given.seeds, run_of) for claim in chosen]
    show(rows)
    if given.json:
        given.json.write_text(json.dumps(_with_recorded(rows, given.json), indent=1) + "\n", encoding="utf-8")
    return rows


def _with_recorded(rows: Sequence[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """`rows`, and those that a file has of claims that were not measured now, in the order of CLAIMS."""

    def key(row: dict[str, Any]) -> tuple[str, str]:
        return row["experiment"], row["quantity"]

    recorded = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    known = {key(row): row for row in (*recorded, *rows)}
    return [known[name] for claim in CLAIMS if (name := (claim.experiment, claim.shown)) in known]


if __name__ == "__main__":
    main()
