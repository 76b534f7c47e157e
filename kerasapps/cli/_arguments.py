"""Flags and a YAML file turned into typed values of dataclass fields; only what was given is returned.

Flags win over the file. Names are checked here, ranges by the dataclasses themselves.
"""

import argparse
import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError, unknown_name

Fields = Mapping[str, dataclasses.Field]


@dataclass(frozen=True)
class Given:
    """One value as it was given: by a flag, or by a key of a YAML file."""

    value: Any
    name: str
    file: str = ""

    @property
    def origin(self) -> str:
        """Where it was given, for messages: "--epochs" or "FILE.yaml: epochs"."""
        return f"{self.file}: {self.name}" if self.file else self.name


def group_flags(arguments: Iterable[str]) -> dict[str, Given]:
    """Flags with the texts after them, by name with "_" for "-"; of a repeated flag the last counts.

    A flag's value is the list of its texts, [] for a flag alone. Raises ConfigError for a text before any flag.
    """
    flags: dict[str, Given] = {}
    texts: list[str] | None = None
    for argument in arguments:
        if argument.startswith("--") or argument == "-h":
            flag, equals, text = argument.partition("=")
            texts = [text] if equals else []
            name = "help" if flag == "-h" else flag.removeprefix("--").replace("-", "_")
            flags[name] = Given(texts, flag)
        elif texts is None:
            raise ConfigError(f"Unexpected {argument!r}: expected a flag, such as --epochs 3.")
        else:
            texts.append(argument)
    return flags


def read_yaml(path: str) -> dict[str, Given]:
    """The keys of a YAML file that holds one mapping; "-" and "_" are the same. Raises ConfigError."""
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"--config {path} cannot be read: {error}. Expected a YAML file.") from error
    if content is None:
        content = {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigError(f"--config {path}: expected a mapping such as 'epochs: 3', one field a line.")
    return {key.replace("-", "_"): Given(value, key, path) for key, value in content.items()}


def check_names(given: Mapping[str, Given], fields: Iterable[str], app: str) -> None:
    """Raise ConfigError for the first name that is not among `fields`."""
    fields = list(fields)
    for name, item in given.items():
        if name not in fields and item.file:
            raise unknown_name(f"key in {item.file} for {app}", item.name, fields)
        if name not in fields:
            raise unknown_name(f"argument of {app}", item.name, map(flag, fields))


def flag(name: str) -> str:
    """The flag of a field: --global-batch-size."""
    return "--" + name.replace("_", "-")


def typed(given: Mapping[str, Given], fields: Fields) -> dict[str, Any]:
    """The values of those of `given` that are among `fields`, each of its field's type; raises ConfigError."""
    import jsonargparse

    parser = jsonargparse.ArgumentParser(exit_on_error=False, default_env=False)
    values = {}
    for name, item in given.items():
        if name not in fields:
            continue
        kind = value_type(fields[name])
        parser.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS)
        try:
            values |= parser.parse_object({name: _single(item, fields[name])}).as_dict()
        except argparse.ArgumentError as error:
            raise ConfigError(f"{item.origin}: {_shown(item.value)!r} given, expected {type_name(kind)}.") from error
    return values


def _single(item: Given, field: dataclasses.Field) -> Any:
    """What was given for `field`: of a flag that is no list, its one text."""
    if item.file:
        return item.value
    if isinstance(default_of(field), bool) and not item.value:
        return True
    if isinstance(default_of(field), tuple) and item.value and not item.value[0].startswith("["):
        return [*item.value]  # jsonargparse converts in place
    if len(item.value) != 1:
        wanted = type_name(value_type(field))
        wanted = f"{wanted}, [] for none" if isinstance(default_of(field), tuple) else f"one {wanted}"
        raise ConfigError(f"{item.origin}: {len(item.value)} values given ({_shown(item.value)}), expected {wanted}.")
    return item.value[0]


def _shown(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) and all(isinstance(text, str) for text in value) else value


def default_of(field: dataclasses.Field) -> Any:
    """A field's default."""
    return field.default if field.default is not dataclasses.MISSING else field.default_factory()


def value_type(field: dataclasses.Field) -> Any:
    """The type of a field's values, that of its default; list[element] for a tuple, words where it is empty."""
    default = default_of(field)
    if isinstance(default, tuple):
        return list[type(default[0]) if default else str]
    return field.type if default is None else type(default)


def type_name(kind: Any) -> str:
    """int, float, str, bool, dict, list[int] ..."""
    return kind.__name__ if type(kind) is type else str(kind)
