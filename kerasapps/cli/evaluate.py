"""Print a run's metrics on one of its splits, or how good the images are that it generates."""

import argparse
from typing import TYPE_CHECKING

from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import number, print_json, print_note, print_table
from kerasapps.distribute.cluster import command_to_go_on

if TYPE_CHECKING:
    from kerasapps.runs.run import Run
from kerasapps.plots.training import metric_label


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps evaluate`."""
    made = run_parser("evaluate", __doc__)
    made.add_argument("--split", default="test", choices=("train", "validation", "test"), help="default: test")
    made.add_argument(
        "--classifier",
        metavar="CNN_RUN",
        help="for a run of gan: a run of cnn on the same data, whose features generated images are compared in",
    )
    return made


def run(arguments: list[str]) -> None:
    """Evaluate the weights that a run kept."""
    given = parser().parse_args(arguments)
    loaded = load_run(given.run, given.data, given.data_dir)
    if loaded.record.get("status", "completed") != "completed":
        print_note(_unfinished(loaded))
    if given.classifier:
        from kerasapps.report.generated import quality_of

        metrics = quality_of(loaded, load_run(given.classifier, given.data, given.data_dir), given.split)
    else:
        metrics = loaded.evaluate(given.split) | loaded.record.get("baselines", {}).get(given.split, {})
    if given.json:
        print_json({"directory": loaded.directory, **metrics})
        return
    rows = [(metric_label(name, loaded.layout.target), number(value)) for name, value in metrics.items()]
    print_table(f"{loaded.directory}: {given.split}", ("metric", "value"), rows)


def _unfinished(loaded: "Run") -> str:
    record = loaded.record
    return (
        f"The run is unfinished: {record['epochs']} of {loaded.hparams.epochs} epochs are done. What follows is of the "
        f"weights of epoch {record['best_epoch']}. Go on: {command_to_go_on(loaded.app.name, loaded.directory)}"
    )
