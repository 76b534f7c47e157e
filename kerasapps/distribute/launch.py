"""Workers on this machine: processes that TF_CONFIG makes one run, which end together."""

import ctypes
import itertools
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from kerasapps.errors import Interrupted, TrainingError
from kerasapps.startup import thread_limits

GRACE_SECONDS = 20
"""Once one has ended, or a signal came, the others find out and end within this time, or are killed."""
_LOOKS_EVERY = 0.5
_FINAL = (0, 2, 3, 5, Interrupted.exit_status)
"""Exit statuses that starting again would not change."""
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def launch(arguments: Sequence[str], workers: int, restarts: int = 0) -> int:
    """Run `kerasapps ARGUMENTS` as so many workers; the exit status of the first that fails, or 0.

    restarts: how often a group that has failed is started again, from its last checkpoint. Arguments then have to name
    the run's directory.
    """
    arguments = list(arguments)
    for left in range(restarts, -1, -1):
        status = _group(arguments, workers)
        if status in _FINAL or not left:
            break  # also where a signal told it to stop
        _tell(f"starting all {workers} workers again, from the last checkpoint; {left - 1} more times are left")
        run_dir = _run_dir(arguments)
        if run_dir and (run_dir / "config.yaml").is_file() and "--resume" not in arguments:
            arguments.append("--resume")
    return status


def _run_dir(arguments: Sequence[str]) -> Path | None:
    for name, value in itertools.pairwise(arguments):
        if name == "--run-dir":
            return Path(value)
    return next((Path(each.partition("=")[2]) for each in arguments if each.startswith("--run-dir=")), None)


@dataclass(frozen=True)
class _Worker:
    number: int
    process: subprocess.Popen[bytes]

    def ended(self) -> "tuple[_Worker, int]":
        """The worker and its exit status, once it has ended."""
        return self, self.process.wait()


def _group(arguments: list[str], workers: int) -> int:
    """The exit status of the first worker that fails, 0 where none does; all have ended then."""
    ports = free_ports(workers)
    group: list[_Worker] = []
    with _signals_for(group) as told, ThreadPoolExecutor(workers) as executor:
        group.extend(_started(arguments, number, ports) for number in range(workers))
        pumps = [threading.Thread(target=_pump, args=(worker,)) for worker in group]
        for pump in pumps:
            pump.start()
        waiting: set[Future[tuple[_Worker, int]]] = {executor.submit(worker.ended) for worker in group}
        first, until = 0, math.inf
        while waiting:
            done, waiting = wait(waiting, _LOOKS_EVERY, FIRST_COMPLETED)
            for worker, status in (future.result() for future in done):
                if status < 0:
                    _tell(f"worker {worker.number} was killed by {signal.Signals(-status).name}")
                first = first or (status if status >= 0 else TrainingError.exit_status)
            if done or told.is_set():
                until = min(until, time.monotonic() + GRACE_SECONDS)
            if time.monotonic() > until:
                for worker in group:
                    worker.process.kill()
        for pump in pumps:
            pump.join()
    return Interrupted.exit_status if first and told.is_set() else first


def environment(number: int, ports: Sequence[int]) -> dict[str, str]:
    """Variables by which a process is worker `number` of those at these ports, and has its share of the cores."""
    addresses = [f"127.0.0.1:{port}" for port in ports]
    config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}}
    return {"TF_CONFIG": json.dumps(config), **thread_limits(max((os.cpu_count() or 1) // len(ports), 1))}


def _started(arguments: list[str], number: int, ports: Sequence[int]) -> _Worker:
    own = {
        **environment(number, ports),
        "KERASAPPS_LAUNCH": f"launch --workers {len(ports)} -- ",  # for what a worker says how to go on
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "kerasapps", *arguments]
    process = subprocess.Popen(
        command,
        env={**os.environ, **own},
        stdout=None if number == 0 else subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is handed on once, not heard twice
        preexec_fn=_die_with_parent,
    )
    return _Worker(number, process)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on now; all are held until the last is found, or one would be found twice."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _pump(worker: _Worker) -> None:
    """Show what a worker writes, each line with its number before it; what worker 0 answers on stdout is its own."""
    streams = [stream for stream in (worker.process.stdout, worker.process.stderr) if stream is not None]
    threads = [threading.Thread(target=_show, args=(worker.number, stream)) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _show(number: int, stream: IO[bytes]) -> None:
    for line in stream:
        print(f"[{number}] {line.decode(errors='backslashreplace').rstrip()}", file=sys.stderr, flush=True)


def _tell(text: str) -> None:
    print(f"kerasapps launch: {text}", file=sys.stderr, flush=True)


@contextmanager
def _signals_for(group: Sequence[_Worker]) -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM are handed on to all workers, which save and end; the event is set once one came."""
    told = threading.Event()

    def hand_on(kind: int, _: FrameType | None) -> None:
        told.set()
        for worker in group:
            worker.process.send_signal(kind)

    before = {kind: signal.signal(kind, hand_on) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
