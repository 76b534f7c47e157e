"""Write the tables of README and docs from the figures recorded in docs/*.json.

    python experiments/tables.py

A table stands between <!-- NAME --> and <!-- /NAME -->; nothing else of the files is touched.
Measured: at once.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.shown import accuracy, devices, searched, speed

ROOT = Path(__file__).resolve().parents[1]
TABLES: dict[str, tuple[str, Callable[[Sequence[dict[str, Any]]], str]]] = {
    "apps": ("accuracy", accuracy.apps),
    **{name: ("accuracy", made) for name, made in accuracy.ACCURACY.items()},
    "tuned": ("tuned", searched.tuned),
    "tuned-scores": ("tuned", searched.scores),
    "speed-summary": ("speed", speed.summary),
    **{name: ("speed", made) for name, made in speed.RATIOS.items()},
    "speed": ("speed", speed.speed),
    "seconds-to-target": ("speed", speed.targets),
    "seconds-to-compile": ("speed", partial(speed.costs, "compile_seconds")),
    "memory": ("speed", partial(speed.costs, "memory_mib")),
    "generation": ("generation", speed.generation),
    "searches": ("searches", speed.searches),
    "replicas": ("replicas", devices.replicas),
    "scaling": ("scaling", devices.scaling),
    "tpu": ("tpu", devices.tpu),
}
"""Table -> file in docs that its figures are recorded in, and the function that makes it."""

PAGES = ("README.md", "docs/results.md", "docs/speed.md", "docs/devices.md")
"""Each table has a place in one of them."""


def filled() -> dict[str, str]:
    """Page -> its text with the tables of what is recorded."""
    pages = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    for name, (file, table) in TABLES.items():
        recorded = json.loads((ROOT / "docs" / f"{file}.json").read_text(encoding="utf-8"))
        section = f"<!-- {name} -->\n\n{table(recorded)}\n\n<!-- /{name} -->"
        place = f"<!-- {name} -->.*<!-- /{name} -->"
        found = [page for page, text in pages.items() if re.search(place, text, flags=re.DOTALL)]
        assert len(found) == 1, f"The table {name} has a place in {found}, expected one of {PAGES}"
        pages[found[0]] = re.sub(place, lambda _, s=section: s, pages[found[0]], flags=re.DOTALL)
    return pages


def main() -> None:
    """Rewrite the pages."""
    for page, text in filled().items():
        (ROOT / page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
