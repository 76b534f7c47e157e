"""Where the time of a step goes on several devices, against one device with the same batch on the same cores.

    python experiments/replicas.py --json docs/replicas.json

Each stage is timed as a program of its own that ends there, compiled as the engine's `graph` plan and warm; all of them
take turns, so that a busy machine slows all. Logical CPUs share the real cores: what is measured is what dividing the
work costs. Measured: four minutes on two cores.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# This checkout's own package, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CASES = {"cnn": 256, "transformer": 64}
"""Application -> rows of a step."""
STEPS = 14
"""Of a turn: an epoch of mnist_5k at batch size 256."""


def open_session(app: str, devices: int, batch_size: int) -> Any:
    """The Session of an application with its defaults on so many devices."""
    from kerasapps.app import load_app

    loaded = load_app(app)  # imports TensorFlow, quietly
    from kerasapps.runs.config import resolve
    from kerasapps.training import prepare

    given = {"devices": devices, "global_batch_size": batch_size, "execution": "graph"}
    return prepare.open_session(loaded, *resolve(loaded, given))


def stages(session: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """Functions (batch, step) that end after the gradients of each device, after their sum, after the update."""
    import tensorflow as tf

    from kerasapps.engine.cycle import make_cycle
    from kerasapps.engine.step import Division, gradients
    from kerasapps.noise import Noise

    update, division, seed = session.updates[0], Division(session.replicas), session.options.seed

    def scalar(update: Any, batch: Any, noise: Noise) -> Any:
        # One number that needs all gradients, lest they are left out or sent to another device.
        return tf.add_n([tf.reduce_sum(values) for values in gradients(update, batch, noise)[0]])

    def computed(batch: Any, step: Any) -> Any:
        return division.totals(scalar, update, batch, Noise(seed, step))

    def summed(batch: Any, step: Any) -> Any:
        totals = division.totals(gradients, update, batch, Noise(seed, step))
        return tf.add_n([tf.reduce_sum(values) for values in totals[0]])

    cycle = make_cycle(session.updates, session.optimizers, seed, division=division)

    def updated(batch: Any, step: Any) -> Any:
        return cycle(batch, step)["loss"][0]

    return {"gradients": computed, "and their sum": summed, "and the update": updated}


def program(session: Any, stage: Callable[[Any, Any], Any]) -> Callable[[], float]:
    """A compiled function that does STEPS steps and says the seconds of one."""
    import tensorflow as tf

    from kerasapps.data import pipeline
    from kerasapps.engine.step import repeat

    data = tf.nest.map_structure(tf.constant, session.data.train)
    size, rows = session.batch_size, pipeline.number_of_rows(session.data.train)

    def steps() -> Any:
        def body(step: Any, total: Any) -> Any:
            index = tf.math.floormod(tf.range(size) + step * size, rows)
            return total + stage(pipeline.batch_at(data, index), step)

        return repeat(tf.constant(STEPS), body, tf.constant(0.0))

    compiled = tf.function(steps, autograph=False)
    compiled().numpy()

    def seconds() -> float:
        started = time.perf_counter()
        compiled().numpy()
        return (time.perf_counter() - started) / STEPS

    return seconds


def measure(app: str, devices: Sequence[int], batch_size: int, rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of a step up to each stage, for each number of devices; ratio: speed against the first."""
    # The most devices first: they must be made before TensorFlow's first operation.
    sessions = {number: open_session(app, number, batch_size) for number in sorted(devices, reverse=True)}
    programs = {(n, name): program(s, stage) for n, s in sessions.items() for name, stage in stages(s).items()}
    turns = [{key: seconds() for key, seconds in programs.items()} for _ in range(rounds)]
    rows = []
    for number in devices:
        names = [name for n, name in programs if n == number]
        ratios = [turn[devices[0], names[-1]] / turn[number, names[-1]] for turn in turns]
        spent = {name: 1e3 * statistics.median(turn[number, name] for turn in turns) for name in names}
        row = {"app": app, "devices": number, "batch": batch_size, "milliseconds": spent, "rounds": rounds}
        rows.append({**row, "ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios)})
    return rows


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("app", "devices", "batch", *(f"ms: {name}" for name in rows[0]["milliseconds"]), "speed")
    for row in rows:
        spent = [f"{value:.1f}" for value in row["milliseconds"].values()]
        speed = f"{row['ratio']:.2f} [{row['least']:.2f}, {row['most']:.2f}]"
        table.add_row(row["app"], str(row["devices"]), str(row["batch"]), *spent, speed)
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", choices=sorted(CASES), default=list(CASES), help="applications")
    parser.add_argument("--devices", type=int, nargs="+", default=[1, 2], help="numbers of devices, 1 first")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each program")
    given = parser.parse_args(argv)
    if given.devices[0] != 1 or min(given.devices) < 1 or given.rounds < 1:
        parser.error(
            f"--devices {given.devices} --rounds {given.rounds}: expected 1 device first, and at least 1 round"
        )
    measured = [row for app in given.only for row in measure(app, given.devices, CASES[app], given.rounds)]
    show(measured)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return measured


if __name__ == "__main__":
    main()
