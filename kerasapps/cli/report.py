"""Write report.html, a page with all that is known of a run, and draw the plots in it."""

import argparse
import time
from typing import TYPE_CHECKING

from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import print_json, print_note, print_paths

if TYPE_CHECKING:
    from kerasapps.runs.run import Run


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps report`."""
    return run_parser("report", __doc__)


def run(arguments: list[str]) -> None:
    """Write the report and print the files written."""
    given = parser().parse_args(arguments)
    loaded = load_run(given.run, given.data, given.data_dir)
    from kerasapps.report import report

    paths = report(loaded)
    if given.json:
        print_json({"paths": paths})
    else:
        print_paths(paths)


def end_with_report(finished: "Run") -> None:
    """Write the report of a run that was just trained. The run stands whatever stops its report, which a note tells."""
    began = time.perf_counter()
    try:
        from kerasapps.report import report

        path, *_ = report(finished)
    except Exception as error:
        print_note(f"warning: training is done, but its report is not: {error} `kerasapps report` tries again.")
        return
    print_note(f"report: {path} ({time.perf_counter() - began:.1f} s)")
