"""Settings explained: type, default, range and help of dataclass fields."""

import textwrap

from kerasapps.cli._arguments import Fields, default_of, flag, type_name, value_type


def range_of(field) -> str:
    """The values a field may have beyond its type, such as ">= 1"; "" where there is no limit."""
    choices, limits = field.metadata["choices"], field.metadata["limits"]
    return ", ".join(choices) if choices else " and ".join(f"{sign} {limit:g}" for sign, limit in limits.items())


def default_text(field) -> str:
    """A field's default as it would be given."""
    default = default_of(field)
    if isinstance(default, tuple):
        return " ".join(map(str, default)) or "none"
    return str(default) if default != "" else "none"


def describe_fields(title: str, fields: Fields) -> str:
    """Help text: each flag with its help, type, range and default."""
    lines = [f"{title}:"]
    for name, field in fields.items():
        limits = range_of(field)
        kind = type_name(value_type(field))
        facts = "; ".join(
            [
                kind + (f": {limits}" if field.metadata["choices"] else f" {limits}" if limits else ""),
                f"default {default_text(field)}",
            ]
        )
        text = textwrap.fill(
            f"{field.metadata['help']} [{facts}]", 106, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
        lines += [f"  {flag(name)}", text]
    return "\n".join(lines)
