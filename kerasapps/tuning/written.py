"""Search spaces that are written as texts: ranges of hyperparameters, of a file with the conditions they hold under."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras_tuner

from kerasapps.app import App, SearchSpace
from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.settings import NONE, Setting, meant, parse_yaml, settings
from kerasapps.tuning.space import default_values

WRITTEN = "32,64 for some values, 0.1:0.5 or 1:8:2 for a range (with a step), log:1e-4:1e-1 for a logarithmic one"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a space. hyperparameter: the one that it is of. written: its range, see WRITTEN.

    when: parameters before it -> the values, as texts, that they need to have for this one to be active.
    """

    name: str
    hyperparameter: str
    written: str
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_space(file: str) -> dict[str, Any]:
    """What a YAML file has of hyperparameters: a range of each, or a list of them with conditions.

        optimizer: [adam, sgd]
        learning_rate:
          - {range: "log:1e-4:1e-2", when: {optimizer: adam}}
          - {range: "log:1e-2:1", when: {optimizer: sgd}}

    Raises ConfigError where the file cannot be read or holds no mapping.
    """
    try:
        content = parse_yaml(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"space={shown(file)} cannot be read: {error}. Expected a YAML file.") from error
    if not isinstance(content, dict) or not content or not all(isinstance(name, str) for name in content):
        raise ConfigError(f"space={shown(file)}: expected a range of each hyperparameter, such as 'l2: 0,1e-4'.")
    return content


def space_of(app: App, searched: Sequence[str], content: Mapping[str, Any] | None = None) -> SearchSpace:
    """The app's own space, or one of these hyperparameters alone.

    searched: texts such as "learning_rate=log:1e-4:1e-1", which win over `content`, as read_space gives it. Raises
    ConfigError for an unknown hyperparameter, and for what is no range of it.
    """
    ranges = {name.replace("-", "_"): value for name, value in (content or {}).items()}
    for name, text in map(_parted, searched):
        if sum(_parted(other)[0] == name for other in searched) > 1:
            raise ConfigError(f"search: {name} is given twice. Give it once, such as {name}={text}.")
        ranges[name] = text
    if not ranges:
        return app.space
    known = settings(app.hparams)
    for name in ranges:
        if name not in known:
            raise unknown_name(f"hyperparameter of {app.name}", name, known)
    written = [parameter for name, value in ranges.items() for parameter in _parameters(name, value)]
    twice = [name for name, times in Counter(parameter.name for parameter in written).items() if times > 1]
    if twice:
        raise ConfigError(f"space: {twice[0]} has two ranges under the same condition. Leave one out.")

    def space(hparams: Hparams, hyperparameters: keras_tuner.HyperParameters) -> Hparams:
        chosen: dict[str, Any] = {}
        for parameter in written:
            setting = known[parameter.hyperparameter]
            told = _told(hyperparameters, setting, parameter, getattr(hparams, parameter.hyperparameter))
            if told is not None:  # it is active
                chosen[parameter.hyperparameter] = _value(setting, told) if isinstance(told, str) else told
        return replace(hparams, **chosen)

    return space


def _parted(text: str) -> tuple[str, str]:
    name, equals, written = text.partition("=")
    if not equals or not written:
        raise ConfigError(f"search={shown(text)}: expected NAME=RANGE, such as {WRITTEN}.")
    return name.replace("-", "_"), written


def _parameters(name: str, value: object) -> Iterator[Parameter]:
    """Of one hyperparameter: one, or one for each condition."""
    several = value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else [value]
    if not several:
        raise ConfigError(f"space: {name}=[] is no range. Expected {WRITTEN}.")
    for each in several:
        keys = each if isinstance(each, dict) else {"range": each}
        conditions = keys.get("when", {})
        if "range" not in keys or not keys.keys() <= {"range", "when"} or not isinstance(conditions, dict):
            raise ConfigError(f"space: {name}={shown(each)}: expected range, and when such as {{optimizer: sgd}}.")
        if not all(isinstance(parent, str) and wanted not in ([], {}) for parent, wanted in conditions.items()):
            raise ConfigError(f"space: {name}, when={shown(conditions)}: expected such as {{optimizer: [adam, sgd]}}.")
        when = {parent.replace("-", "_"): _texts(wanted) for parent, wanted in conditions.items()}
        own_name = "_".join([name, *itertools.chain(*when.values())])  # KerasTuner wants one of each name
        yield Parameter(own_name, name, ",".join(_texts(keys["range"])), when)


def _texts(value: object) -> list[str]:
    """Values as they are written; a list in a list is one value, such as 64-32."""
    return [_text(each) for each in value] if isinstance(value, list) else [_text(value)]


def _text(value: object) -> str:
    """Raises ConfigError for what is nested further."""
    value = list(value) if isinstance(value, tuple) else value
    for inner in value if isinstance(value, list) else [value]:
        if isinstance(inner, (list, dict)):
            raise ConfigError(f"space: {shown(value)} is no value. Expected {WRITTEN}.")
    return "-".join(map(str, value)) if isinstance(value, list) else NONE if value is None else str(value)


def _told(
    hyperparameters: keras_tuner.HyperParameters, setting: Setting, parameter: Parameter, own: object
) -> str | float | None:
    """What KerasTuner says of a parameter, None where it is not active; `own` is the default.

    A parameter that is not active by default may leave `own` out, and begins with its first value then.
    """
    _check_conditions(hyperparameters, parameter)
    defaults = default_values(hyperparameters)
    needs_own = all(defaults.get(parent) in values for parent, values in parameter.when.items())
    choose = _number_told if ":" in parameter.written else _text_told
    with ExitStack() as conditions:
        for parent, values in parameter.when.items():
            conditions.enter_context(hyperparameters.conditional_scope(parent, list(values)))
        return choose(hyperparameters, setting, parameter, own, needs_own)


def _check_conditions(hyperparameters: keras_tuner.HyperParameters, parameter: Parameter) -> None:
    choices = {each.name: each.values for each in hyperparameters.space if isinstance(each.default, str)}
    for parent, values in parameter.when.items():
        if parent not in choices:
            raise unknown_name(
                f"parameter with values before {parameter.hyperparameter}, in its condition,", parent, choices
            )
        for value in values:
            if value not in choices[parent]:
                raise unknown_name(
                    f"value of {parent} in the condition of {parameter.hyperparameter}", value, choices[parent]
                )


def _number_told(
    hyperparameters: keras_tuner.HyperParameters, setting: Setting, parameter: Parameter, own: object, needs_own: bool
) -> float | None:
    """Of a range."""
    written = parameter.written
    sampling, bounds = ("log", written[4:]) if written.startswith("log:") else ("linear", written)
    numbers = [_number(setting, bound) for bound in bounds.split(":")]
    lowest, highest, *step = numbers if len(numbers) in (2, 3) else (1, 0)
    if not lowest < highest or (sampling == "log" and (lowest <= 0 or step)) or (step and step[0] <= 0):
        raise ConfigError(f"search: {setting.name}={written} is no range. Expected {WRITTEN}.")
    has_own = isinstance(own, (int, float)) and lowest <= own <= highest
    if needs_own and not has_own:
        raise ConfigError(
            f"search: {setting.name}={written} leaves out {_text(own)}, which is the default. Expected a range "
            f"with it, or another default: {setting.name}={lowest}."
        )
    make = hyperparameters.Int if setting.kind is int else hyperparameters.Float
    default = own if has_own else lowest
    return make(parameter.name, lowest, highest, step=step[0] if step else None, sampling=sampling, default=default)


def _text_told(
    hyperparameters: keras_tuner.HyperParameters, setting: Setting, parameter: Parameter, own: object, needs_own: bool
) -> str | None:
    """One of some values; a list is written 64-32, and KerasTuner, which takes plain values only, sees texts."""
    named = {text: _value(setting, text) for text in parameter.written.split(",")}
    default = next((text for text, value in named.items() if value == own), None)
    if default is None and needs_own:
        raise ConfigError(
            f"search: {setting.name}={parameter.written} leaves out {_text(own)}, which is the default. Expected "
            f"values with it, or another default: {setting.name}={next(iter(named))}."
        )
    return hyperparameters.Choice(parameter.name, list(named), default=default or next(iter(named)))


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
    try:
        return replace(setting, name=f"search: {setting.name}").check(tuple(values) if setting.many else values[0])
    except ConfigError as error:
        raise ConfigError(f"{error} A space is written {WRITTEN}.") from error
