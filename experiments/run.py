"""Run an experiment by its name.

    python experiments/run.py                                  lists the experiments, their claims and what was measured
    python experiments/run.py mlp_wine --seed 1 --epochs 100   runs one; flags are settings of `kerasapps train`

A single training is an entry of experiments/claims/listed.py. An experiment of several trainings is a script of this
folder.
"""

import argparse
import functools
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

# This checkout's own package and experiments, wherever the script is called from.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import kerasapps
from experiments.claims.claim import Experiment, bound_of
from experiments.claims.known import EXPERIMENTS, claims_of
from kerasapps.cli._arguments import check_names, group_flags, typed
from kerasapps.cli.train import typed_values
from kerasapps.errors import KerasappsError, unknown_name
from kerasapps.names import summary
from kerasapps.runs.options import Options
from kerasapps.settings import settings
from kerasapps.streams import lenient

ROOT = Path(__file__).resolve().parents[1]


def train(experiment: Experiment, **overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print what is claimed of the experiment, and return the run.

    overrides: fields of the run and hyperparameters that take the place of the experiment's own.
    """
    run = kerasapps.train(experiment.app, **{**experiment.fields, **overrides})
    values = {claim.quantity: claim.measure(run) for claim in claims_of(experiment)}
    print(f"{experiment.name}: {', '.join(f'{name} {value:.4g}' for name, value in values.items())}; {run.directory}")
    return run


def scripts() -> list[str]:
    """Names of the experiments that are scripts: their `main` takes **overrides."""
    paths = sorted((ROOT / "experiments").glob("*.py"))
    takes_overrides = re.compile(r"^def main\(.*\*\*overrides", re.MULTILINE)
    return [path.stem for path in paths if takes_overrides.search(path.read_text(encoding="utf-8"))]


def names() -> list[str]:
    """Names of all experiments, listed or scripts."""
    return list(dict.fromkeys([*EXPERIMENTS, *scripts()]))


def main_of(name: str) -> Callable[..., Any]:
    """The function of an experiment: (**overrides) -> its run, or its runs. Raises ConfigError for an unknown name."""
    if name not in names():
        raise unknown_name("experiment", name, names())
    if name in scripts():
        return importlib.import_module(f"experiments.{name}").main
    return functools.partial(train, EXPERIMENTS[name])


def overrides_of(name: str, flags: Sequence[str]) -> dict[str, Any]:
    """The fields that flags give, checked as `kerasapps train` does; a script has no hyperparameters of its own."""
    given = group_flags(flags)
    if name not in scripts():
        return typed_values(EXPERIMENTS[name].app, given)
    check_names(given, settings(Options), name)
    return typed(given, settings(Options))


def rows() -> Iterator[tuple[str, ...]]:
    """Of each claim: experiment, what it shows, quantity, bound, and the figure of docs/accuracy.json."""
    recorded = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))
    measured = {(row["experiment"], row["quantity"]): f"{row['value']:.4g}" for row in recorded}
    for name in names():
        experiment = EXPERIMENTS.get(name, Experiment(name))
        about = (name, experiment.shows or summary("experiments", f"experiments.{name}"))
        claimed = [
            (claim.shown, bound_of(claim.at_least, claim.at_most), measured.get((name, claim.shown), ""))
            for claim in claims_of(experiment)
        ]
        first, *others = claimed or [("", "", "")]
        yield (*about, *first)
        yield from (("", "", *other) for other in others)


def _show() -> None:
    """All experiments as a table on stdout."""
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("experiment", no_wrap=True), "shows", "quantity", "wanted", "median measured")
    for row in rows():
        table.add_row(*row)
    Console(file=lenient(sys.stdout), width=None if sys.stdout.isatty() else 150).print(table)


def main(argv: Sequence[str] | None = None) -> None:
    """List the experiments, or run one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", help="an experiment; without one all are listed")
    given, flags = parser.parse_known_args(argv)
    if not given.name:
        _show()
        return
    try:
        main_of(given.name)(**overrides_of(given.name, flags))
    except KerasappsError as error:
        parser.exit(error.exit_status, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
