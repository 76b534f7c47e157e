"""Settings: values that a user may give, each declared once by its annotation, default, help and limits."""

import copy
import dataclasses
import functools
import math
import operator
import os
import re
import types
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

from kerasapps.errors import ConfigError, shown, unknown_name

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

_Default = TypeVar("_Default")
_HOLDS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
_KINDS = (bool, int, float, str, dict)
_FLOAT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")
"""A number such as 1e-3, which YAML itself takes for a text."""
NONE = "none"
"""The text for None."""
_EXAMPLES: dict[type, list[Any]] = {int: [64, 32], float: [0.1, 0.2], str: ["a", "b"]}
"""Lists that messages show of settings without a default."""
MOST_NESTED = 3
"""Mappings that may lie in another. More mean nothing, and one that lies in itself has no end."""


@dataclass(frozen=True)
class Limits:
    """What a value may be beyond its type: the range of a number, or the length of a text.

    Of a list the range is that of each element, and the length is that of the list.
    """

    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    below: float | None = None
    shortest: int = 0
    longest: int | None = None

    @property
    def bounds(self) -> dict[str, float]:
        """The ends of the range, by their signs."""
        ends = {">=": self.minimum, ">": self.above, "<=": self.maximum, "<": self.below}
        return {sign: end for sign, end in ends.items() if end is not None}

    def hold(self, values: "float | np.ndarray | tf.Tensor") -> "bool | np.ndarray | tf.Tensor":
        """Whether each of `values`, a number, an array or a tensor, lies in the range."""
        return functools.reduce(operator.and_, (_HOLDS[sign](values, end) for sign, end in self.bounds.items()), True)

    def fit(self, length: "int | tf.Tensor") -> "bool | tf.Tensor":
        """Whether a length, a number or a tensor, is one of those allowed."""
        return Limits(self.shortest, maximum=self.longest).hold(length)

    @property
    def lengths(self) -> str:
        """The lengths allowed, in words."""
        return f"at least {self.shortest}" if self.longest is None else f"{self.shortest} to {self.longest}"

    def __str__(self) -> str:
        return " and ".join(f"{sign} {end:g}" for sign, end in self.bounds.items())


@dataclass(frozen=True)
class Setting:
    """One setting. kind: the type of its value, or of each element where it is a list of `many`.

    parted: whether commas part the elements of a list on the command line.
    """

    name: str
    kind: type
    default: object = None
    help: str = ""
    limits: Limits = Limits()
    choices: tuple[str, ...] = ()
    optional: bool = False
    many: bool = False
    parted: bool = True

    @property
    def type_name(self) -> str:
        """The type as JSON and messages name it, such as "list[int]" or "int | None"."""
        return (f"list[{self.kind.__name__}]" if self.many else self.kind.__name__) + " | None" * self.optional

    @property
    def range(self) -> str:
        """The values allowed beyond the type, such as ">= 1" or "auto | manual"; "" where all are."""
        return " | ".join(self.choices) or str(self.limits)

    @property
    def wanted(self) -> str:
        """Type and range, such as "int >= 1, or none"."""
        return f"{self.type_name.removesuffix(' | None')} {self.range}".rstrip() + f", or {NONE}" * self.optional

    @property
    def default_text(self) -> str:
        """The default as it may be given on the command line."""
        if self.default is None:
            return NONE
        if self.many and isinstance(self.default, Iterable):
            return " ".join(map(str, self.default)) or "[]"
        return text_of(self.default) if isinstance(self.default, bool) else str(self.default)

    def check(self, value: object) -> object:
        """`value` in the setting's type: ints as floats, paths as texts, lists as tuples; raises ConfigError.

        Numbers and arrays of NumPy are those of Python.
        """
        value = _plain(value, self.name)
        if value is None and self.optional:
            return None
        if self.many and isinstance(value, (list, tuple)):
            self._check_length(value, "value")
            return tuple(map(self._element.check, value))
        if self.kind is float and type(value) is int and abs(value) < 1 << 1000:
            value = float(value)
        if self.kind is str and isinstance(value, os.PathLike):
            value = os.fspath(value)
        if self.many or not isinstance(value, self.kind) or (self.kind is int and isinstance(value, bool)):
            raise self.refused(value)
        if isinstance(value, str) and self.choices and value not in self.choices:
            raise unknown_name(f"value of {self.name}", value, self.choices)
        if isinstance(value, str):
            self._check_length(value, "character")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.refused(value, "a finite number")
        if not self.limits.hold(value):
            raise self.refused(value)
        if isinstance(value, int) and abs(value) >= 1 << 63:
            raise self.refused(value, "an int of 64 bits")
        return value

    def _check_length(self, value: Sized, unit: str) -> None:
        if not self.limits.fit(len(value)):
            lengths = self.limits.lengths
            raise self.refused(value, f"{lengths} {unit}{'s' * (lengths != 'at least 1')}")

    @property
    def _element(self) -> "Setting":
        return dataclasses.replace(
            self, many=False, optional=False, limits=dataclasses.replace(self.limits, shortest=0)
        )

    def refused(self, value: object, wanted: str = "") -> ConfigError:
        """An error of what is no value; `wanted` says it better than type and range."""
        given = shown(list(value) if isinstance(value, tuple) else value)
        wanted = wanted + f", or {NONE}" * self.optional if wanted else self.wanted
        return ConfigError(f"{self.name}={given}: expected {wanted}{self.example}.")

    @property
    def example(self) -> str:
        """What a message ends with where a list is wanted: ", such as --hidden 64 32"; "" elsewhere."""
        if not self.many:
            return ""
        some = list(self.default) if isinstance(self.default, (list, tuple)) and self.default else _EXAMPLES[self.kind]
        return f", such as {' '.join([self.name, *map(str, some)]) if self.name.startswith('--') else some}"


def _plain(value: object, name: str, depth: int = 0) -> object:
    """What NumPy has of numbers, in Python's types, also in mappings of a setting; ConfigError for one in itself."""
    if isinstance(value, dict):
        if depth > MOST_NESTED:
            raise ConfigError(f"{name} has {shown(value)} too deep in it. Expected at most {MOST_NESTED} in another.")
        return {key: _plain(each, name, depth + 1) for key, each in value.items()}
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    return value


def declared(
    name: str,
    annotation: object,
    default: object,
    help: str = "",
    limits: Limits | None = None,
    parted: bool = True,
) -> Setting:
    """The Setting of an annotation: int, float, bool, str, dict[...], Literal of texts, tuple[one of them, ...].

    Each may be `| None`; texts and lists then are never empty. Raises TypeError for other annotations.
    """
    union = get_origin(annotation) in (Union, types.UnionType)
    parts = [part for part in get_args(annotation) if part is not type(None)] if union else [annotation]
    one, many = parts[0], get_origin(parts[0]) is tuple
    if many:
        one, *dots = get_args(one)
    choices = get_args(one) if get_origin(one) is Literal else ()
    kind = str if choices else get_origin(one) or one
    if not isinstance(kind, type) or kind not in _KINDS or len(parts) > 1 or (many and dots != [...]):
        raise TypeError(f"{name}: {annotation} is no type of a setting. Expected one such as int or float | None.")
    optional, limits = union and len(parts) < len(get_args(annotation)), limits or Limits()
    if optional and not limits.shortest:
        limits = dataclasses.replace(limits, shortest=1)
    return Setting(name, kind, default, help, limits, choices, optional, many, parted)


def setting(default: _Default, help: str = "", *, parted: bool = True, **limits: Any) -> _Default:
    """Declare a field of a dataclass as a setting.

    Args:
        default: The value where none is given.
        help: What it means, in a line. A field without help is a setting of a base class with another default.
        parted: Whether commas part the elements of a list on the command line.
        **limits: The values allowed: minimum, above, maximum, below; or shortest and longest of a text or list.
    """
    metadata = {"help": help, "limits": Limits(**limits), "parted": parted} if help else {}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: copy.copy(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def settings(kind: type) -> dict[str, Setting]:
    """The settings of a dataclass, by name."""
    return _settings(kind)


@functools.cache
def _settings(kind: type) -> dict[str, Setting]:
    found = {}
    for field in dataclasses.fields(kind):
        bases = (getattr(base, "__dataclass_fields__", {}).get(field.name) for base in kind.__mro__)
        first = next((each for each in bases if each is not None and each.metadata), None)
        if first is not None:
            default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
            found[field.name] = declared(field.name, first.type, default, **first.metadata)
    return found


def check(values: object) -> None:
    """Check every setting of a frozen dataclass instance, and give it its type; raises ConfigError."""
    for name, each in settings(type(values)).items():
        object.__setattr__(values, name, each.check(getattr(values, name)))


def values_of(values: object) -> dict[str, Any]:
    """The settings of a dataclass instance, by name: what its constructor takes from users."""
    return {name: getattr(values, name) for name in settings(type(values))}


def text_of(value: object) -> str:
    """As it is given on the command line."""
    if isinstance(value, (list, tuple)):
        return " ".join(map(text_of, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else NONE if value is None else str(value)


def meant(value: object, as_text: bool) -> object:
    """What a text means in YAML, unless it is wanted `as_text`; what is no YAML stays as it is."""
    if as_text or not isinstance(value, str):
        return value
    try:
        return parse_yaml(value)
    except ConfigError:
        return value


def parse_yaml(text: str) -> object:
    """What YAML means, where 1e-3 is a number, too; raises ConfigError."""
    import yaml  # what reads no values does without it

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, "-+.0123456789")
    try:
        return yaml.load(text, Loader)
    except RecursionError as error:
        raise ConfigError("it is nested too deeply") from error
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigError(str(error)) from error
