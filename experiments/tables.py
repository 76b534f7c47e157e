"""Write README's tables of results and speed from docs/accuracy.json and docs/speed.json, as recorded.

    python experiments/tables.py

A table stands between <!-- NAME --> and <!-- /NAME -->; nothing else of the file is touched.
Measured: at once.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def accuracy(measured: Sequence[dict[str, Any]]) -> str:
    """What the experiments reach."""
    header = ("experiment", "quantity", "seeds", "median", "least to most", "wanted", "")
    return markdown(header, [_accuracy_row(row) for row in measured])


def _accuracy_row(row: dict[str, Any]) -> list[str]:
    low, high = row["at_least"], row["at_most"]
    wanted = f">= {low:g}" if low is not None else f"<= {high:g}" if high is not None else ""
    verdict = ("reached" if row["holds"] else "**missed**") if wanted else ""
    counted = row["quantity"].startswith("runs with")
    value = f"{row['value']:g} of {row['seeds']}" if counted else f"{row['value']:.3g}"
    spread = "" if counted else f"{row['least']:.3g} to {row['most']:.3g}"
    return [row["experiment"], row["quantity"], str(row["seeds"]), value, spread, wanted, verdict]


def speed(measured: Sequence[dict[str, Any]]) -> str:
    """Seconds an epoch beside those of fit."""
    header = ("case", "data", "rows", "ms an epoch", "fit's", "times faster", "than bare fit", "wanted", "", "plan")
    return markdown(header, [_speed_row(row) for row in measured])


def _speed_row(row: dict[str, Any]) -> list[str]:
    spent = [_three_digits(row[name] / 1000) for name in ("ours_us", "fit_us")]
    ratio, least, most, bare = (_three_digits(row[name]) for name in ("ratio", "least", "most", "bare_ratio"))
    verdict = "reached" if row["holds"] else "**missed**"
    last = [f"{ratio} ({least} to {most})", bare, f">= {row['at_least']:g}", verdict, row["plan"]]
    return [row["case"], row["data"], f"{row['rows']:,}", *spent, *last]


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def filled(text: str) -> str:
    """README's text with the tables of what is recorded."""
    for name, table in (("accuracy", accuracy), ("speed", speed)):
        recorded = json.loads((ROOT / "docs" / f"{name}.json").read_text(encoding="utf-8"))
        section = f"<!-- {name} -->\n\n{table(recorded)}\n\n<!-- /{name} -->"
        text, found = re.subn(f"<!-- {name} -->.*<!-- /{name} -->", lambda _, s=section: s, text, flags=re.DOTALL)
        assert found == 1, f"README.md has {found} places for the table {name}, expected 1"
    return text


def main() -> None:
    """Rewrite the file."""
    readme = ROOT / "README.md"
    readme.write_text(filled(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
