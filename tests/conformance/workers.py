"""Real processes, forked from one that has imported TensorFlow already, so that a law can afford many."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.runs import checkpoint, directory

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["kerasapps.training.train"])


def start(function: Callable, *arguments: Any) -> multiprocessing.Process:
    """A process that runs `function`."""
    process = _context.Process(target=function, args=arguments)
    process.start()
    return process


def finish(process: multiprocessing.Process, seconds: float = 1800) -> int:
    """Its exit code (negative: the signal that killed it); kills it after `seconds`."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"a worker did not end within {seconds} s")
    return process.exitcode


def train(app: str, arguments: dict[str, Any], kill_at_sync: int = 0) -> None:
    """Train in this process, killing it (SIGKILL) just before its n-th write is put on the disk."""
    if kill_at_sync:
        _kill_at_sync(kill_at_sync)
    from kerasapps.training.train import train

    train(app, **arguments)


def resume(run_dir: str, kill_at_sync: int = 0) -> None:
    """Resume in this process, perhaps to be killed again."""
    if kill_at_sync:
        _kill_at_sync(kill_at_sync)
    from kerasapps.training.train import resume

    resume(run_dir)


def command(arguments: list[str]) -> None:
    """Do what the command line `kerasapps ...` does, exit status included, where Ctrl-C is heard.

    Tests that a script runs in the background, and with them this process, ignore it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from kerasapps.__main__ import main

    raise SystemExit(main(arguments))


def _kill_at_sync(number: int) -> None:
    sync, calls = checkpoint.sync, [0]

    def counted(path: Path) -> None:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(path)

    checkpoint.sync = directory.sync = counted


def final_state(run_dir: Path) -> dict[str, np.ndarray]:
    """Every variable of the last checkpoint, the history, and what was sampled on the way."""
    last, problems = checkpoint.read_last(run_dir / "checkpoints")
    assert not problems
    history = {f"history/{name}": np.array(values) for name, values in last.state["history"].items()}
    samples = {f"samples/{epoch}": values for epoch, values in directory.read_samples(run_dir).items()}
    return {**last.arrays, **history, **samples, "epoch": np.array(last.state["epoch"])}
