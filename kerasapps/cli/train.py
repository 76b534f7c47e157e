"""Train an application on a data source."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasapps import startup
from kerasapps.cli._arguments import Given, check_names, explain, filled, group_flags, read_yaml, typed
from kerasapps.cli._show import print_json, print_note
from kerasapps.cli.report import end_with_report
from kerasapps.data.options import DataOptions
from kerasapps.distribute.cluster import is_chief
from kerasapps.errors import ConfigError, shown
from kerasapps.names import APPS, SOURCES, app_module, hparams_of, names_in, summary
from kerasapps.runs.found import find_run
from kerasapps.runs.migrate import migrated
from kerasapps.runs.options import Options
from kerasapps.settings import setting, settings

if TYPE_CHECKING:
    from kerasapps.runs.run import Run

USAGE = """usage: kerasapps train APP [--data SOURCE] [--HPARAM VALUE ...]
                       [--OPTION VALUE ...] [--config FILE.yaml]
                       [--resume --run-dir RUN] [--json]

Train an application: `kerasapps list` names them and the data sources.
Progress goes to stderr.
"""
_MOST_EPOCHS = 200
"""Of which the history is printed as JSON."""


@dataclass(frozen=True)
class Switches:
    """What the command is told beside what a run is made of."""

    config: str | None = setting(
        None, "YAML file with defaults for all other flags, one 'name: value' a line; flags win"
    )
    from_trial: str | None = setting(
        None, "repeat a trial of a search, such as searches/mlp-digits/7, with its config; other flags override it"
    )
    resume: bool = setting(False, "continue the run in --run-dir exactly where it was interrupted")
    no_report: bool = setting(
        False, "do not write report.html and plots at the end; `kerasapps report` writes them later"
    )
    json: bool = setting(False, "print the run's record as the last line of stdout")
    help: bool = setting(False, "show this")


def run(arguments: list[str]) -> None:
    """Train or resume; raises KerasappsError."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, explain("command", settings(Switches)), "", explain("run options", settings(Options)), sep="\n")
        print("\nkerasapps train APP --help lists the app's hyperparameters too.")
        return
    if arguments[0].startswith("-"):
        raise ConfigError(f"The app comes first: kerasapps train APP {arguments[0]} ...; see `kerasapps list`.")
    app_name = app_module(arguments[0]).removeprefix(f"{APPS}.")
    flags = group_flags(arguments[1:])
    switches = Switches(**typed(flags, settings(Switches)))
    given = _config(app_name, switches.config) if switches.config else {}
    if switches.from_trial and not switches.help:
        given |= _trial(app_name, Path(switches.from_trial))
    given |= {name: item for name, item in flags.items() if name not in settings(Switches)}
    if switches.help:
        _print_help(app_name, given)
        return
    run_dir = _run_to_resume(given) if switches.resume else None
    values = typed_values(app_name, {name: item for name, item in given.items() if not run_dir or name != "run_dir"})
    finished, nothing_done = _train(app_name, values, run_dir)
    if is_chief():  # all workers of a run have the same to say
        if nothing_done:
            _summarise(finished)
        if finished.record["status"] == "completed" and not (nothing_done or switches.no_report):
            end_with_report(finished)
        if switches.json:
            print_json(_printed(finished))


def _printed(run: "Run") -> dict[str, Any]:
    """The record, with the run's directory; of many epochs metrics.csv has the history, and what is printed has not."""
    history = run.record.get("history") or {}
    short = all(len(values) <= _MOST_EPOCHS for values in history.values())
    places = {"directory": str(run.directory), "metrics": str(Path(run.directory) / "metrics.csv")}
    return {**places, **run.record, "history": history if short else None}


def _trial(app_name: str, trial: Path) -> dict[str, Given]:
    """What the config of a trial gives; this process then has as many threads as the trial had."""
    startup.import_tensorflow()
    from kerasapps.tuning.outcomes import config_of_trial, read_search

    config = config_of_trial(trial)
    directory = next(path for path in config.parents if path.name == "trials").parent
    os.environ.update(startup.thread_limits(read_search(directory).get("threads", 0)))
    return _config(app_name, str(config))


def _config(app_name: str, path: str) -> dict[str, Given]:
    """What the YAML file gives; it may name the app, as a run's config.yaml does."""
    content = read_yaml(path)
    app = content.get("app")
    if app is None:
        return content
    if not isinstance(app.value, str) or app.value.replace("-", "_") != app_name:
        raise ConfigError(
            f"{app.origin} is {shown(app.value)}, but {app_name!r} is to be trained. Give the file of that app."
        )
    try:
        values = migrated({name: given.value for name, given in content.items()})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return {name: replace(content[name], value=values[name]) for name in content if name not in ("app", "format")}


def _print_help(app_name: str, given: Mapping[str, Given]) -> None:
    """All flags, with the values that are used for the data given, or for the app's default data."""
    startup.import_tensorflow()  # which the app would import aloud
    from kerasapps.app import load_app
    from kerasapps.runs.config import usual_values

    app = load_app(app_name)
    data = typed(given, settings(DataOptions))
    used, source = usual_values(app, data)
    shown = Path(source).name
    print(USAGE.replace("APP", app_name, 1), filled(f"{app_name}: {summary(APPS, app_name)}", 0), "", sep="\n")
    print(explain("command", settings(Switches)), "", sep="\n")
    print(explain("hyperparameters", settings(app.hparams), used, f"for {shown}"), "", sep="\n")
    own = {name: replace(each, default=app.options.get(name, each.default)) for name, each in settings(Options).items()}
    options = {name: value for name, value in used.items() if name not in data}
    print(explain(f"run options (default data: {app.default_data})", own, options, f"for {shown}"))


def typed_values(app_name: str, given: Mapping[str, Given], beside: Iterable[str] = ()) -> dict[str, Any]:
    """The values given, checked as far as possible before the app is imported, which takes seconds.

    beside: further names that the command knows, for messages.
    """
    around = [*settings(Options), *beside]
    if (declared := hparams_of(app_module(app_name))) is not None:
        check_names(given, [*declared, *around], app_name)
    options = typed(given, settings(Options))
    if options.get("from_run"):
        options["from_run"] = str(find_run(options["from_run"]))
    if options.get("data"):
        _check_source(options["data"], options.get("data_dir") or "")
    print_note("importing TensorFlow")
    from kerasapps.app import load_app

    hparams = settings(load_app(app_name).hparams)
    check_names(given, [*hparams, *around], app_name)
    return {**options, **typed(given, hparams)}


def _check_source(data: str, data_dir: str) -> None:
    """Raise ConfigError or DataError for what can be no source, by its name."""
    built_in = data.replace("-", "_") in names_in(SOURCES)
    if not built_in and not data.startswith("tfds:") and not os.path.exists(Path(data_dir) / data):
        from kerasapps.data.sources import open_source  # which imports NumPy

        open_source(data, data_dir)


def _run_to_resume(given: Mapping[str, Given]) -> Path:
    named = typed(given, {"run_dir": settings(Options)["run_dir"]}).get("run_dir")
    if not named:
        raise ConfigError("--resume needs the run to go on with: give its directory with --run-dir.")
    return find_run(named)


def _train(app_name: str, given: dict[str, Any], run_dir: Path | None) -> "tuple[Run, bool]":
    """The run, and whether it was completed before, so that nothing was trained; run_dir: the one to go on with."""
    from kerasapps.training import train as training

    if run_dir is None:
        return training.train(app_name, **given), False
    from kerasapps.runs.directory import read_config, read_record

    saved, before = read_config(run_dir)["app"], read_record(run_dir)
    if saved != app_name:
        raise ConfigError(f"The run in {run_dir} is of {saved!r}, not of {app_name!r}. Give kerasapps train {saved}.")
    finished = training.resume(run_dir, **given)
    return finished, finished.record == before


def _summarise(finished: "Run") -> None:
    """What training says in its end, of a run that had come to its end before."""
    from kerasapps.training.summary import after  # which imports TensorFlow

    print_note(f"The run was {finished.record['status']} already: nothing was trained. What follows is its record.")
    print_note("\n".join(after(finished)))
