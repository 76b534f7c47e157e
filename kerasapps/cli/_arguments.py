"""Flags and a YAML file turned into typed values of settings, of which only those given are returned; and their help.

Flags win over the file. Names and types are checked here, ranges by the dataclasses themselves.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError, unknown_name
from kerasapps.settings import NONE, Setting

Settings = Mapping[str, Setting]
_FLOAT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")
_WIDTH = 100


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
    try:
        content = parse_yaml(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
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
    """The flag of a setting: --global-batch-size."""
    return "--" + name.replace("_", "-")


def explain(title: str, fields: Settings) -> str:
    """Help text: each flag with its help, type, range and default."""
    texts = (f"{each.help} [{each.wanted}; default {each.default_text}]" for each in fields.values())
    filled = (textwrap.indent(textwrap.fill(text, _WIDTH), " " * 6) for text in texts)
    return "\n".join([f"{title}:", *(f"  {flag(name)}\n{text}" for name, text in zip(fields, filled, strict=True))])


def typed(given: Mapping[str, Given], fields: Settings) -> dict[str, Any]:
    """The values of those of `given` that are among `fields`, each of its setting's type; raises ConfigError."""
    return {name: _typed(item, fields[name]) for name, item in given.items() if name in fields}


def _typed(item: Given, setting: Setting) -> Any:
    value = item.value if item.file else _of_flag(item, setting)
    try:
        if setting.optional and value in (NONE, [NONE]):
            return None
        if isinstance(value, list):
            return setting.typed([_meant(each, setting) for each in value])
        return setting.typed(parse_yaml(value) if setting.many and isinstance(value, str) else _meant(value, setting))
    except ConfigError as error:
        raise ConfigError(f"{item.origin}: {_shown(item.value)!r} given, expected {setting.wanted}.") from error


def _meant(value: Any, setting: Setting) -> Any:
    """What a text means in YAML, where the setting is no text itself."""
    return parse_yaml(value) if isinstance(value, str) and setting.kind is not str else value


def _of_flag(item: Given, setting: Setting) -> Any:
    """What a flag gave: the list of its texts, or the one text of a setting that is no list."""
    if setting.kind is bool and not item.value:
        return True
    if setting.many and item.value and not item.value[0].startswith("["):
        return item.value
    if len(item.value) != 1:
        wanted = f"{setting.wanted}, [] for none" if setting.many else f"one {setting.wanted}"
        raise ConfigError(f"{item.origin}: {len(item.value)} values given ({_shown(item.value)}), expected {wanted}.")
    return item.value[0]


def _shown(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) and all(isinstance(text, str) for text in value) else value


def parse_yaml(text: str) -> Any:
    """What YAML means, where 1e-3 is a number, too; raises ConfigError."""
    import yaml  # what reads no values does without it

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, "-+.0123456789")
    try:
        return yaml.load(text, Loader)
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{error}. Expected YAML.") from error
