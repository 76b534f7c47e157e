"""Speed of training against keras.Model.fit of the same model on the same rows, batch size 32, in one process.

    python experiments/bench.py --json docs/speed.json

Ours is the Session that `train` uses: metrics, validation every epoch and the best weights kept included, checkpoints
not. fit has its default settings (shuffling, jit_compile="auto") without the progress bar: once with the same metric
and validation rows, which is the same work, and once bare, without either. All are warm and take turns; a ratio is that
of each turn, so that a busy machine slows all; the bound is for the same work.
Measured: about 10 minutes on two busy cores.
"""

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock


@dataclass(frozen=True)
class Case:
    """What is trained; `at_least`: the ratio it has to reach. all_rows: test and validation rows are trained on too."""

    name: str
    app: str
    data: str
    at_least: float
    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    all_rows: bool = False


CASES = (
    Case("linear", "linear_regression", "line", 300),
    Case("logistic", "logistic_regression", "breast_cancer", 300),
    Case("xor", "mlp", "xor", 300, {"hidden": (4,), "activation": "tanh"}),
    Case("softmax 64-10", "softmax_regression", "digits", 50, all_rows=True),
    Case("mlp 64-128-10", "mlp", "digits", 30, all_rows=True),
    Case("cnn 32-64-64", "cnn", "mnist_5k", 1.4),
)


def open_session(case: Case, execution: str, rows: int) -> Any:
    """The Session of a case with the application's own defaults, compiled; `rows`: at most so many, 0 = all."""
    import numpy as np

    from kerasapps.app import load_app
    from kerasapps.training import session
    from kerasapps.training.options import Options

    app = load_app(case.app)
    options = Options(data=case.data, execution=execution, rows=rows)
    splits = session.open_rows(options)
    if case.all_rows and not rows:
        number = sum(map(len, splits.values()))
        splits["train"] = dataclasses.replace(splits["train"], rows=np.arange(number))
    with mock.patch.object(session, "open_rows", lambda *_: splits):
        return session.Session(app, options, app.hparams(global_batch_size=32, **case.fields), None)


def own_epochs(session: Any) -> Callable[[int], None]:
    """Function that trains a number of epochs with the engine."""
    from kerasapps.training import loop
    from kerasapps.training.hooks import Hooks

    pace = loop.Pace()

    def train(epochs: int) -> None:
        limits, at, hooks = loop.Limits(epochs, False, 0), loop.Progress(), Hooks(session.hparams)
        own = (session.program, session.state, hooks, at, session.metrics, limits)
        loop.run_epochs(*own, lambda factor: None, lambda: None, lambda at, rate: None, pace)

    return train


def fit_epochs(session: Any, same_work: bool) -> Callable[[int], None]:
    """Function that trains a number of epochs with fit: the application's functional model, on the session's rows.

    same_work: with the metric and the validation rows that ours has.
    """
    import keras

    from kerasapps.training.evaluate import EVALUATION_BATCH
    from kerasapps.training.optimizer import make_optimizer
    from kerasapps.training.session import build_parts

    layout = session.preprocess.layout
    model = build_parts(session.app, "functional", session.hparams, layout, session.options.seed)["model"]
    loss, metric = keras.losses.SparseCategoricalCrossentropy(from_logits=True), "sparse_categorical_accuracy"
    if layout.target.kind == "reals":
        loss, metric = keras.losses.MeanSquaredError(), "mae"
    elif model.output_shape[-1] == 1:
        loss, metric = keras.losses.BinaryCrossentropy(from_logits=True), keras.metrics.BinaryAccuracy(threshold=0)
    model.compile(make_optimizer(session.hparams, session.program.steps), loss, metrics=[metric] if same_work else None)
    inputs, labels = session.train["inputs"], session.train["labels"]
    fields = {"batch_size": session.batch_size, "verbose": 0}
    if same_work:
        held_out = (session.validation["inputs"], session.validation["labels"])
        fields |= {"validation_data": held_out, "validation_batch_size": EVALUATION_BATCH}
    return lambda epochs: model.fit(inputs, labels, epochs=epochs, **fields)


def seconds_an_epoch(train: Callable[[int], None], epochs: int) -> float:
    """Wall time of one of `epochs` epochs."""
    started = time.perf_counter()
    train(epochs)
    return (time.perf_counter() - started) / epochs


def warm(train: Callable[[int], None], seconds: float) -> int:
    """Train until nothing is left to compile; returns how many epochs take about `seconds`."""
    train(1)
    epochs = 1
    while (spent := seconds_an_epoch(train, epochs) * epochs) < seconds / 4:
        epochs *= 4
    return max(1, round(epochs * seconds / spent))


def measure(case: Case, execution: str, rounds: int, seconds: float, rows: int) -> dict[str, Any]:
    """Turns of about `seconds` for either side; times in microseconds."""
    session = open_session(case, execution, rows)
    sides = {"ours": own_epochs(session), "fit": fit_epochs(session, True), "bare_fit": fit_epochs(session, False)}
    epochs = {name: warm(train, seconds) for name, train in sides.items()}
    turns = [{name: seconds_an_epoch(sides[name], epochs[name]) for name in sides} for _ in range(rounds)]
    ratios = [turn["fit"] / turn["ours"] for turn in turns]
    bare = statistics.median(turn["bare_fit"] / turn["ours"] for turn in turns)
    spent = {f"{name}_us": 1e6 * statistics.median(turn[name] for turn in turns) for name in sides}
    row = {"case": case.name, "app": case.app, "data": case.data, "rows": len(session.rows["train"]), **spent}
    row |= {"ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios), "bare_ratio": bare}
    row |= {"at_least": case.at_least, "holds": statistics.median(ratios) >= case.at_least}
    return {**row, "plan": session.plan, "compile_seconds": session.clock.seconds["compile"], "rounds": rounds}


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("case", "data", "rows", "ours us/epoch", "fit us/epoch", "ratio", "bare", "bound", "plan")
    for row in rows:
        ratio = f"{row['ratio']:.4g} [{row['least']:.4g}, {row['most']:.4g}]"
        spent = [f"{row[name]:,.0f}" for name in ("ours_us", "fit_us")]
        bound = f">= {row['at_least']:g} " + ("holds" if row["holds"] else "MISSED")
        last = (ratio, f"{row['bare_ratio']:.4g}", bound, row["plan"])
        table.add_row(row["case"], row["data"], f"{row['rows']:,}", *spent, *last)
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", default=[], help="applications to measure")
    parser.add_argument("--execution", default="auto", help="plan of execution: auto, loop, step or graph")
    parser.add_argument("--rounds", type=int, default=7, help="turns of either side")
    parser.add_argument("--quick", action="store_true", help="few rows and short turns: shows that it works, no more")
    given = parser.parse_args(argv)
    rounds, seconds, rows = (2, 0.02, 64) if given.quick else (given.rounds, 1.0, 0)
    chosen = [case for case in CASES if not given.only or case.app in given.only]
    measured = [measure(case, given.execution, rounds, seconds, rows) for case in chosen]
    show(measured)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return measured


if __name__ == "__main__":
    main()
