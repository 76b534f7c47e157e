"""Workers of a cluster on this machine, forked from a process that has imported TensorFlow already."""

import itertools
import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import workers
from toys.few import WORDS

from kerasapps.data.sources import speech_words
from kerasapps.data.sources.speech_words import SpeechWords
from kerasapps.distribute.launch import free_ports

LOOPBACK = "127.0.0.1"


def start(
    number: int, function: Callable, *arguments: Any, log: Path, hosts: Sequence[str] = (LOOPBACK,), **own: Any
) -> list[multiprocessing.Process]:
    """So many workers that each run function(worker, *arguments); own: variables of the environment.

    What worker k writes on stderr lies in `log`/k. hosts: the address of each, or one of all.
    """
    addresses = [f"{host}:{port}" for host, port in zip(itertools.cycle(hosts), free_ports(number), strict=False)]
    configs = [
        {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}} for index in range(number)
    ]
    log.mkdir(exist_ok=True)
    environments = [{"TF_CONFIG": json.dumps(config), **own} for config in configs]
    return [
        workers.start(_run, environment, log / str(worker), function, worker, *arguments)
        for worker, environment in enumerate(environments)
    ]


def _run(environment: dict[str, str], log: Path, function: Callable, *arguments: Any) -> None:
    os.environ.update(environment)
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(descriptor, 2)
    function(*arguments)


def finish(processes: list[multiprocessing.Process], seconds: float = 600) -> list[int]:
    """Their exit codes."""
    return [workers.finish(process, seconds) for process in processes]


def train(worker: int, arguments: list[str], differing: dict[int, list[str]]) -> None:
    """`kerasapps train ARGUMENTS`, with further ones for some workers."""
    workers.command(["train", *arguments, *differing.get(worker, []), "--no-report"])


def measure(worker: int, names: list[str], changes: dict[str, Any], folder: str) -> None:
    """What law 4 compares, of every application by its label; the chief writes it."""
    from harness import labelled, session
    from test_law_04_devices import epoch_of

    speech_words.load = lambda data_dir: SpeechWords(WORDS)  # as in the process of the test
    for name in names:
        own = session(labelled(name), strategy="multi_worker", **changes)
        assert own.replicas.number == 2 * (changes.get("devices") or 1)
        np.savez(f"{folder}/{name}-{worker}.npz", *epoch_of(own))
        own.replicas.peers.leave()
