"""What commands print: tables for people on stdout, or one line of JSON for programs; and what a model answered."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from kerasapps.data.cells import write_csv
from kerasapps.errors import ConfigError
from kerasapps.printable import on_one_line, printable

_PAGE, _WIDEST, _GAP = 120, 1000, 3
_PLACES = ("class", "second", "third")
"""Heads of the classes that are shown of a row, the likeliest first."""
_OF_THE_TARGET = ("predictions", "probabilities", "logits", "scores")
_ROWS = "rows"  # what models that make rows call them, as kerasapps.tasks.generative has it


def print_json(value: object) -> None:
    """`value` on one line of standard JSON, in which numbers that are not finite are null."""
    print(json.dumps(_plain(value), allow_nan=False))


def _plain(value: object) -> object:
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
    print(printable(text), file=sys.stderr)


def print_paths(paths: Iterable[Path]) -> None:
    """Each on a line of stdout."""
    print(*(on_one_line(str(path)) for path in paths), sep="\n")


def number(value: float) -> str:
    """Six digits of a number."""
    return f"{value:.6g}"


def print_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout, without a head where `heads` are empty; no word and no number in it is broken.

    It is as wide as the terminal; where there is none, at most 120 columns. What does not fit beside each other stands
    below it, after the first column again. Wider is only a word that is wider than all this.
    """
    from rich.console import Console
    from rich.text import Text

    columns = [[on_one_line(str(cell)) for cell in column] for column in zip(heads, *rows, strict=True)]
    room = Console().width if sys.stdout.isatty() else _PAGE
    Console(width=_WIDEST).print(Text(printable(title), "bold"), soft_wrap=True)
    for block in _blocks(columns, room):
        _print_block(block, room)


def _print_block(columns: Sequence[Sequence[str]], room: int) -> None:
    """Heads and cells of columns beside each other."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=any(head for head, *_ in columns), box=SIMPLE_HEAD, pad_edge=False)
    widths = _widths(columns, room)
    for (head, *_), width in zip(columns, widths, strict=True):
        table.add_column(Text(head), width=width)
    for cells in zip(*(cells for _, *cells in columns), strict=True):
        table.add_row(*map(Text, cells))
    Console(width=_whole(widths)).print(table)


def _whole(widths: Sequence[int]) -> int:
    """Columns of a table: three between two of its columns, and one at each side."""
    return sum(widths) + _GAP * (len(widths) - 1) + 2


def _least(column: Sequence[str]) -> int:
    """Width of the longest word."""
    from rich.cells import cell_len

    return max((cell_len(word) for cell in column for word in cell.split()), default=1)


def _most(column: Sequence[str]) -> int:
    """Width of the longest cell."""
    from rich.cells import cell_len

    return max(1, *map(cell_len, column))


def _blocks(columns: Sequence[Sequence[str]], room: int) -> Iterator[list[Sequence[str]]]:
    """Columns that fit beside each other, one at least after the first, which is in each block."""
    first, *others = columns
    block: list[Sequence[str]] = [first]
    for column in others:
        if len(block) > 1 and _whole([_most(first), *map(_least, [*block[1:], column])]) > room:
            yield block
            block = [first]
        block.append(column)
    yield block


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """The first column is never wrapped; of the others the narrowest grow first, up to what they need."""
    most = [*map(_most, columns)]
    widths = [most[0], *map(_least, columns[1:])]
    while growing := [i for i, width in enumerate(widths) if width < most[i]]:
        if _whole(widths) >= room:
            break
        widths[min(growing, key=lambda i: widths[i])] += 1
    return widths


def records(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each row's outputs by name."""
    for i in range(len(next(iter(answer.values())))):
        yield {name: values[i] for name, values in answer.items()}


def is_classified(answer: Mapping[str, Any]) -> bool:
    """Whether it says of each row how likely which class is."""
    return "class" in answer and "probabilities" in answer


def table(
    answer: Mapping[str, Any], names: Sequence[str], features: Sequence[str] = ()
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the likeliest classes with their probabilities, or else every output.

    names: of the target's classes or reals. features: of the inputs' numbers, which a model may make, too.
    """
    if is_classified(answer):
        return _likeliest(answer, names)
    heads, rows = _cells(answer, names, features)
    shown = [[cell if isinstance(cell, str) else number(float(cell)) for cell in row] for row in rows]
    return ["row", *heads], [[str(i), *row] for i, row in enumerate(shown)]


def _ranked(shares: Sequence[float], first: int) -> list[int]:
    """Numbers of the classes, the likeliest first: `first`, also where another is as likely up to rounding."""
    return sorted(range(len(shares)), key=lambda number: (number != first, -shares[number]))


def _likeliest(answer: Mapping[str, Any], names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    places = _PLACES[: len(names)]
    rows = []
    for i, (shares, first) in enumerate(zip(answer["probabilities"], answer["classes"], strict=True)):
        best = _ranked(shares, first)[: len(places)]
        rows.append([str(i), *chain(*((names[each], f"{shares[each]:.1%}") for each in best))])
    return ["row", *chain(*((place, "") for place in places))], rows


def table_of_classes(answer: Mapping[str, Any], names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: all classes of each row, the likeliest first, each with its probability and its logit."""
    rows = []
    for i, (shares, first, logits) in enumerate(
        zip(answer["probabilities"], answer["classes"], answer["logits"], strict=True)
    ):
        # Two classes share one logit, that of the second.
        shown = ["", number(logits[0])] if len(logits) < len(names) else list(map(number, logits))
        rows += [[str(i), names[each], number(shares[each]), shown[each]] for each in _ranked(shares, first)]
    return ["row", "class", "probability", "logit"], rows


def write_table(path: Path, answer: Mapping[str, Any], names: Sequence[str], features: Sequence[str] = ()) -> Path:
    """Write all columns with all their digits as CSV under their names; raises ConfigError where that cannot be."""
    heads, rows = _cells(answer, names, features)
    try:
        write_csv(path, [heads, *rows])
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}. Give another file with --output.") from error
    return path


def _cells(
    answer: Mapping[str, Any], names: Sequence[str], features: Sequence[str]
) -> tuple[list[str], list[list[Any]]]:
    """Heads, and the values of each row: of a classifier the class, its probability, and those of all classes."""
    if is_classified(answer):
        best = zip(answer["class"], answer["probabilities"], strict=True)
        return ["class", "probability", *names], [[name, shares.max(), *shares] for name, shares in best]
    flat = {name: values.reshape(len(values), math.prod(values.shape[1:])) for name, values in answer.items()}
    heads = [head for name, values in flat.items() for head in _heads(name, values.shape[1], names, features)]
    return heads, [list(chain(*row)) for row in zip(*flat.values(), strict=True)]


def _heads(output: str, width: int, names: Sequence[str], features: Sequence[str]) -> list[str]:
    own = features if output == _ROWS else names if output in _OF_THE_TARGET else ()
    if width == len(own):
        return list(own)
    return [output] if width == 1 else [f"{output}[{i}]" for i in range(width)]
