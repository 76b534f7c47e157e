"""Flags and a YAML file turned into typed values of settings, of which only those given are returned; and their help.

Flags win over the file.
"""

import shutil
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.settings import NONE, Setting, meant, parse_yaml

Settings = Mapping[str, Setting]
_NARROWEST, _WIDEST = 60, 100
"""Columns of help; between them it is as wide as the terminal, or as $COLUMNS says."""


@dataclass(frozen=True)
class Given:
    """One value as it was given: by a flag, or by a key of a YAML file.

    every: of a flag that was repeated, the texts of all its places in their order; a list takes all of them.
    """

    value: Any
    name: str
    file: str = ""
    every: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Where it was given, for messages: "--epochs" or "FILE.yaml: epochs"."""
        return f"{self.file}: {self.name}" if self.file else self.name


def group_flags(arguments: Iterable[str]) -> dict[str, Given]:
    """Flags with the texts after them, by name with "_" for "-"; of a repeated flag the last counts.

    A flag's value is the list of its texts, [] for a flag alone. Raises ConfigError for a text before any flag.
    """
    places: list[tuple[str, list[str]]] = []
    for argument in arguments:
        if argument.startswith("--") or argument == "-h":
            flag, equals, text = argument.partition("=")
            places.append((flag, [text] if equals else []))
        elif not places:
            raise ConfigError(f"Unexpected {shown(argument)}: expected a flag, such as --epochs 3.")
        else:
            places[-1][1].append(argument)
    flags: dict[str, Given] = {}
    for flag, texts in places:
        name = "help" if flag == "-h" else _field(flag)
        before = flags[name].every if name in flags else ()
        flags[name] = Given(texts, flag, every=(*before, *texts))
    return flags


def read_yaml(path: str) -> dict[str, Given]:
    """The keys of a YAML file that holds one mapping; "-" and "_" are the same. Raises ConfigError."""
    try:
        content = parse_yaml(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"--config {path} cannot be read: {error}. Expected a YAML file.") from error
    content = {} if content is None else content
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigError(f"--config {path}: expected a mapping such as 'epochs: 3', one field a line.")
    return {_field(key): Given(value, key, path) for key, value in content.items()}


def _field(given: str) -> str:
    """The field that a flag or a key of a file names; "from" is a word of Python's, which none can be called."""
    name = given.removeprefix("--").replace("-", "_")
    return "from_run" if name == "from" else name


def check_names(given: Mapping[str, Given], fields: Iterable[str], app: str) -> None:
    """Raise ConfigError for the first name that is not among `fields`."""
    fields = list(fields)
    for name, item in given.items():
        if name not in fields:
            kind = f"key in {item.file} for {app}" if item.file else f"argument of {app}"
            raise unknown_name(kind, item.name, fields if item.file else map(flag, fields))


def flag(name: str) -> str:
    """The flag of a setting: --global-batch-size."""
    return "--" + name.replace("_", "-")


def explain(title: str, fields: Settings) -> str:
    """Help text: each flag with its help, type, range and default."""
    texts = [filled(f"{each.help} [{each.wanted}; default {each.default_text}]", 6) for each in fields.values()]
    return "\n".join([f"{title}:", *(f"  {flag(name)}\n{text}" for name, text in zip(fields, texts, strict=True))])


def filled(text: str, indent: int, first: str = "") -> str:
    """A text in lines as wide as the terminal, indented by so many spaces; first: what the first line begins with."""
    width = min(max(shutil.get_terminal_size((_WIDEST, 24)).columns, _NARROWEST), _WIDEST)
    return textwrap.fill(text, width, initial_indent=first.ljust(indent), subsequent_indent=" " * indent)


def typed(given: Mapping[str, Given], fields: Settings) -> dict[str, Any]:
    """The values of those of `given` that are among `fields`, each checked by its setting; raises ConfigError."""
    return {name: _typed(item, fields[name]) for name, item in given.items() if name in fields}


def _typed(item: Given, setting: Setting) -> object:
    value, as_text = item.value if item.file else _of_flag(item, setting), setting.kind is str
    if setting.optional and value in (NONE, [NONE]):
        return None
    if isinstance(value, list):
        value = [meant(each, as_text) for each in value]
    else:
        value = meant(value, as_text and not setting.many)
    return replace(setting, name=item.origin).check(value)


def _of_flag(item: Given, setting: Setting) -> object:
    """What a flag gave: the list of its texts, or its only text where that is no element of a list."""
    if not item.value and setting.kind is bool:
        return True
    texts = list(item.every) if setting.many else item.value
    if not texts:
        raise ConfigError(f"{item.origin}: no value given, expected {setting.wanted}.")
    is_list = len(texts) > 1 or (setting.many and not texts[0].startswith("["))
    return texts if is_list else texts[0]
