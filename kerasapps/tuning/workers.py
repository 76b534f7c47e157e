"""Processes that train trials, several at a time."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from kerasapps.startup import thread_limits
from kerasapps.tuning.memory import resident_bytes
from kerasapps.tuning.unit import Answer

MOST_TRIALS, MOST_GROWTH = 32, 1 << 30
"""After so many trials, or bytes that it has grown by since its first, a process is replaced."""
PATIENCE = 30.0
"""Seconds in which a trial that is interrupted has to save its checkpoint."""

LOOKS_EVERY = 0.5
"""Seconds between looks at the clock and at the memory of trials."""


class Limits(NamedTuple):
    """Of a trial: its seconds, without those before a kill, and the memory of its process; None = no limit."""

    seconds: float | None = None
    gigabytes: float | None = None


def module_paths() -> list[str]:
    """Where this process finds modules, in order."""
    return [path or os.getcwd() for path in sys.path]


@dataclass(eq=False)
class Worker:
    """One process, and the trial that it trains, None = it waits; since: when it began with that.

    gpu: the only one that it sees, "" = all. ready: whether it has imported TensorFlow.
    """

    process: subprocess.Popen[str]
    answers: Any
    gpu: str = ""
    ready: bool = False
    trial: int | None = None
    since: float = 0.0
    done: int = 0
    first_bytes: int = 0

    def ask(self, trial: int, request: Mapping[str, Any]) -> None:
        """Have it train a trial."""
        self.trial, self.since = trial, time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died, as its answer will say
            print(json.dumps(request), file=self.process.stdin, flush=True)

    def answer(self) -> Answer:
        """What it says of its trial; waits for it."""
        line = self.answers.readline()
        if not line:
            return {"died": f"status {self.process.wait()}"}
        answer = json.loads(line)
        if "ready" in answer:
            self.ready, self.since = True, time.monotonic()
            return answer
        self.done, self.trial = self.done + 1, None
        self.first_bytes = self.first_bytes or answer["resident_bytes"]
        return answer

    def over(self, limits: Limits) -> str:
        """Which limit its trial is over, "" = none."""
        seconds = time.monotonic() - self.since
        if limits.seconds and self.ready and seconds > limits.seconds:
            return f"It took longer than {limits.seconds:g} s."
        size = resident_bytes(self.process.pid) / 1e9 if limits.gigabytes else 0.0
        if limits.gigabytes and size > limits.gigabytes:
            return f"It took more than {limits.gigabytes:g} GB of memory."
        return ""

    def is_worn(self, answer: Answer) -> bool:
        """Whether it should be replaced: it has died or has to, or it has grown."""
        size = answer.get("resident_bytes")
        return size is None or self.done >= MOST_TRIALS or size > self.first_bytes + MOST_GROWTH

    def end(self) -> None:
        """End the process, at once."""
        self.process.kill()
        with contextlib.suppress(BrokenPipeError):  # of a request that it never read
            self.process.communicate()
        self.answers.close()


@dataclass(eq=False)
class LocalWorkers:
    """At most `jobs` processes; each computes with `threads` threads and is started when it is first needed.

    lock: descriptor that they hold for as long as they live, None = there is none. log: file for what they print beside
    their trials.
    gpus: as CUDA_VISIBLE_DEVICES names them; several processes share them out, or share the only one.
    """

    jobs: int
    threads: int
    lock: int | None
    log: Path
    limits: Limits = Limits()
    gpus: Sequence[str] = ()
    all: list[Worker] = field(default_factory=list)

    def __enter__(self) -> "LocalWorkers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        busy = [worker for worker in self.all if worker.trial is not None]
        for worker in busy:
            worker.process.send_signal(signal.SIGINT)
        for worker in busy:
            with contextlib.suppress(subprocess.TimeoutExpired), _limited(worker):
                while "ready" in worker.answer():
                    pass
        for worker in self.all:
            worker.end()

    @property
    def has_room(self) -> bool:
        """Whether one more trial can begin."""
        return sum(worker.trial is not None for worker in self.all) < self.jobs

    @property
    def busy(self) -> list[int]:
        """The trials that are being trained."""
        return [worker.trial for worker in self.all if worker.trial is not None]

    def start(self, trial: int, request: Mapping[str, Any]) -> None:
        """Have a process that waits, or a new one, train a trial."""
        free = [worker for worker in self.all if worker.trial is None]
        worker = free[0] if free else self._started()
        worker.ask(trial, request)

    def _started(self) -> Worker:
        reading, writing = os.pipe()
        limits = thread_limits(self.threads)
        gpu = self._free_gpu()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "kerasapps.tuning.worker", str(writing)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                pass_fds=[writing, *([] if self.lock is None else [self.lock])],
                # Applications may lie beside the script that searches them, or where else this process finds them.
                env={
                    **os.environ,
                    **limits,
                    **({"CUDA_VISIBLE_DEVICES": gpu} if gpu else {}),
                    "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # several may share a GPU, the search among them
                    "PYTHONPATH": os.pathsep.join(module_paths()),
                },
                start_new_session=True,  # Ctrl-C reaches the search alone, which then stops them in order
            )
        os.close(writing)
        self.all.append(Worker(process, os.fdopen(reading, encoding="utf-8"), gpu))
        return self.all[-1]

    def _free_gpu(self) -> str:
        """The GPU that the fewest processes have, "" = all of them, where there is one or only one process."""
        taken = Counter(worker.gpu for worker in self.all)
        return min(self.gpus, key=lambda gpu: taken[gpu]) if len(self.gpus) > 1 and self.jobs > 1 else ""

    def wait(self) -> Iterator[tuple[int, Answer]]:
        """The trials of which something is known, after LOOKS_EVERY seconds at most."""
        with selectors.DefaultSelector() as selector:
            for worker in self.all:
                if worker.trial is not None:
                    selector.register(worker.answers, selectors.EVENT_READ, worker)
            ready = [key.data for key, _ in selector.select(LOOKS_EVERY)]
        for worker, trial in [(worker, worker.trial) for worker in self.all]:
            if trial is None:
                continue
            reason = worker.over(self.limits)
            if worker in ready:
                answer = worker.answer()
                if "ready" in answer:
                    continue
            elif reason:
                answer = {"reason": reason}
            else:
                continue
            if worker.is_worn(answer):
                self.all.remove(worker)
                worker.end()
            yield trial, answer


@contextlib.contextmanager
def _limited(worker: Worker) -> Iterator[None]:
    """Kill a process that has not answered in PATIENCE seconds."""
    with selectors.DefaultSelector() as selector:
        selector.register(worker.answers, selectors.EVENT_READ)
        if not selector.select(PATIENCE):
            worker.process.kill()
    yield
