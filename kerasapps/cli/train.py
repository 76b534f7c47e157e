"""Train an application on a data source."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasapps.cli._arguments import Given, check_names, explain, group_flags, read_yaml, typed
from kerasapps.cli._names import known_app, known_source
from kerasapps.cli._show import number, print_json, print_note
from kerasapps.errors import ConfigError
from kerasapps.names import APPS, summary
from kerasapps.settings import settings
from kerasapps.training.migrate import migrated
from kerasapps.training.options import Options

_USAGE = """usage: kerasapps train APP [--data SOURCE] [--HPARAM VALUE ...] [--OPTION VALUE ...] [--config FILE.yaml]
                       [--resume --run-dir RUN] [--json]

Train an application: `kerasapps list` names them and the data sources. Progress goes to stderr.

  --config FILE.yaml
      defaults for any of the flags below, one 'name: value' a line; flags win
  --resume
      go on with the run in --run-dir exactly where it was interrupted
  --json
      print the run's record as the last line of stdout
"""
_SWITCHES = ("resume", "json", "help")
_STAGES = ("import", "compile", "train")


def run(arguments: list[str]) -> None:
    """Train or resume; raises KerasappsError."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE, explain("run options", settings(Options)), sep="\n")
        print("\nkerasapps train APP --help lists the app's hyperparameters too.")
        return
    if arguments[0].startswith("-"):
        raise ConfigError(f"The app comes first: kerasapps train APP {arguments[0]} ...; see `kerasapps list`.")
    app_name, flags = known_app(arguments[0]), group_flags(arguments[1:])
    switches = {name: _switch(name, flags.pop(name, None)) for name in _SWITCHES}
    given = {**_as_fields(_config(app_name, flags.pop("config", None))), **_as_fields(flags)}
    if switches["help"]:
        _print_help(app_name)
        return
    print_note("importing TensorFlow")
    typed_values = _typed(app_name, given)
    before = _record_before(typed_values) if switches["resume"] else {}
    print_note("reading the data, compiling, training")
    finished = _train(app_name, typed_values, switches["resume"])
    _summarise(finished, nothing_done=finished.record == before)
    if switches["json"]:
        print_json(finished.record)


def _as_fields(given: Mapping[str, Given]) -> dict[str, Given]:
    """With from_run for from, a word of Python's, which a field cannot be called."""
    return {"from_run" if name == "from" else name: item for name, item in given.items()}


def _switch(name: str, item: Given | None) -> bool:
    if item is not None and item.value:
        raise ConfigError(f"--{name} takes no value, got {' '.join(item.value)!r}.")
    return item is not None


def _config(app_name: str, item: Given | None) -> dict[str, Given]:
    """What the YAML file gives; it may name the app, as a run's config.yaml does."""
    if item is None:
        return {}
    if len(item.value) != 1:
        raise ConfigError(f"--config expects one YAML file, got {' '.join(item.value) or 'none'!r}.")
    content = read_yaml(item.value[0])
    app = content.get("app")
    if app is None:
        return content
    if str(app.value).replace("-", "_") != app_name:
        raise ConfigError(
            f"{app.origin} is {app.value!r}, but {app_name!r} is to be trained. Give the file of that app."
        )
    values = migrated({name: given.value for name, given in content.items()})
    return {name: replace(content[name], value=values[name]) for name in content if name not in ("app", "format")}


def _print_help(app_name: str) -> None:
    from kerasapps.app import load_app

    app = load_app(app_name)
    print(_USAGE.replace("APP", app_name, 1), f"{app_name}: {summary(APPS, app_name)}\n", sep="\n")
    print(explain("hyperparameters", settings(app.hparams)), "", sep="\n")
    print(explain(f"run options (default data: {app.default_data})", settings(Options)))


def _typed(app_name: str, given: Mapping[str, Given]) -> dict[str, Any]:
    """The values given, checked as far as possible before the app is imported, which takes seconds."""
    options = typed(given, settings(Options))
    if options.get("data"):
        options["data"] = known_source(options["data"], options.get("data_dir") or "")
    Options(**options)
    from kerasapps.app import load_app

    hparams = settings(load_app(app_name).hparams)
    check_names(given, [*hparams, *settings(Options)], app_name)
    return {**options, **typed(given, hparams)}


def _train(app_name: str, given: dict[str, Any], resume: bool) -> Any:
    from kerasapps.training import train as training

    if not resume:
        return training.train(app_name, **given)
    from kerasapps.training.directory import read_config

    if not given.get("run_dir"):
        raise ConfigError("--resume needs the run to go on with: give its directory with --run-dir.")
    run_dir = Path(given.pop("run_dir"))
    saved = read_config(run_dir)["app"]
    if saved != app_name:
        raise ConfigError(f"The run in {run_dir} is of {saved!r}, not of {app_name!r}. Give kerasapps train {saved}.")
    return training.resume(run_dir, **given)


def _record_before(given: Mapping[str, Any]) -> dict[str, Any]:
    """The record of the run to be resumed; {} where there is none."""
    from kerasapps.training.directory import read_record

    return read_record(Path(given["run_dir"])) if given.get("run_dir") else {}


def _summarise(finished: Any, nothing_done: bool) -> None:
    from kerasapps.plots.training import metric_label  # which imports NumPy

    record = finished.record
    if nothing_done:
        print_note(f"The run was {record['status']} already: nothing was trained. What follows is its record.")
    print_note(f"{record['app']} on {record['data']}: {record['status']} in {_time(record)}")
    for split in ("validation", "test"):
        labelled = {metric_label(name, finished.layout.target): value for name, value in record[split].items()}
        print_note(f"{split}: " + ", ".join(f"{label} {number(value)}" for label, value in labelled.items()))
    if record["status"] == "interrupted":
        print_note("stopped as asked before the last epoch: --resume --run-dir goes on with it")
    print_note(f"run directory: {finished.directory}")


def _time(record: Mapping[str, Any]) -> str:
    """Seconds, also of the stages, and the pace: "9.0 s (import 5.0, train 4.0), 80 examples/s once warm"."""
    seconds, rate = record["seconds"], record.get("examples_per_second")
    stages = ", ".join(f"{stage} {seconds[stage]:.1f}" for stage in _STAGES if stage in seconds)
    total = f"{seconds['total']:.1f} s" + (f" ({stages})" if stages else "")
    return f"{total}, {rate:,.0f} examples/s once warm" if rate else total
