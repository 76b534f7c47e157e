"""How fast training, generation and searches are, beside others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from experiments.peers.show import number, peak_of, ratio_text, share_text, target_text
from experiments.peers.sides import SIDES
from experiments.shown.markdown import bound, markdown

Rows = Sequence[dict[str, Any]]
OTHERS = {side.name: side.shown for side in SIDES if side.name != "ours"}
EQUALS = {"ours": "kerasapps", **{name: shown for name, shown in OTHERS.items() if name != "bare_fit"}}
"""The sides that do all of the work."""
KINDS = {
    "small": ("linear_regression", "logistic_regression", "softmax_regression", "mlp"),
    "images": ("cnn", "resnet"),
    "sequences": ("rnn", "transformer", "language_model"),
    "generative": ("autoencoder", "vae", "gan"),
}
SUMMARY = (
    "mlp 64-128-10",
    "cnn 32-64-64",
    "resnet 8",
    "lstm 128 on 28x28 rows",
    "encoder of 2 layers, 100 tokens",
    "gpt of 4 layers, 64 tokens, batch 12",
)
"""Cases that README shows."""


def speed(measured: Rows) -> str:
    """Examples a second of kerasapps, and how they are computed."""
    header, peak = ("Case", "Data", "Rows", "Batch", "Plan", "Examples/s", "Of peak"), peak_of(measured)
    return markdown(header, [_own_row(row, peak) for row in measured])


def _own_row(row: dict[str, Any], peak: float) -> list[str]:
    ours, sizes = row["sides"]["ours"], [f"{row['rows']:,}", str(row["batch_size"])]
    own = [f"`{ours['plan']}`", number(ours["examples_per_second"]), share_text(row, "ours", peak)]
    return [row["case"], row["data"], *sizes, *own]


def ratios(kind: str, measured: Rows) -> str:
    """How many times the speed of the other sides that of kerasapps is: median and range."""
    header = ("Case", *OTHERS.values(), "Goal")
    return markdown(header, [_ratios_row(row) for row in measured if row["app"] in KINDS[kind]])


def _ratios_row(row: dict[str, Any]) -> list[str]:
    goals = [f"{OTHERS[name]} {text}" for name, ratio in row["ratios"].items() if (text := bound(ratio))]
    return [row["case"], *(ratio_text(row["ratios"].get(name)) for name in OTHERS), ", ".join(goals)]


RATIOS: dict[str, Callable[[Rows], str]] = {f"speed-{kind}": partial(ratios, kind) for kind in KINDS}
"""Name of a table -> what makes it."""


def summary(measured: Rows) -> str:
    """A few cases for README: medians alone."""
    known, sides = {row["case"]: row for row in measured}, [name for name in OTHERS if name != "bare_fit"]
    header = ("Case", *(OTHERS[name] for name in sides))
    return markdown(header, [[case, *(_median(known[case], name) for name in sides)] for case in SUMMARY])


def _median(row: dict[str, Any], side: str) -> str:
    median = row["ratios"].get(side, {}).get("median")
    return "" if median is None else f"{number(median, 2)}×"


def _by_side(measured: Rows, first: Sequence[str], cells: Callable[[dict[str, Any]], Iterable[str]]) -> str:
    """A row for each case of which a side has something to tell."""
    rows = [list(cells(row)) for row in measured]
    return markdown((*first, *EQUALS.values()), [row for row in rows if any(row[len(first) :])])


def _sides(row: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """What was measured of each side, which not every case has."""
    return [row["sides"].get(name, {}) for name in EQUALS]


def targets(measured: Rows) -> str:
    """Seconds of training until the target is reached."""
    return _by_side(
        measured,
        ("Case", "Target"),
        lambda row: [row["case"], row["target"] or "", *(target_text(side.get("to_target")) for side in _sides(row))],
    )


def costs(key: str, measured: Rows) -> str:
    """A cost of each side: compile_seconds or memory_mib."""
    return _by_side(
        measured,
        ("Case",),
        lambda row: [row["case"], *(number(side[key]) if key in side else "" for side in _sides(row))],
    )


def searches(measured: Rows) -> str:
    """How long a search takes, beside others."""
    header = ("Search", "Trials", "Seconds", "kerasapps is faster", "Goal", "Lowest validation loss")
    return markdown(header, [_searches_row(row) for row in measured])


def _searches_row(row: dict[str, Any]) -> list[str]:
    times = "" if row["side"] == "kerasapps" else f"{number(row['times'])}×"
    about = [row["side"], str(row["trials"]), f"{row['seconds']:.0f}"]
    return [*about, times, bound(row), number(row["best"], 4)]


def generation(measured: Rows) -> str:
    """Tokens a second of texts that are generated."""
    return markdown(("Side", "Tokens/s", "kerasapps is faster", "Goal"), [_generation_row(row) for row in measured])


def _generation_row(row: dict[str, Any]) -> list[str]:
    faster = "" if row["side"] == "kerasapps" else ratio_text(row)
    return [row["side"], number(row["tokens_per_second"]), faster, bound(row)]
