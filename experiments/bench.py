"""Speed of training against keras.Model.fit, PyTorch and Keras on JAX: the same model, first weights and rows.

    python experiments/bench.py --json docs/speed.json
    python experiments/bench.py --only cnn --json docs/speed.json   leaves what is recorded of other cases
    python experiments/bench.py --torch-python TORCH/bin/python --jax-python JAX/bin/python

Every side has a process of its own; they take turns, so that a busy machine slows all, and a ratio is that of each
turn. Before it all are warm: epochs are trained until a quarter of a turn holds no compiling. All do the same work:
loss, metric and validation every epoch; bare fit has neither metric nor validation. Ours keeps the best weights, too,
but saves no checkpoints. compile s: what the first epoch took longer than a warm one, building not counted. s to
target: training alone, from the first weights. MiB: the most that the process ever had. of peak: operations of matrix
products and convolutions in training, 3 times those of the forward pass, beside what TensorFlow's float32 product of
1024x1024 does.
Measured: 24 minutes with 7 turns, on two cores.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# This checkout's own package and peers, wherever the script is called from and whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.peers.cases import CASES, Case
from experiments.peers.measure import QUICK, Effort, measure
from experiments.peers.show import show
from experiments.peers.sides import SIDES, find_sides
from kerasapps.errors import unknown_name


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The flags."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", default=[], help="cases to measure, by their names or their applications'")
    sides = [side.name for side in SIDES]
    shown = f"sides beside ours, of {', '.join(sides)}"
    parser.add_argument("--sides", nargs="+", default=[], metavar="SIDE", help=shown, choices=sides)
    parser.add_argument(
        "--torch-python", type=Path, help="interpreter that has torch (2.13.0 and numpy); else this one"
    )
    parser.add_argument("--jax-python", type=Path, help="interpreter that has keras and jax; else this one")
    parser.add_argument(
        "--execution",
        default="auto",
        choices=("auto", "loop", "step", "halves", "graph"),
        help="plan of execution of ours",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=Effort.rounds,
        help="turns of every side; up to 3, of the target too (--quick has its own)",
    )
    parser.add_argument("--quick", action="store_true", help="few rows and short turns: shows that it works, no more")
    given = parser.parse_args(argv)
    if given.rounds < 1:
        parser.error(f"--rounds {given.rounds}: expected at least 1")
    if given.json and not given.json.absolute().parent.is_dir():  # rather now than after half an hour
        parser.error(f"--json {given.json}: there is no directory {given.json.absolute().parent}. Make it")
    return given


def chosen_cases(names: Sequence[str]) -> list[Case]:
    """The cases of these names, or of applications of these names; all, where none are given. Raises ConfigError."""
    known = {name for case in CASES for name in (case.name, case.app)}
    for name in names:
        if name not in known:
            raise unknown_name("case or application", name, known)
    return [case for case in CASES if not names or case.name in names or case.app in names]


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    given = arguments(argv)
    effort = (
        QUICK if given.quick else dataclasses.replace(Effort(), rounds=given.rounds, trainings=min(given.rounds, 3))
    )
    cases = chosen_cases(given.only)
    sides = find_sides(given.sides, {"torch": given.torch_python, "jax": given.jax_python})
    measured = []
    for case in cases:
        print(f"{case.name} ...", file=sys.stderr)
        measured.append(measure(case, sides, given.execution, effort))
    show(measured)
    if given.json:
        given.json.write_text(json.dumps(_with_recorded(measured, given.json), indent=1) + "\n", encoding="utf-8")
    return measured


def _with_recorded(measured: Sequence[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """`measured`, and the rows that a file has of cases that were not measured now, in the order of CASES."""
    recorded = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    known = {row["case"]: row for row in (*recorded, *measured)}
    return [known[case.name] for case in CASES if case.name in known]


if __name__ == "__main__":
    main()
