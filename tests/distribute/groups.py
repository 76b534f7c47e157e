"""Groups of workers that train mlp on a few digits, and what tests ask of them."""

import time
from collections.abc import Callable
from multiprocessing import Process
from pathlib import Path
from typing import Any

import numpy as np
from conformance import cluster, workers

import kerasapps
from kerasapps.runs.run import Run

GIVEN = ["mlp", "--data", "digits", "--rows", "500", "--hidden", "8", "--execution", "graph", "--epochs", "12"]
ENDLESS = [*GIVEN, "--epochs", "100000", "--checkpoint-every-steps", "4"]


def trained(folder: Path, name: str, *more: str, number: int = 2, **differing: list[str]) -> list[Process]:
    """Workers that train; differing: further arguments of worker_K."""
    own = {int(worker.partition("_")[2]): arguments for worker, arguments in differing.items()}
    run_dir = ["--run-dir", str(folder / name)]
    return cluster.start(number, cluster.train, [*GIVEN, *more, *run_dir], own, log=folder / f"{name}.logs")


def said(folder: Path, name: str, worker: int) -> str:
    """What a worker wrote on stderr."""
    return (folder / f"{name}.logs" / str(worker)).read_text()


def wait_for(happened: Callable[[], Any], seconds: float = 120) -> None:
    """Return once it has."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def saves(folder: Path, name: str) -> Callable[[], bool]:
    """Whether a run of many steps has saved some of them."""
    kept = folder / name / "checkpoints"
    return lambda: any(int(path.name) > 20 for path in kept.glob("[0-9]*"))


def one_process(folder: Path, *more: str) -> Run:
    """The run of a process of its own, in folder/alone."""
    command = ["train", *GIVEN, *more, "--no-report", "--run-dir", str(folder / "alone")]
    process = workers.start(workers.command, command)
    assert workers.finish(process) == 0
    return kerasapps.load(folder / "alone")


def assert_same_history(expected: Run, found: Run) -> None:
    """As on one device, to rounding."""
    for name, values in expected.record["history"].items():
        np.testing.assert_allclose(found.record["history"][name], values, rtol=1e-3)


def assert_goes_on_exactly(folder: Path, *given: str) -> None:
    """Both resume the run `run`; with the bits of one that nothing has interrupted, for as many steps."""
    before = workers.final_state(folder / "run")
    last = ["--stop-at-epoch", str(int(before["epoch"]) + 1)]
    more = [*ENDLESS[len(GIVEN) :], *given]
    assert cluster.finish(trained(folder, "run", *more, *last, "--resume")) == [0, 0], said(folder, "run", 0)
    assert cluster.finish(trained(folder, "whole", *more, *last)) == [0, 0]
    whole, resumed = (workers.final_state(folder / name) for name in ("whole", "run"))
    assert whole.keys() == resumed.keys() and whole["epoch"] == int(before["epoch"]) + 1
    for name, values in whole.items():
        np.testing.assert_array_equal(resumed[name], values, err_msg=name)
