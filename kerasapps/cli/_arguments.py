"""Flags and a YAML file turned into typed values of settings, of which only those given are returned; and their help.

Flags win over the file.
"""

import csv
import shutil
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.settings import NONE, Setting, meant, parse_yaml

Settings = Mapping[str, Setting]
ALIASES = {"from": "from_run", "lr": "learning_rate", "batch_size": "global_batch_size"}
"""Other names of fields; "from" is a word of Python's, which none can be called."""
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
    keys: dict[str, str] = {}
    for key in content:
        if (other := keys.setdefault(_field(key), key)) != key:
            raise ConfigError(f"--config {path}: {other} and {key} are the same. Give one of them.")
    return {_field(key): Given(value, key, path) for key, value in content.items()}


def _field(given: str) -> str:
    """The field that a flag or a key of a file names."""
    name = given.removeprefix("--").replace("-", "_")
    return ALIASES.get(name, name)


def check_names(given: Mapping[str, Given], fields: Iterable[str], app: str) -> None:
    """Raise ConfigError for the first name that is not among `fields`."""
    fields = list(fields)
    for name, item in given.items():
        if name not in fields:
            kind = f"key in {item.file} for {app}" if item.file else f"argument of {app}"
            known = [*fields, *(other for other, field in ALIASES.items() if field in fields)]
            raise unknown_name(kind, item.name, known if item.file else map(flag, known))


def flag(name: str) -> str:
    """The flag of a setting: --global-batch-size."""
    return "--" + name.replace("_", "-")


def _flags(name: str) -> str:
    """The flag of a setting and its other names: "--learning-rate, --lr"."""
    return ", ".join(map(flag, [name, *(other for other, field in ALIASES.items() if field == name)]))


def explain(title: str, fields: Settings, used: Mapping[str, Any] | None = None, why: str = "") -> str:
    """Help text: each flag with its help, type, range and default.

    used: values that take the place of defaults, where they differ; why: what messages say of these.
    """
    texts = [
        filled(f"{each.help} [{each.wanted}; default {_default(each, (used or {}).get(name, each.default), why)}]", 6)
        for name, each in fields.items()
    ]
    return "\n".join([f"{title}:", *(f"  {_flags(name)}\n{text}" for name, text in zip(fields, texts, strict=True))])


def _default(setting: Setting, used: object, why: str) -> str:
    """The default of a setting, or what is used in its place."""
    if used == setting.default:
        return setting.default_text
    return f"{replace(setting, default=used).default_text} {why}, {setting.default_text} in general"


def filled(text: str, indent: int, first: str = "") -> str:
    """A text in lines as wide as the terminal, indented by so many spaces; first: what the first line begins with."""
    width = min(max(shutil.get_terminal_size((_WIDEST, 24)).columns, _NARROWEST), _WIDEST)
    wrapper = textwrap.TextWrapper(width, first.ljust(indent), " " * indent, break_on_hyphens=False)
    return wrapper.fill(text)


def typed(given: Mapping[str, Given], fields: Settings) -> dict[str, Any]:
    """The values of those of `given` that are among `fields`, each checked by its setting; raises ConfigError."""
    return {name: _typed(item, fields[name]) for name, item in given.items() if name in fields}


def _typed(item: Given, setting: Setting) -> object:
    setting = replace(setting, name=item.origin)
    value, as_text = item.value if item.file else _of_flag(item, setting), setting.kind is str
    if setting.optional and value in (NONE, [NONE]):
        return None
    if setting.many and isinstance(value, str):
        value = _elements(value, setting)
    return setting.check([meant(each, as_text) for each in value] if isinstance(value, list) else meant(value, as_text))


def _of_flag(item: Given, setting: Setting) -> object:
    """What a flag gave: its only text, or a list of its texts; where a list is wanted, those of all its places."""
    if not item.value and setting.kind is bool:
        return True
    texts = list(item.every) if setting.many else item.value
    if not texts:
        raise ConfigError(f"{item.origin}: no value given, expected {setting.wanted}{setting.example}.")
    if len(texts) == 1:
        return texts[0]
    return [part for text in texts for part in _elements(text, setting)] if setting.many else texts


def _elements(text: str, setting: Setting) -> list[Any]:
    """The elements that a text gives: of YAML's [a, b], or parted by commas, of which those in "..." part nothing."""
    if text.startswith("["):
        found = meant(text, False)
        if not isinstance(found, list):
            raise setting.refused(text)
        return found
    return next(csv.reader([text], skipinitialspace=True), [text]) if setting.parted else [text]
