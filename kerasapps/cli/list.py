"""List the applications and the data sources."""

import argparse

from kerasapps.app import app_names, summary
from kerasapps.cli._show import print_json
from kerasapps.data.sources import source_names, source_summary


def run(arguments: list[str]) -> None:
    """Print the names of all apps and built-in sources, each with its summary."""
    parser = argparse.ArgumentParser("kerasapps list", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    as_json = parser.parse_args(arguments).json
    apps = {name: summary(name) for name in app_names()}
    sources = {name: source_summary(name) for name in source_names()}
    if as_json:
        print_json({"apps": apps, "sources": sources})
        return
    width = max(map(len, [*apps, *sources])) + 2
    for title, summaries in (("Applications", apps), ("Data sources", sources)):
        print(f"{title}:", *(f"  {name:<{width}}{text}" for name, text in summaries.items()), sep="\n")
    print(f"  {'tfds:NAME':<{width}}a data set of TensorFlow Datasets")
    print(f"  {'PATH':<{width}}a .csv file, or a folder of IDX files")
