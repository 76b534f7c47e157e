"""Tables in Markdown, narrow enough for a screen."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from experiments.claims.claim import bound_of
from experiments.peers.show import number


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column that is empty in all rows is left out."""
    rows = list(rows)
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    lines = [[line[place] for place in kept] for line in (header, *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], ["---"] * len(kept), *lines[1:]))


def spread(low: float, high: float, digits: int = 3) -> str:
    """The range of several values; "" where they look the same."""
    ends = number(low, digits), number(high, digits)
    return "" if ends[0] == ends[1] else " to ".join(ends)


VERDICTS = {True: "", False: " **missed**", None: " not measured"}


def bound(row: Mapping[str, Any]) -> str:
    """A goal and whether it was missed, such as "≥ 0.95 **missed**"; "" where there is none."""
    wanted = bound_of(row.get("at_least"), row.get("at_most"))
    return wanted and wanted.replace(">=", "≥").replace("<=", "≤") + VERDICTS[row.get("holds", True)]


def escaped(text: str) -> str:
    """A plain text as Markdown; what stands between backticks stays as it is."""
    signs = {"|": "\\|", "<": "&lt;", "*": "\\*", "_": "\\_"}
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else "".join(signs.get(s, s) for s in part) for part in parts)
