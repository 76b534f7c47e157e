"""What sharing a step among devices and workers costs, and what a TPU's compiler makes of a step."""

from collections.abc import Sequence
from typing import Any

from experiments.peers.show import number
from experiments.shown.markdown import markdown


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


def tpu(measured: Sequence[dict[str, Any]]) -> str:
    """What a TPU's compiler makes of a step of each application."""
    header = ("app", "operations of a step", "memory, MiB", "code, MiB", "seconds to compile")
    return markdown(header, [_tpu_row(row) for row in measured if row["program"] == "step"])


def _tpu_row(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["app"], f"**refused**: {row['error']}", "", "", ""]
    sizes = [number(row[name] / 2**20) for name in ("memory_bytes", "code_bytes")]
    return [row["app"], number(row["operations"]), *sizes, number(row["seconds"])]
