"""What a search finds beside the application's defaults: both trained again with seeds that the search has not used.

    python experiments/tuned.py --json docs/tuned.json

The search chooses by the score on validation; both are compared on validation and reported on test.
Measured: 50 minutes on two cores.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# This checkout's own package, wherever the script is called from and whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import kerasapps
from kerasapps.tuning.best import Retrained, retrain


class Case(NamedTuple):
    """An application and its data, how many trials a search of it has, and what they score.

    search: the parameters that are searched; () = all of the application's space.
    """

    app: str
    data: str
    trials: int
    objective: str = "val_loss"
    search: tuple[str, ...] = ()


CASES = (
    Case("mlp", "digits", 40),
    Case("mlp", "breast_cancer", 40),
    Case("cnn", "mnist_5k", 24),
    Case("rnn", "reviews", 16),
    # Eight trials over its whole space had found nothing better, and not every seed learned.
    Case("transformer", "reviews", 3, search=("learning_rate=0.0005,0.001,0.002",)),
)


def measure(case: Case, seeds: int, folder: Path, **given: Any) -> dict[str, Any]:
    """The defaults beside the best of a search; folder: of the search, which goes on where it is there."""
    app, data, trials, objective, searched = case
    directory = str(folder / f"{app}-{data}")
    given |= {"data": data, "trials": trials, "objective": objective, "tuner": "bayesian", "jobs": 2}
    search = kerasapps.tune(app, **given, **({"search": list(searched)} if searched else {}), directory=directory)
    default, best = retrain(search.directory, seeds, trial=0), retrain(search.directory, seeds)
    about = {**case._asdict(), "seeds": seeds, "fields": best.outcome.fields, "trial": best.outcome.trial}
    return {**about, "default": _metrics(default), "tuned": _metrics(best)}


def _metrics(runs: Retrained) -> dict[str, Any]:
    """Split -> metric -> the values of all runs."""
    return {
        split: {name: values.tolist() for name, values in runs.metrics(split).items()}
        for split in ("validation", "test")
    }


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows on stdout, a line for each cell: what was found is long."""
    from experiments.claims.searched import HEADER, searched_row

    for row in rows:
        print("\n".join(f"{name}: {text}" for name, text in zip(HEADER, searched_row(row), strict=True)), end="\n\n")


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write what is new into the file; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file with the figures, of which those of these cases are replaced")
    parser.add_argument("--only", nargs="+", help="cases, such as mlp-digits; default: all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the searches lie; default: a temporary folder")
    given = parser.parse_args(argv)
    cases = [case for case in CASES if not given.only or f"{case.app}-{case.data}" in given.only]
    with tempfile.TemporaryDirectory() as temporary:
        rows = [measure(case, given.seeds, given.folder or Path(temporary)) for case in cases]
    show(rows)
    if given.json:
        known = json.loads(given.json.read_text(encoding="utf-8")) if given.json.exists() else []
        kept = {(row["app"], row["data"]): row for row in (*known, *rows)}
        given.json.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
