"""Search an application's hyperparameters, show what a search has found, or train its best trial again."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kerasapps import startup
from kerasapps.cli._arguments import Given, explain, group_flags, typed
from kerasapps.cli._live import watched
from kerasapps.cli._show import number, print_json, print_note, print_paths, print_table
from kerasapps.cli.train import typed_values
from kerasapps.errors import ConfigError
from kerasapps.names import APPS, app_module
from kerasapps.settings import setting, settings, text_of
from kerasapps.tuning.options import SearchOptions

if TYPE_CHECKING:
    import numpy as np

    from kerasapps.tuning.found import Found

USAGE = """usage: kerasapps tune APP [--data SOURCE] [--tuner TUNER] [--trials N]
                      [--jobs J] [--search NAME=RANGE ...]
                      [--HPARAM VALUE ...] [--OPTION VALUE ...] [--json]
       kerasapps tune show DIR [--json]
       kerasapps tune report DIR [--json]
       kerasapps tune best DIR [--seeds N] [--trial K] [--json]

Search the hyperparameters of an application that score best on the validation
rows. The same command goes on with a search that was stopped or killed. What
is given by a flag of `kerasapps train APP` holds for every trial. `best` trains
the best trial again with other seeds, and says what it reaches on test.
`report` writes what was found as a page, plots, a table and summaries for
TensorBoard.
"""
_BEST = 10
"""Trials that are shown."""


def run(arguments: list[str]) -> None:
    """Search, or show; raises KerasappsError."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, explain("search options", settings(Switches)), sep="\n")
    elif arguments[0] in _COMMANDS:
        _COMMANDS[arguments[0]](arguments[1:])
    elif arguments[0].startswith("-"):
        raise ConfigError(f"The app comes first: kerasapps tune APP {arguments[0]} ...; see `kerasapps list`.")
    else:
        _search(app_module(arguments[0]).removeprefix(f"{APPS}."), group_flags(arguments[1:]))


@dataclass(frozen=True)
class Switches(SearchOptions):
    """What the command is told beside what trials are made of."""

    json: bool = setting(False, "print the trials as the last line of stdout")
    help: bool = setting(False, "show this")


def _search(app_name: str, flags: Mapping[str, Given]) -> None:
    own = settings(Switches)
    given = typed(flags, own)
    if given.pop("help", False):
        print(USAGE.replace("APP", app_name, 1), explain("search options", own), sep="\n")
        print(f"\nkerasapps train {app_name} --help lists what a trial can be told.")
        return
    as_json = given.pop("json", False)
    SearchOptions(**given)
    shared = typed_values(app_name, {name: item for name, item in flags.items() if name not in own}, own)
    from kerasapps.tuning.tune import tune

    with watched() as watch:
        search = tune(app_name, show=lambda outcome: print_note(outcome.line), watch=watch, **given, **shared)
    if not search.is_done:
        print_note(f"{given['max_seconds']:g} s are over; the same command goes on with the search.")
    _report(search.directory, as_json)


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parsers of `kerasapps tune show`, `report` and `best`, by name."""
    abouts = {
        "show": "Show what a search has found.",
        "report": "Write what a search has found as a page, plots and a table.",
        "best": "Train the best trial with other seeds.",
    }
    made = {}
    for name, about in abouts.items():
        made[name] = argparse.ArgumentParser(f"kerasapps tune {name}", description=about, allow_abbrev=False)
        made[name].add_argument("directory", metavar="DIR", type=Path, help="directory of a search")
        made[name].add_argument("--json", action="store_true", help="print JSON")
    made["best"].add_argument("--seeds", type=int, default=5, help="number of seeds; default: 5")
    made["best"].add_argument("--trial", type=int, help="number of the trial; default: the best one")
    return made


def _show(arguments: list[str]) -> None:
    given = parsers()["show"].parse_args(arguments)
    startup.import_tensorflow()  # which KerasTuner would import aloud
    _report(given.directory, given.json)


def _best(arguments: list[str]) -> None:
    parser = parsers()["best"]
    given = parser.parse_args(arguments)
    if given.seeds < 1:
        parser.error(f"--seeds {given.seeds}: expected at least 1")
    print_note("importing TensorFlow")
    startup.import_tensorflow()
    from kerasapps.tuning.best import retrain

    best = retrain(given.directory, given.seeds, given.trial)
    metrics = {split: best.metrics(split) for split in ("validation", "test")}
    if given.json:
        runs = [str(run.directory) for run in best.runs]
        print_json({"trial": best.outcome.trial, "of_trials": best.trials, "runs": runs, **metrics})
        return
    rows = [
        (split, name, number(values.mean()), number(values.std(ddof=1)) if len(values) > 1 else "", _range(values))
        for split, own in metrics.items()
        for name, values in own.items()
    ]
    which = f"the best of {best.trials}" if given.trial is None else f"of {best.trials}"
    title = f"trial {best.outcome.trial}, {which}, with {given.seeds} other seed{'s' * (given.seeds > 1)}"
    print_table(title, ("split", "metric", "mean", "deviation", "range"), rows)
    print_note(
        f"run directories: {given.directory / 'best'}; {best.objective} in the search: {text_of(best.outcome.score)}"
    )
    if best.is_luck:
        print_note(
            f"Its lead in the search, {number(best.lead or 0)} of {best.objective}, is within the deviation of seeds, "
            f"{number(best.spread)}: the trials after it may be as good."
        )


def _range(values: "np.ndarray") -> str:
    return f"{number(values.min())} to {number(values.max())}" if len(values) > 1 else ""


def _write_report(arguments: list[str]) -> None:
    given = parsers()["report"].parse_args(arguments)
    startup.import_tensorflow()
    from kerasapps.tuning.report import report

    paths = report(given.directory)
    if given.json:
        print_json({"paths": paths})
    else:
        print_paths(paths)


_COMMANDS = {"show": _show, "best": _best, "report": _write_report}


def _report(directory: Path, as_json: bool) -> None:
    """The best trials, what decides the score, what failed, and how the best one is gone on with."""
    from kerasapps.tuning.found import read_found
    from kerasapps.tuning.outcomes import trial_path

    found = read_found(directory)
    best, failed = found.ranked, [outcome for group in found.failures for outcome in group]
    if as_json:
        about = {"directory": str(directory), "objective": found.objective}
        importance = found.importance and asdict(found.importance)
        print_json({**about, "trials": [asdict(each) for each in (*best, *failed)], "importance": importance})
        return
    rows = [(each.trial, text_of(each.score), each.epochs, each.changes) for each in best[:_BEST]]
    title = f"{found.search['app']}: the best of {len(found.outcomes)} trials by {found.objective}"
    print_table(title, ("trial", found.objective, "epochs", "changes"), rows)
    _print_importance(found)
    for first, *others in found.failures:
        numbers = ", ".join(str(each.trial) for each in (first, *others))
        print_note(f"trial{'s' if others else ''} {numbers} failed: {first.reason}")
    if best:
        print_note(f"run directory of the best: {trial_path(directory, best[0].trial)}")


def _print_importance(found: "Found") -> None:
    """A table, where a forest can tell; else why there is none."""
    importance = found.importance
    if importance is None or importance.explained <= 0:
        print_note(f"importance of parameters: {found.importance_text}")
        return
    about = {parameter.name: parameter.condition for parameter in found.parameters}
    rows = [(name, f"{share:.1%}", about[name]) for name, share in importance.shares.items()]
    print_table("importance of parameters", ("parameter", "share", "only where"), rows)
    print_note(found.importance_text)
