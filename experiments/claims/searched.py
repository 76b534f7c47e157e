"""What searches found, as rows of a table."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.peers.show import number

HEADER = ("app", "data", "trials", "found", "validation: defaults", "validation", "test: defaults", "test", "verdict")


def searched_row(row: Mapping[str, Any]) -> list[str]:
    """Mean and deviation of the loss, and of the first other metric, over the seeds."""
    objective = row["objective"].removeprefix("val_")
    names = list(dict.fromkeys([objective, "loss", "accuracy"]))
    texts = [_texts(row[way][split], names) for split in ("validation", "test") for way in ("default", "tuned")]
    fields = ", ".join(f"{name} {_value(value)}" for name, value in row["fields"].items()) or "the defaults"
    default, tuned = (statistics.fmean(row[way]["validation"][objective]) for way in ("default", "tuned"))
    better = tuned < default if objective == "loss" else tuned > default
    return [row["app"], row["data"], str(row["trials"]), fields, *texts, "better" if better else "no better"]


def _texts(metrics: Mapping[str, Sequence[float]], names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_text(metrics[name])}" for name in names if name in metrics)


def _text(values: Sequence[float]) -> str:
    return f"{number(statistics.fmean(values), 4)} ± {number(statistics.stdev(values), 2)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    return number(value) if isinstance(value, float) else str(value)
