"""Settings explained: type, default, range and help of dataclass fields."""

import textwrap
from dataclasses import Field

from kerasapps.cli._arguments import Fields, default_of, flag, type_name, value_type

_WIDTH = 100


def range_of(field: Field) -> str:
    """The values a field may have beyond its type, such as ">= 1"; "" where there is no limit."""
    choices, limits = field.metadata["choices"], field.metadata["limits"]
    return " | ".join(choices) if choices else " and ".join(f"{sign} {limit:g}" for sign, limit in limits.items())


def kind_text(field: Field) -> str:
    """A field's type and range, such as "int >= 1"."""
    return f"{type_name(value_type(field))} {range_of(field)}".rstrip()


def default_text(field: Field) -> str:
    """A field's default as it would be given."""
    default = default_of(field)
    if isinstance(default, tuple):
        return " ".join(map(str, default)) or "none"
    return str(default) if default != "" else "none"


def describe_fields(title: str, fields: Fields) -> str:
    """Help text: each flag with its help, type, range and default."""
    return "\n".join([f"{title}:", *(f"  {flag(name)}\n{_explained(field)}" for name, field in fields.items())])


def _explained(field: Field) -> str:
    text = f"{field.metadata['help']} [{kind_text(field)}; default {default_text(field)}]"
    return textwrap.indent(textwrap.fill(text, _WIDTH), " " * 6)
