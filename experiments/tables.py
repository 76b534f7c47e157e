"""Write the tables of README and docs from the figures recorded in docs/*.json.

    python experiments/tables.py

A table stands between <!-- NAME --> and <!-- /NAME -->; nothing else of the files is touched.
Measured: at once.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.claims.searched import HEADER, searched_row
from experiments.claims.table import CLAIMS
from experiments.peers.show import bound_text, number, peak_of, ratio_text, share_text, target_text
from experiments.peers.sides import SIDES

ROOT = Path(__file__).resolve().parents[1]
OTHERS = {side.name: side.shown for side in SIDES if side.name != "ours"}


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def accuracy(measured: Sequence[dict[str, Any]]) -> str:
    """What the experiments reach, and what is claimed of them but was not recorded yet."""
    header = ("experiment", "quantity", "seeds", "median", "least to most", "wanted", "")
    known = {(row["experiment"], row["quantity"]): row for row in measured}
    keys = [(claim.experiment, claim.shown) for claim in CLAIMS]
    rows = [
        _accuracy_row(known[key]) if key in known else [*key, "", "not recorded", "", _wanted(vars(claim)), ""]
        for key, claim in zip(keys, CLAIMS, strict=True)
    ]
    return markdown(header, rows)


def _wanted(row: Mapping[str, Any]) -> str:
    low, high = row["at_least"], row["at_most"]
    return f">= {low:g}" if low is not None else f"<= {high:g}" if high is not None else ""


def _accuracy_row(row: dict[str, Any]) -> list[str]:
    wanted = _wanted(row)
    verdict = ("reached" if row["holds"] else "**missed**") if wanted else ""
    counted = row["quantity"].startswith("runs with")
    value = f"{row['value']:g} of {row['seeds']}" if counted else number(row["value"], 4)
    spread = "" if counted else f"{number(row['least'], 4)} to {number(row['most'], 4)}"
    return [row["experiment"], row["quantity"], str(row["seeds"]), value, spread, wanted, verdict]


def speed(measured: Sequence[dict[str, Any]]) -> str:
    """Examples a second, and how many times those of the other sides they are."""
    header = ("case", "data", "rows", "batch", "plan", "examples/s", "of peak", *OTHERS.values(), "wanted")
    return markdown(header, [_speed_row(row, peak_of(measured)) for row in measured])


def _speed_row(row: dict[str, Any], peak: float) -> list[str]:
    ours = row["sides"]["ours"]
    about = [row["case"], row["data"], f"{row['rows']:,}", str(row["batch_size"]), ours["plan"]]
    own = [number(ours["examples_per_second"]), share_text(row, "ours", peak)]
    ratios = [_absent(row, name) or ratio_text(row["ratios"].get(name)) for name in OTHERS]
    wanted = [f"{OTHERS[name]} {bound_text(r)}" for name, r in row["ratios"].items() if bound_text(r)]
    return [*about, *own, *ratios, ", ".join(wanted).replace("holds", "reached").replace("MISSED", "**missed**")]


def _side(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What was measured of a side, which not every case has."""
    return row["sides"].get(name, {})


def _absent(row: Mapping[str, Any], name: str) -> str:
    """Why a side was not measured; what was left out when the case was recorded needs no words in a table."""
    reason = _side(row, name).get("absent", "")
    return "" if reason.endswith("left out by --sides") else reason


def costs(measured: Sequence[dict[str, Any]]) -> str:
    """Seconds to the target, of compiling, and memory, of every side that does the same work."""
    names = ["ours", *(name for name in OTHERS if name != "bare_fit")]
    shown = ["ours", *(text for name, text in OTHERS.items() if name != "bare_fit")]
    titles = [f"{title}: {shown[0]}" for title in ("s to target", "compile s", "MiB")]
    header = ["case", "target", *(text for title in titles for text in (title, *shown[1:]))]
    return markdown(header, [_costs_row(row, names) for row in measured])


def _costs_row(row: dict[str, Any], names: Sequence[str]) -> list[str]:
    sides = [_side(row, name) for name in names]
    seconds = [_absent(row, name) or target_text(_side(row, name).get("to_target")) for name in names]
    rest = [number(side[key]) if key in side else "" for key in ("compile_seconds", "memory_mib") for side in sides]
    return [row["case"], row["target"] or "none", *seconds, *rest]


def replicas(measured: Sequence[dict[str, Any]]) -> str:
    """Where the time of a step goes on several devices."""
    stages = list(measured[0]["milliseconds"])
    header = ("app", "devices", "batch", *(f"ms: {stage}" for stage in stages), "speed against one device")
    return markdown(header, [_replicas_row(row) for row in measured])


def _replicas_row(row: dict[str, Any]) -> list[str]:
    spent = [f"{value:.1f}" for value in row["milliseconds"].values()]
    speed = f"{row['ratio']:.2f} ({row['least']:.2f} to {row['most']:.2f})"
    return [row["app"], str(row["devices"]), str(row["batch"]), *spent, speed]


def scaling(measured: Sequence[dict[str, Any]]) -> str:
    """Milliseconds of a step of several workers, predicted and measured."""
    header = ("app", "rows", "workers", "ms: compute", "sums", "predicted", "measured", "off by", "speed against one")
    return markdown(header, list(map(_scaling_row, measured)))


def _scaling_row(row: dict[str, Any]) -> list[str]:
    about, step = [row["app"], str(row["rows"]), str(row["workers"])], f"{1e3 * row['step']:.1f}"
    if row["workers"] == 1:
        return [*about, step, "0", "", step, "", "1"]
    sums = row["predicted"] - row["compute"]
    spent = [f"{1e3 * seconds:.1f}" for seconds in (row["compute"], sums, row["predicted"])]
    speed = "{median:.2f} ({least:.2f} to {most:.2f})".format(**row["speed"])
    return [*about, *spent, step, f"{row['error']:+.0%}", speed]


def tuned(measured: Sequence[dict[str, Any]]) -> str:
    """What searches found, beside the defaults."""
    return markdown(HEADER, list(map(searched_row, measured)))


def searches(measured: Sequence[dict[str, Any]]) -> str:
    """How long a search takes, beside others."""
    header = ("side", "app", "data", "trials", "seconds", "times kerasapps", "wanted", "least validation loss")
    return markdown(header, [_searches_row(row) for row in measured])


def _searches_row(row: dict[str, Any]) -> list[str]:
    wanted = f">= {row['at_least']:g} {'reached' if row['holds'] else '**missed**'}" if "at_least" in row else ""
    about = [row["side"], row["app"], row["data"], str(row["trials"]), f"{row['seconds']:.0f}"]
    return [*about, number(row["times"]), wanted, number(row["best"], 4)]


def tpu(measured: Sequence[dict[str, Any]]) -> str:
    """What a TPU's compiler makes of a step of each application."""
    header = ("app", "operations of a step", "memory, MiB", "code, MiB", "seconds to compile")
    return markdown(header, [_tpu_row(row) for row in measured if row["program"] == "step"])


def _tpu_row(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["app"], f"**refused**: {row['error']}", "", "", ""]
    sizes = [number(row[name] / 2**20) for name in ("memory_bytes", "code_bytes")]
    return [row["app"], number(row["operations"]), *sizes, number(row["seconds"])]


TABLES = {
    "accuracy": ("accuracy", accuracy),
    "speed": ("speed", speed),
    "costs": ("speed", costs),
    "replicas": ("replicas", replicas),
    "scaling": ("scaling", scaling),
    "searches": ("searches", searches),
    "tpu": ("tpu", tpu),
    "tuned": ("tuned", tuned),
}
"""Table -> file in docs that its figures are recorded in, and the function that makes it."""


PAGES = ("README.md", "docs/devices.md")
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
