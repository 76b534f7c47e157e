"""What is searched: an application's own space, or hyperparameters with ranges that are written as texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras_tuner

from kerasapps.app import App, SearchSpace
from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.settings import NONE, Setting, meant, settings, values_of

Values = dict[str, Any]
"""Of the active parameters of a space, as KerasTuner has them: bool, int, float or str."""

WRITTEN = "32,64 for some values, 0.1:0.5 or 1:8:2 for a range (with a step), log:1e-4:1e-1 for a logarithmic one"


def parameters(space: SearchSpace, hparams: Hparams) -> keras_tuner.HyperParameters:
    """All parameters of a space; the default values are those of `hparams`."""
    hyperparameters = keras_tuner.HyperParameters()
    space(hparams, hyperparameters)
    return hyperparameters


def chosen_fields(space: SearchSpace, hparams: Hparams, values: Values) -> dict[str, Any]:
    """The fields of `hparams` that differ where the parameters of the space have these values; lists, as in JSON."""
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values)
    chosen = values_of(space(hparams, hyperparameters))
    changed = {name: value for name, value in chosen.items() if value != getattr(hparams, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}


def default_values(space: keras_tuner.HyperParameters) -> Values:
    """Of the active parameters."""
    return filled(space, lambda parameter: parameter.default)


def filled(space: keras_tuner.HyperParameters, value: Callable[[Any], object]) -> Values:
    """Value of each parameter in their order; active are those whose conditions the ones before meet."""
    hyperparameters = keras_tuner.HyperParameters()
    for parameter in space.space:
        hyperparameters.merge([parameter])
        if hyperparameters.is_active(parameter):
            hyperparameters.values[parameter.name] = value(parameter)
    return dict(hyperparameters.values)


def space_of(app: App, searched: Sequence[str]) -> SearchSpace:
    """The app's own space, or of texts such as "learning_rate=log:1e-4:1e-1" one of these hyperparameters alone.

    Raises ConfigError for an unknown hyperparameter, and for what is no range of it; see WRITTEN.
    """
    return _written(app, dict(map(_parted, searched))) if searched else app.space


def _parted(text: str) -> tuple[str, str]:
    name, equals, written = text.partition("=")
    if not equals or not written:
        raise ConfigError(f"search={shown(text)}: expected NAME=RANGE, such as {WRITTEN}.")
    return name.replace("-", "_"), written


def _written(app: App, ranges: Mapping[str, str]) -> SearchSpace:
    known = settings(app.hparams)
    for name in ranges:
        if name not in known:
            raise unknown_name(f"hyperparameter of {app.name}", name, known)

    def space(hparams: Hparams, hyperparameters: keras_tuner.HyperParameters) -> Hparams:
        chosen: dict[str, Any] = {
            name: _choose(hyperparameters, known[name], written, getattr(hparams, name))
            for name, written in ranges.items()
        }
        return replace(hparams, **chosen)

    return space


def _choose(hyperparameters: keras_tuner.HyperParameters, setting: Setting, written: str, own: object) -> object:
    """The value of one hyperparameter, which has the default `own`."""
    if ":" not in written:
        return _choose_among(hyperparameters, setting, written.split(","), own)
    sampling, bounds = ("log", written[4:]) if written.startswith("log:") else ("linear", written)
    numbers = [_number(setting, bound) for bound in bounds.split(":")]
    lowest, highest, *step = numbers if len(numbers) in (2, 3) else (1, 0)
    if not lowest < highest or (sampling == "log" and (lowest <= 0 or step)) or (step and step[0] <= 0):
        raise ConfigError(f"search: {setting.name}={written} is no range. Expected {WRITTEN}.")
    if not isinstance(own, (int, float)) or not lowest <= own <= highest:
        raise ConfigError(
            f"search: {setting.name}={written} leaves out {own}, which is the default. Expected a range with it, or "
            f"another default: {setting.name}={lowest}."
        )
    make = hyperparameters.Int if setting.kind is int else hyperparameters.Float
    return make(setting.name, lowest, highest, step=step[0] if step else None, sampling=sampling, default=own)


def _choose_among(
    hyperparameters: keras_tuner.HyperParameters, setting: Setting, texts: Sequence[str], own: object
) -> object:
    """One of some values; a list is written 64-32, and KerasTuner, which takes plain values only, sees texts."""
    named = {text: _value(setting, text) for text in texts}
    default = next((text for text, value in named.items() if value == own), None)
    if default is None:
        raise ConfigError(
            f"search: {setting.name}={','.join(texts)} leaves out {shown(own)}, which is the default. Expected values "
            f"with it, or another default: {setting.name}={texts[0]}."
        )
    return named[hyperparameters.Choice(setting.name, list(named), default=default)]


def _number(setting: Setting, text: str) -> float | int:
    value = _value(setting, text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigError(f"search: {setting.name} has no range: {setting.wanted}. Expected values, such as 32,64.")
    return value


def _value(setting: Setting, text: str) -> object:
    """What a text means for the setting; raises ConfigError."""
    if setting.optional and text == NONE:
        return None
    parts = text.split("-") if setting.many else [text]
    values = [meant(part, setting.kind is str) for part in parts]
    return replace(setting, name=f"search: {setting.name}").check(tuple(values) if setting.many else values[0])
