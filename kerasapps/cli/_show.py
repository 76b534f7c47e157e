"""What commands print: tables for people on stdout, or one line of JSON for programs."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_PAGE = 100
_WIDEST = 1000


def print_json(value: Any) -> None:
    """`value` on one line of standard JSON, in which numbers that are not finite are null."""
    print(json.dumps(_plain(value), allow_nan=False))


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (int, str, type(None))) else str(value)


def print_note(text: str) -> None:
    """`text` on stderr."""
    print(text, file=sys.stderr)


def number(value: float) -> str:
    """Six digits of a number."""
    return f"{value:.6g}"


def print_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, wrapped: bool = True) -> None:
    """A table on stdout, without a head where `heads` are empty.

    It is as wide as the terminal; where there is none, 100 columns, or as wide as its rows if not `wrapped`.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=any(heads), box=SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(heads):
        table.add_column(Text(head), overflow="fold", no_wrap=i == 0)
    for row in rows:
        table.add_row(*(Text(cell if isinstance(cell, str) else str(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else _PAGE if wrapped else _WIDEST)
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(table)
