"""The figures as a table on stdout."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.peers.sides import SIDES

BUSY = 0.5
HEADER = ("case", "side", "examples/s", "ours is faster", "bound", "compile s", "s to target", "MiB", "of peak")


def number(value: float, digits: int = 3) -> str:
    """So many digits, or from 100 on all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def target_text(reached: Mapping[str, Any] | None) -> str:
    """ "1.2 (5 epochs)", or why there is no time: "" where there is no target."""
    if not reached:
        return ""
    if not reached["reached"]:
        return f"not in {reached['limit']} epochs"
    some = "" if reached["reached"] == reached["trainings"] else f", {reached['reached']} of {reached['trainings']}"
    return f"{number(reached['seconds'])} ({reached['epochs']:g} epochs{some})"


def ratio_text(ratio: Mapping[str, Any] | None) -> str:
    """ "1.4 (1.1 to 1.5)", or "" where it was not measured."""
    if not ratio or ratio["median"] is None:
        return ""
    return f"{number(ratio['median'])} ({number(ratio['least'])} to {number(ratio['most'])})"


def bound_text(ratio: Mapping[str, Any] | None) -> str:
    """ ">= 1.4 holds", ">= 1.4 MISSED", ">= 1.4 not measured", or "" where nothing is wanted."""
    if not ratio or "at_least" not in ratio:
        return ""
    verdict = {True: "holds", False: "MISSED", None: "not measured"}[ratio["holds"]]
    return f">= {ratio['at_least']:g} {verdict}"


def peak_of(rows: Sequence[Mapping[str, Any]]) -> float:
    """The machine's operations a second: the best that was measured, for a busy moment only makes it less."""
    return max(row["peak_flops"] for row in rows)


def share_text(row: Mapping[str, Any], side: str, peak: float) -> str:
    """Operations of training that a side does in a second, in percent of the peak: "12.3%", or "< 0.1%"."""
    share = row["training_flops"] * row["sides"][side]["examples_per_second"] / peak
    return f"{100 * share:.3g}%" if share >= 0.001 else "< 0.1%"


def lines(row: Mapping[str, Any], peak: float) -> Iterator[list[str]]:
    """The lines of a case, one a side; the first names the case."""
    titles = [
        row["case"],
        f"{row['data']}, {row['rows']:,} rows",
        f"batch {row['batch_size']}, plan {row['sides']['ours']['plan']}",
    ]
    titles.append(f"target: {row['target'] or 'none'}")
    for i, side in enumerate(side for side in SIDES if side.name in row["sides"]):
        title, ratio = titles[i] if i < len(titles) else "", row["ratios"].get(side.name)
        yield [title, side.shown, *_cells(row, side.name, ratio, peak)]


def _cells(row: Mapping[str, Any], side: str, ratio: Mapping[str, Any] | None, peak: float) -> list[str]:
    measured = row["sides"][side]
    if "absent" in measured:
        return [measured["absent"], "", bound_text(ratio), "", "", "", ""]
    last = [target_text(measured["to_target"]), number(measured["memory_mib"])]
    speed = [number(measured["examples_per_second"]), ratio_text(ratio), bound_text(ratio)]
    return [*speed, number(measured["compile_seconds"]), *last, share_text(row, side, peak)]


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the table."""
    from rich.console import Console
    from rich.table import Table

    table, peak = Table(*HEADER), peak_of(rows)
    for row in rows:
        for line in lines(row, peak):
            table.add_row(*line)
        table.add_section()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(f"peak: {peak / 1e9:,.0f} GFLOP/s, TensorFlow's float32 matrix product")
    if (load := max(row["load"] for row in rows)) > BUSY:
        console.print(f"The machine was busy: load {load:.2g} before a case began. Record figures on a quiet one.")
