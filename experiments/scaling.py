"""Predicts the seconds of a step of several workers from what they compute and what they send, and measures them.

    python experiments/scaling.py --json docs/scaling.json --picture docs/scaling.png

Workers that share a batch of B rows compute B / n rows each, then add up their gradients in a ring: 2 (n - 1) messages
of 1 / n of all bytes (Patarasuk and Yuan 2009, https://doi.org/10.1016/j.jpdc.2008.09.002). Both are measured apart.
Compute: n processes at once that do what a worker does but exchange nothing, as they share the cores of the machine.
Sums: of few numbers, for the latency, and of many, for the bandwidth, on loopback. Both together are the prediction,
beside which stands what n workers take. All take turns, so that a busy machine slows all.
Measured: ten minutes on two cores.
"""

import argparse
import contextlib
import itertools
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# This checkout's own package, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.peers.processes import Worker

CASES = {"cnn": (256, {}), "transformer": (64, {}), "mlp": (64, {"hidden": [1024, 1024]})}
"""Application -> rows of a step, and hyperparameters; the mlp has much to send for what it computes."""
WORKERS = (2, 3)
FEW, MANY = 1 << 10, 1 << 22
"""Numbers that are added up to find the latency and the bandwidth."""
NETWORKS = {"10 Gbit/s, latency 50 us": (50e-6, 1.25e9), "200 Gbit/s, latency 5 us": (5e-6, 25e9)}
"""Seconds of latency of a message and bytes a second: of Ethernet and of InfiniBand, were the software free."""
MACHINES = [2**k for k in range(11)]
SCRIPT = Path(__file__).parent / "peers" / "replica.py"

Group = Sequence[Worker]


@contextlib.contextmanager
def group(app: str, hparams: Mapping[str, Any], processes: int, rows: int, silent: bool = False) -> Iterator[Group]:
    """So many processes that share `rows` rows of a step; silent: each computes its own of them, and that is all."""
    from kerasapps.distribute.launch import environment, free_ports

    ports = free_ports(processes)

    def started(number: int) -> Worker:
        own = environment(number, ports) | ({"TF_CONFIG": ""} if silent else {})
        words = [app, str(rows), str(processes if silent else 0), json.dumps(hparams)]
        return Worker(f"worker {number}", [sys.executable, SCRIPT, ".", *words], own)

    with ThreadPoolExecutor(processes) as executor, contextlib.ExitStack() as stack:
        yield [stack.enter_context(worker) for worker in executor.map(started, range(processes))]


def asked(workers: Group, do: str, **arguments: int) -> float:
    """Mean seconds of what all do at once, each time those of the slowest, as for it the others would have to wait."""
    with ThreadPoolExecutor(len(workers)) as executor:
        return statistics.fmean(map(max, zip(*executor.map(lambda w: w.ask(do, **arguments), workers), strict=True)))


def measure(app: str, rows: int, hparams: Mapping[str, Any], rounds: int, steps: int) -> list[dict[str, Any]]:
    """A row for one process and each number of workers; all have the times of the same turns."""
    with contextlib.ExitStack() as stack:
        alone = {n: stack.enter_context(group(app, hparams, n, rows, silent=True)) for n in (1, *WORKERS)}
        alone["quarter"] = stack.enter_context(group(app, hparams, 1, rows // 4, silent=True))
        together = {n: stack.enter_context(group(app, hparams, n, rows)) for n in WORKERS}
        about = alone[1][0].ask("about")
        steps = min(steps, about["steps"])
        turns = [
            {
                **{("alone", n): asked(workers, "steps", number=steps) for n, workers in alone.items()},
                **{("step", n): asked(workers, "steps", number=steps) for n, workers in together.items()},
                **{("few", n): asked(workers, "sum", numbers=FEW, number=10) for n, workers in together.items()},
                **{("many", n): asked(workers, "sum", numbers=MANY, number=2) for n, workers in together.items()},
            }
            for _ in range(rounds)
        ]
    median = {key: statistics.median(turn[key] for turn in turns) for key in turns[0]}
    one = {"app": app, "rows": rows, "bytes": about["bytes"], "rounds": rounds}
    times = {"step": median["alone", 1], "step_of_a_quarter": median["alone", "quarter"]}
    return [{**one, "workers": 1, **times}, *(_row(one, n, turns, median) for n in WORKERS)]


def _row(one: Mapping[str, Any], n: int, turns: Sequence[Mapping], median: Mapping) -> dict[str, Any]:
    compute, latency = median["alone", n], median["few", n]
    bandwidth = 4 * (MANY - FEW) / (median["many", n] - latency)
    predicted, step = compute + latency + one["bytes"] / bandwidth, median["step", n]
    ratios = [turn["alone", 1] / turn["step", n] for turn in turns]
    return {
        **one,
        "workers": n,
        "step": step,
        "compute": compute,
        "latency": latency,
        "bandwidth": bandwidth,
        "predicted": predicted,
        "error": predicted / step - 1,
        "speed": {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)},
    }


def ring(replicas: int, size: float, latency: float, bandwidth: float) -> float:
    """Seconds to add up `size` bytes of so many replicas; latency, bandwidth: of a link."""
    return 2 * (replicas - 1) * (latency + size / replicas / bandwidth)


def speeds(one: Mapping[str, Any], latency: float, bandwidth: float) -> dict[str, list[float]]:
    """How many times the rows a second of one machine MACHINES of them train, each with its own cores.

    one: the row of one process, whose seconds grow with its rows in a straight line. Rows that all have together are
    for no more machines than rows.
    """
    rows, step = one["rows"], one["step"]
    slope = (step - one["step_of_a_quarter"]) / (rows - rows // 4)
    fixed = max(step - slope * rows, 0.0)
    per_row = (step - fixed) / rows
    sums = {n: ring(n, one["bytes"], latency, bandwidth) for n in MACHINES}
    return {
        f"{rows} rows each": [n * step / (step + spent) for n, spent in sums.items()],
        f"{rows} rows together": [step / (fixed + per_row * rows / n + s) for n, s in sums.items() if n <= rows],
    }


def drawn(measured: Sequence[Mapping[str, Any]]) -> Any:
    """The picture of what the model says of 1 to 1,024 machines, a panel for each application."""
    from kerasapps.figures.canvas import new_figure

    ones = [row for row in measured if row["workers"] == 1]
    figure, axes = new_figure(4.8 * len(ones), 4.8, 1, len(ones), squeeze=False)
    for ax, one in zip(axes[0], ones, strict=True):
        ax.plot(MACHINES, MACHINES, color="grey", linewidth=0.8, label="ideal")
        two = next(row for row in measured if row["app"] == one["app"] and row["workers"] == 2)
        # A sum of two workers is two messages, each of half of the bytes.
        networks = {
            f"as here: latency {500 * two['latency']:.1f} ms": (two["latency"] / 2, two["bandwidth"]),
            **NETWORKS,
        }
        for (network, link), style in zip(networks.items(), (":", "--", "-"), strict=True):
            for (label, values), color in zip(speeds(one, *link).items(), ("C0", "C3"), strict=True):
                ax.plot(MACHINES[: len(values)], values, color=color, linestyle=style, label=f"{label}; {network}")
        ax.set_xscale("log", base=2)
        ax.set_yscale("log", base=2)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter("{x:g}")
        ax.set(xlabel="machines", ylabel="times the rows/s of one", title=f"{one['app']}: predicted, not measured")
        ax.set_ylim(top=1 << 16)  # room for the legend
        ax.grid(alpha=0.3)
        ax.legend(fontsize=7, loc="upper left")
    return figure


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print, write and draw; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--picture", type=Path, help="PNG to draw what they say of 1 to 1,024 machines to")
    parser.add_argument("--only", nargs="+", choices=sorted(CASES), default=list(CASES), help="applications")
    parser.add_argument("--rounds", type=int, default=7, help="turns of all processes")
    parser.add_argument("--steps", type=int, default=10, help="of a turn")
    given = parser.parse_args(argv)
    if min(given.rounds, given.steps) < 1:
        parser.error(f"--rounds {given.rounds} --steps {given.steps}: expected at least 1")
    for path in filter(None, (given.json, given.picture)):
        if not path.absolute().parent.is_dir():  # rather now than after all was measured
            parser.error(f"{path}: there is no directory {path.absolute().parent}. Make it")
    measured = list(
        itertools.chain.from_iterable(measure(app, *CASES[app], given.rounds, given.steps) for app in given.only)
    )
    for row in measured:
        print(json.dumps(row))
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    if given.picture:
        from kerasapps.figures.canvas import save, styled

        with styled():
            save(drawn(measured), given.picture)
    return measured


if __name__ == "__main__":
    main()
