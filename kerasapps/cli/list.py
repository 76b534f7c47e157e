"""List the applications and the data sources."""

import argparse

from kerasapps.cli._arguments import filled
from kerasapps.cli._show import print_json
from kerasapps.names import APPS, SOURCES, names_in, summary


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps list`."""
    made = argparse.ArgumentParser("kerasapps list", description=__doc__, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> None:
    """Print the names of all apps and built-in sources, each with its summary."""
    as_json = parser().parse_args(arguments).json
    apps = {name: summary(APPS, name) for name in names_in(APPS)}
    sources = {name: summary(SOURCES, name) for name in names_in(SOURCES)}
    if as_json:
        print_json({"apps": apps, "sources": sources})
        return
    width = max(map(len, [*apps, *sources])) + 2
    for title, summaries in (("Applications", apps), ("Data sources", sources)):
        print(f"{title}:", *(filled(text, width + 2, f"  {name}") for name, text in summaries.items()), sep="\n")
    print(filled("a data set of TensorFlow Datasets", width + 2, "  tfds:NAME"))
    print(filled("a .csv, .tsv, .npz or .txt file, or a folder of images, sounds or texts", width + 2, "  PATH"))
