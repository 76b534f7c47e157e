"""One case measured: all sides warm, in turns, then to the target, then what memory they took."""

import dataclasses
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.peers.cases import Case
from experiments.peers.flops import TRAINING
from experiments.peers.handover import Task, write_task
from experiments.peers.processes import Worker
from experiments.peers.sides import Found


@dataclass(frozen=True)
class Effort:
    """How long it may take: turns of either side, seconds of a turn, trainings to the target, most rows, None = all.

    epochs: most of a training to the target; 0 = the application's, for which its learning rates are meant.
    """

    rounds: int = 7
    seconds: float = 1.0
    trainings: int = 3
    rows: int | None = None
    epochs: int = 0


QUICK = Effort(rounds=2, seconds=0.02, trainings=1, rows=64, epochs=2)


def measure(case: Case, sides: Sequence[Found], execution: str, effort: Effort) -> dict[str, Any]:
    """All that is measured of a case; raises TrainingError where a side's process dies."""
    row: dict[str, Any] = {"case": case.name, "app": case.app, "data": case.data, "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_task(folder, Task(case, execution, effort.rows))
        row |= _prepared(folder)
        sides = [_written(case, f) for f in sides if not f.side.bounded or f.side.name in case.at_least]
        present = [found for found in sides if not found.absent]
        workers = {f.side.name: stack.enter_context(f.side.start(f.python, folder)) for f in present}
        measured, turns = _measured(case, workers, row, effort)
    row |= {"rounds": effort.rounds, "target": case.target and f"{case.target.metric} {case.target.value:g}"}
    row["sides"] = {found.side.name: _named(found, measured) for found in sides}
    return {**row, "ratios": ratios(case, turns)}


def _written(case: Case, found: Found) -> Found:
    """The side, absent where nobody wrote the case for it."""
    name = found.side.name
    absent = found.absent or (f"{name}: not written for {case.app}" if case.sides and name not in case.sides else "")
    return dataclasses.replace(found, absent=absent)


def _prepared(folder: Path) -> dict[str, Any]:
    """What prepare.py knows of the case, once it has written what the sides share."""
    command = [sys.executable, "-m", "experiments.peers.prepare", folder]
    with Worker("the preparation", command, {"KERAS_BACKEND": "tensorflow"}) as worker:
        known = worker.ask("prepare")
    return {**known, "training_flops": TRAINING * known.pop("forward_flops")}


def _measured(case: Case, workers: Mapping[str, Worker], row: Mapping[str, Any], effort: Effort) -> tuple[dict, list]:
    """What is measured of every side, and seconds an epoch of each in each turn."""
    warm = {name: worker.ask("warm", seconds=effort.seconds) for name, worker in workers.items()}
    turns = take_turns(workers, {name: warm[name]["epochs"] for name in workers}, effort.rounds)
    targets = to_target(case, workers, effort.trainings, effort.epochs or row["epochs"])
    measured = {}
    for name, worker in workers.items():
        measured[name] = summary([turn[name] for turn in turns], row["rows"], warm[name])
        measured[name] |= {"to_target": targets.get(name), "memory_mib": worker.ask("memory"), **worker.ask("about")}
    return measured, turns


def _named(found: Found, measured: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """What was measured of a side, with versions; of an absent one why it is absent."""
    if found.absent:
        return {"absent": found.absent}
    return {**measured[found.side.name], "versions": dict(found.versions)}


def take_turns(workers: Mapping[str, Worker], epochs: Mapping[str, int], rounds: int) -> list[dict[str, float]]:
    """Seconds an epoch of each side in each round; another one begins each time."""
    names, turns = list(workers), []
    for number in range(rounds):
        start = number % len(names)
        order = names[start:] + names[:start]
        turns.append({name: workers[name].ask("turn", epochs=epochs[name]) for name in order})
    return turns


def to_target(case: Case, workers: Mapping[str, Worker], trainings: int, limit: int) -> dict[str, Any]:
    """By side: how many of the trainings reached the target, and medians of the seconds and epochs of these."""
    if case.target is None:
        return {}
    able = {name: worker for name, worker in workers.items() if name != "bare_fit"}  # which has no validation
    asked = {"metric": case.target.metric, "value": case.target.value, "limit": limit}
    runs = [{n: worker.ask("reach", turn=turn, **asked) for n, worker in able.items()} for turn in range(trainings)]
    answers = {}
    for name in able:
        reached = [run[name] for run in runs if run[name]]
        medians = {key: statistics.median(run[key] for run in reached) for key in ("seconds", "epochs") if reached}
        answers[name] = {"reached": len(reached), "trainings": trainings, "limit": limit, **medians}
    return answers


def summary(times: Sequence[float], rows: int, warm: Mapping[str, float]) -> dict[str, float]:
    """times: seconds an epoch. What was compiled is what the first epoch took longer than a warm one."""
    epoch = statistics.median(times)
    speed = {"epoch_us": 1e6 * epoch, "examples_per_second": rows / epoch}
    return {**speed, "compile_seconds": max(0.0, warm["first"] - epoch), "epochs_a_turn": warm["epochs"]}


def ratios(case: Case, turns: Sequence[Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """How many times faster than each other side ours is, turn by turn, and whether the median is what it has to be.

    Of a side that is absent but bounded both are None.
    """
    answers = {}
    for name in [name for name in turns[0] if name != "ours"]:
        faster = [turn[name] / turn["ours"] for turn in turns]
        answers[name] = {"median": statistics.median(faster), "least": min(faster), "most": max(faster)}
    for name, bound in case.at_least.items():
        known = answers.setdefault(name, {"median": None, "least": None, "most": None})
        known |= {"at_least": bound, "holds": None if known["median"] is None else known["median"] >= bound}
    return answers
