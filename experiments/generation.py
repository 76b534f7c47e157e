"""Speed of generation, warm, a text at a time: cached against uncached, PyTorch and Keras in graph mode.

    python experiments/generation.py --torch-python TORCH/bin/python --json docs/generation.json

A GPT of 4 layers, 4 heads and 128 numbers, untrained, takes the likeliest token 256 times behind an empty prompt. Every
side has a process of its own and makes the same tokens; they take turns, and a ratio is that of each turn.
Measured: two minutes on two cores.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

# This checkout's own package and peers, wherever the script is called from and whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.peers.cases import GENERATION
from experiments.peers.handover import Task, write_task
from experiments.peers.processes import Worker

SIDES = {
    "kerasapps": ("decoding_tensorflow", "cached"),
    "without text": ("decoding_tensorflow", "bare"),
    "uncached": ("decoding_tensorflow", "uncached"),
    "Keras, graph mode": ("decoding_tensorflow", "graph"),
    "PyTorch": ("decoding_pytorch", "cached"),
}
"""Name of a side -> module of experiments.peers, and its word."""


def measure(torch_python: Path, rounds: int, times: int) -> list[dict[str, Any]]:
    """A row for each side; raises TrainingError where one dies, ValueError where one makes other tokens."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_task(folder, Task(GENERATION, "eager", 64))
        workers = {side: stack.enter_context(_started(side, folder, torch_python)) for side in SIDES}
        made = {side: worker.ask("tokens") for side, worker in workers.items()}
        _check(made)
        turns = [{side: worker.ask("turn", times=times) for side, worker in workers.items()} for _ in range(rounds)]
    return [_row(side, turns, len(made["PyTorch"])) for side in SIDES]


def _started(side: str, folder: Path, torch_python: Path) -> Worker:
    module, word = SIDES[side]
    python = torch_python if module == "decoding_pytorch" else Path(sys.executable)
    if not (folder / "shared.json").exists():
        with Worker("the preparation", [sys.executable, "-m", "experiments.peers.prepare", folder]) as preparation:
            preparation.ask("prepare")
    return Worker(side, [python, "-m", f"experiments.peers.{module}", folder, word], {"KERAS_BACKEND": "tensorflow"})


def _check(made: Mapping[str, Sequence[int]]) -> None:
    for side, tokens in made.items():
        if side != "kerasapps" and tokens != made["without text"]:  # which makes a text, and checks it itself
            raise ValueError(f"{side} makes other tokens: {tokens}, expected {made['without text']}.")


def _row(side: str, turns: Sequence[Mapping[str, float]], tokens: int) -> dict[str, Any]:
    """Tokens a second, and how many times faster the application is than this side, turn by turn."""
    faster = [turn[side] / turn["kerasapps"] for turn in turns]
    ratio = {"median": statistics.median(faster), "least": min(faster), "most": max(faster)}
    speed = tokens / statistics.median(turn[side] for turn in turns)
    bound = GENERATION.at_least.get(side)
    held = {} if bound is None else {"at_least": bound, "holds": ratio["median"] >= bound}
    return {"side": side, "tokens": tokens, "tokens_per_second": speed, "rounds": len(turns), **ratio, **held}


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    from experiments.peers.show import bound_text, number, ratio_text

    table = Table("side", "tokens/s", "kerasapps is faster", "bound")
    for row in rows:
        table.add_row(row["side"], number(row["tokens_per_second"]), ratio_text(row), bound_text(row))
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--torch-python", type=Path, default=Path(sys.executable), help="interpreter that has torch")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each side")
    parser.add_argument("--times", type=int, default=3, help="texts of a turn")
    given = parser.parse_args(argv)
    measured = measure(given.torch_python, given.rounds, given.times)
    show(measured)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return measured


if __name__ == "__main__":
    main()
