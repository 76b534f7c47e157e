"""The configuration of a run: options and hyperparameters, from keywords and from what an earlier process saved."""

import dataclasses
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kerasapps.app import App, load_app
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import check_data_dir, is_gone, is_named
from kerasapps.data.spec import Spec
from kerasapps.engine.schedule import depends_on_epochs
from kerasapps.errors import CheckpointError, ConfigError, KerasappsError, shown, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.names import SOURCES, names_in
from kerasapps.runs.directory import read_config
from kerasapps.runs.migrate import FILLS_MISSING, WARMUP_FROM_RATE
from kerasapps.runs.options import Options
from kerasapps.settings import Setting, settings, values_of


def resolve(app: App, given: Mapping[str, Any]) -> tuple[Options, Hparams]:
    """Options and hyperparameters from keyword arguments; what is not given is the app's best for the source."""
    known = settings(Options)
    _check_names(app, given)
    chosen = {name: value for name, value in given.items() if name in known}
    options = _located(Options(**{**app.options, **chosen}), app.default_data)
    tuned = {name: value for name, value in app.tuned.get(options.source, {}).items() if name in known}
    options = dataclasses.replace(options, **{name: value for name, value in tuned.items() if name not in chosen})
    return options, resolve_hparams(app, given, options.source)


def resolve_hparams(app: App, given: Mapping[str, Any], source: str, spec: Spec | None = None) -> Hparams:
    """Hyperparameters from keyword arguments; what is not given is the app's best for the source.

    spec: of the source, None = before it is read: then without what suits the kinds of its inputs.
    """
    own, tuned = settings(app.hparams), dict[str, Any]()
    for column in spec.inputs if spec else ():
        tuned |= app.suited.get(column.kind, {})
    tuned |= {name: value for name, value in app.tuned.get(source, {}).items() if name in own}
    chosen = {name: own[name].check(value) for name, value in given.items() if name in own}
    best = tuned.get("optimizer", app.hparams().optimizer)
    if _plain(chosen.get("optimizer", best)) != _plain(best):
        # What was found with one optimizer is nothing for another: a rate for SGD can be a thousand times Adam's.
        chosen = {"optimizer_settings": {}, **chosen}
        tuned.pop("learning_rate", None)
    return app.hparams(**{**tuned, **chosen})


def usual_values(app: App, data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What the app uses for a source unless it is told otherwise, and the source; data: options that say which.

    Of one that cannot be read here, and of tfds: sets, which may have to be downloaded, the kinds of inputs are not
    known: then what suits these is left out.
    """
    options, hparams = resolve(app, data)
    if not options.source.startswith("tfds:"):
        with suppress(KerasappsError):
            spec = open_rows(options)["train"].source.spec
            hparams = resolve_hparams(app, data, options.source, spec)
    values = {**values_of(options), **values_of(hparams)}
    places = {name: None for name in ("data", "data_dir")}
    return {**values, **places}, options.source


def _plain(optimizer: object) -> str:
    """The name of an optimizer as Keras's classes are compared with it."""
    return str(optimizer).lower().replace("_", "")


def _known(app: App) -> dict[str, Setting]:
    """What a run of the app can be told."""
    return {**settings(Options), **settings(app.hparams)}


def _check_names(app: App, given: Iterable[str]) -> None:
    known = _known(app)
    for name in given:
        if name not in known:
            raise unknown_name(f"argument of {app.name}", name, known)


def _located(options: Options, default_data: str) -> Options:
    """With the full name of the source: paths are absolute, so that a run can be used from any directory."""
    given = options.data or default_data
    data = given.replace("-", "_")
    if data not in names_in(SOURCES):
        data = os.path.abspath(given) if options.data_dir is None and os.path.exists(given) else given
    return dataclasses.replace(options, data=data, data_dir=options.data_dir and os.path.abspath(options.data_dir))


def resolve_saved(path: Path) -> tuple[App, Options, Hparams]:
    """What the config.yaml of a run says; raises CheckpointError where that is not possible any more."""
    config = read_config(path)
    try:
        app = load_app(config["app"])
        saved = {name: value for name, value in config.items() if name not in ("app", "format")}
        # A setting that is younger than the run has its own default: what suits the source was found with it.
        younger = {name: one.default for name, one in _known(app).items() if name not in saved}
        if config.get("format", 1) < FILLS_MISSING:
            younger["missing"] = "refuse"
        options, hparams = resolve(app, {**younger, **saved})
    except ConfigError as error:
        raise CheckpointError(f"{path / 'config.yaml'} does not fit this version of kerasapps: {error}") from error
    # Of the run alone: a new run that takes its configuration from this file warms up as all new ones do.
    return app, options, dataclasses.replace(hparams, warmup_from_zero=config.get("format", 1) < WARMUP_FROM_RATE)


def moved(options: Options, given: Mapping[str, Any]) -> Options:
    """The options of a run whose data lie elsewhere now, where `given` has data or data_dir; None: as they were.

    data_dir alone, of data that were at a path and are there no more, is where what has the same name lies now.
    Raises ConfigError for another source: only the place of data that are known by a path may differ.
    """
    places = {name: given[name] for name in ("data", "data_dir") if given.get(name) is not None}
    if "data" not in places and "data_dir" in places and is_gone(options.source):
        own_name = os.path.basename(options.source)
        places = {"data": os.path.join(os.path.abspath(places["data_dir"]), own_name), "data_dir": None}
    elif "data" in places and "data_dir" not in places and os.path.exists(places["data"]):
        places["data_dir"] = None  # the path says it all
    if places.get("data_dir") not in (None, options.data_dir):
        check_data_dir(places.get("data") or options.source, places["data_dir"])
    found = _located(dataclasses.replace(options, **places), options.source)
    if found.data != options.data and (is_named(found.source) or is_named(options.source)):
        raise _changed("data", options.data, found.data)
    return found


def _changed(name: str, saved: object, given: object) -> ConfigError:
    return ConfigError(
        f"The run has {name}={shown(saved)}, but {name}={shown(given)} was given. Leave {name} out, or start a new run."
    )


def _same(given: object, saved: object) -> bool:
    """Whether a value is the one saved as JSON; no more of it is looked at than what was saved has."""
    if isinstance(saved, dict) and isinstance(given, dict):
        return given.keys() == saved.keys() and all(_same(given[name], value) for name, value in saved.items())
    if isinstance(saved, list) and isinstance(given, (list, tuple)):
        return len(given) == len(saved) and all(map(_same, given, saved))
    return given == saved


def refuse_changes(app: App, config: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise ConfigError naming an argument `given` to a resume that is not the one of the run's config.yaml.

    The place of the data may differ, see moved, and the epochs, see lengthened.
    """
    _check_names(app, given)
    known = _known(app)
    for name, value in given.items():
        checked = known[name].check(value)
        may_differ = name in ("data", "data_dir", "epochs")
        if not may_differ and name in config and not _same(checked, config[name]):
            raise _changed(name, config[name], value)


def lengthened(hparams: Hparams, given: Mapping[str, Any], path: Path) -> Hparams:
    """The hyperparameters of the run at `path` with the epochs that are given to a resume.

    Raises ConfigError where its steps would have had other learning rates with so many.
    """
    if "epochs" not in given:
        return hparams
    epochs: Any = settings(Hparams)["epochs"].check(given["epochs"])
    if epochs != hparams.epochs and (why := depends_on_epochs(hparams, epochs)):
        raise _fixed(f"The run has epochs={hparams.epochs}, but epochs={epochs} was given, and {why}.", path)
    return dataclasses.replace(hparams, epochs=epochs)


def check_length(hparams: Hparams, before: int, state: Mapping[str, Any], path: Path) -> None:
    """Raise ConfigError where a run of `before` epochs, at the state of its checkpoint, cannot become one of others."""
    done, given = state["epoch"] + (state["cycle"] > 0), f"epochs={hparams.epochs}"
    if hparams.epochs < done:
        raise _fixed(f"The run has trained in {done} epochs already, but {given} was given.", path)
    if hparams.epochs != before and state.get("stop"):
        raise _fixed(f"The run ended early after {done} epochs, as it would have with {given}: {state['stop']}", path)


def _fixed(reason: str, path: Path) -> ConfigError:
    return ConfigError(f"{reason} Leave epochs out, or start a new run from its weights with --from {path}.")
