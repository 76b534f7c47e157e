"""Draw a run's plots into its directory."""

from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import print_json, print_paths


def run(arguments: list[str]) -> None:
    """Draw the plots and print the files written."""
    given = run_parser("report", __doc__).parse_args(arguments)
    loaded = load_run(given.run, given.data, given.data_dir)
    from kerasapps.report import report

    paths = report(loaded)
    if given.json:
        print_json({"paths": paths})
    else:
        print_paths(paths)
