"""Describe an application: what it takes, its hyperparameters, goals, builders and search space."""

import argparse
from typing import Any

import numpy as np

from kerasapps.app import App, accepted_forms, load_app
from kerasapps.cli._arguments import filled
from kerasapps.cli._show import print_json, print_table
from kerasapps.data.preprocess import fit
from kerasapps.data.sources import open_source
from kerasapps.errors import DataError
from kerasapps.names import APPS, SOURCES, names_in, summary
from kerasapps.printable import printable
from kerasapps.settings import NONE, Limits, settings
from kerasapps.training.layout import fits
from kerasapps.tuning.parameters import declared


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps describe`."""
    made = argparse.ArgumentParser("kerasapps describe", description=__doc__, allow_abbrev=False)
    made.add_argument("app", metavar="APP", help="an application; `kerasapps list` names them")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> None:
    """Print all about one app."""
    given = parser().parse_args(arguments)
    app = load_app(given.app)
    about = {"app": app.name, "summary": summary(APPS, app.name), **describe(app)}
    if given.json:
        print_json(about)
    else:
        _print(app, about)


def describe(app: App) -> dict[str, Any]:
    """What there is to know of an App, as plain values."""
    known, unknown = sources_of(app)
    return {
        "accepts": {" + ".join(forms): targets for forms, targets in accepted_forms(app).items()},
        "default_data": app.default_data,
        "sources": known,
        "sources_not_found": unknown,
        "builders": list(app.builders),
        "goals": {
            source: f"{goal.metric} {Limits(goal.at_least, maximum=goal.at_most)}" for source, goal in app.goals.items()
        },
        "options": dict(app.options),
        "suited": dict(app.suited),
        "tuned": dict(app.tuned),
        "hparams": {
            name: {"type": each.type_name, "default": each.default, "range": each.range, "help": each.help}
            for name, each in settings(app.hparams).items()
        },
        "search_space": search_space(app),
        "plots": list(app.plots),
        "exempt": dict(app.exempt),
    }


def sources_of(app: App) -> tuple[list[str], list[str]]:
    """Built-in sources that the app can learn, and those without files here, of which nothing can be told."""
    known, unknown = [], []
    for name in names_in(SOURCES):
        try:
            source = open_source(name)
        except DataError:
            unknown.append(name)
            continue
        # Read only where something is fitted: sounds may have to be made first.
        pieces = (source.read("train", rows) for rows in [np.arange(2)])
        if fits(app, source.spec, fit(source.spec, pieces)):
            known.append(name)
    return known, unknown


def search_space(app: App) -> dict[str, str]:
    """What the tuner may choose, by name: its kind and values."""
    import keras_tuner

    chosen = keras_tuner.HyperParameters()
    app.space(app.hparams(), chosen)
    known = declared(chosen.get_config()["space"])
    return {each.name: f"{each.condition}: {each.text}" if each.condition else each.text for each in known}


def _print(app: App, about: dict[str, Any]) -> None:
    print(filled(f"{about['app']}: {about['summary']}", 0), end="\n\n")
    facts = {
        "accepts": "; ".join(f"{kind} -> {' or '.join(targets)}" for kind, targets in about["accepts"].items()),
        "data sources": ", ".join(about["sources"]),
        "not found here, so nothing is known of": ", ".join(about["sources_not_found"]),
        "default data": about["default_data"],
        "builders": ", ".join(about["builders"]),
        "plots": ", ".join(about["plots"]) or "learning curves only",
        "run options with other defaults": ", ".join(f"{name}={value}" for name, value in about["options"].items()),
    }
    facts |= {f"wanted on {source}": text for source, text in about["goals"].items()}
    facts |= {f"exempt from {law}": reason for law, reason in about["exempt"].items()}
    print(*(filled(printable(text), 2, f"{name}: ") for name, text in facts.items() if text), sep="\n")
    fields = settings(app.hparams).items()
    rows = [(name, setting.default_text, f"{setting.help} [{setting.wanted}]") for name, setting in fields]
    print_table("\nHyperparameters", ("name", "default", "help [type and range]"), rows)
    print_table("Search space", ("name", "values"), about["search_space"].items())
    for of, values in (("kind of input", about["suited"]), ("source", about["tuned"])):
        rows = [(of, name, NONE if x is None else str(x)) for of, own in values.items() for name, x in own.items()]
        if rows:
            print_table(f"Other defaults per {of}", (of.split()[0], "name", "value"), rows)
