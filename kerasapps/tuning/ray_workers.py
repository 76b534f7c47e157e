"""Trials as tasks of a Ray cluster, whose nodes have the directory of the search under the same path.

Each of Ray's processes keeps a process that trains, as a search on one machine has it: TensorFlow is imported once for
many trials, limits and logs are the same, and so are the bits.
"""

import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from kerasapps.errors import ConfigError
from kerasapps.tuning.unit import Answer
from kerasapps.tuning.workers import LOOKS_EVERY, PATIENCE, Limits, LocalWorkers, module_paths

_here: list[LocalWorkers] = []
"""In a process of Ray: what trains its trials."""


@dataclass(eq=False)
class RayWorkers:
    """At most `jobs` tasks, each with `threads` cores of a node and, where the cluster has GPUs, its share of one.

    It takes the cluster that this process is connected to, else that of RAY_ADDRESS or of this machine, else it begins
    one here. Raises ConfigError where Ray is not installed, or no node has as many cores.
    """

    jobs: int
    threads: int
    directory: Path
    limits: Limits = Limits()
    tasks: dict[Any, int] = field(default_factory=dict)
    began: bool = False

    def __enter__(self) -> "RayWorkers":
        ray = _ray()
        if not ray.is_initialized():
            _init(ray)
            self.began = True
        cores = max(node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"])
        if cores < self.threads:
            raise ConfigError(f"threads={self.threads}: no node of the Ray cluster has more than {cores:g} cores.")
        gpus = ray.cluster_resources().get("GPU", 0.0)
        share = min(1.0, int(gpus / self.jobs * 1e4) / 1e4)
        # What died is trained on by the search, so that it counts how often.
        self._task = ray.remote(num_cpus=self.threads, num_gpus=share, max_retries=0)(train_here)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        ray = _ray()
        for task in self.tasks:
            ray.cancel(task)
        if self.tasks:
            ray.wait(list(self.tasks), num_returns=len(self.tasks), timeout=PATIENCE)
        if self.began:
            ray.shutdown()

    @property
    def has_room(self) -> bool:
        """Whether one more trial can begin."""
        return len(self.tasks) < self.jobs

    @property
    def busy(self) -> list[int]:
        """The trials that are being trained, or wait for a node."""
        return list(self.tasks.values())

    def start(self, trial: int, request: Mapping[str, Any]) -> None:
        """Have a node train a trial."""
        self.tasks[self._task.remote(trial, request, self.threads, self.limits, self.directory, module_paths())] = trial

    def wait(self) -> Iterator[tuple[int, Answer]]:
        """The trials of which something is known, after LOOKS_EVERY seconds at most."""
        ray = _ray()
        ended, _ = ray.wait(list(self.tasks), timeout=LOOKS_EVERY)
        for task in ended:
            trial = self.tasks.pop(task)
            try:
                yield trial, ray.get(task)
            except ray.exceptions.RayError as error:
                yield trial, {"died": type(error).__name__}


def train_here(
    trial: int, request: Mapping[str, Any], threads: int, limits: Limits, directory: Path, paths: Sequence[str]
) -> Answer:
    """What this process of Ray says of a trial; where the task is cancelled, the trial is interrupted.

    paths: where the search finds modules; here they are looked for last.
    """
    if not (directory / "trials").is_dir():
        return {"reason": f"{socket.gethostname()} does not have {directory}. Expected a directory that nodes share."}
    sys.path += [path for path in paths if path not in sys.path]
    if not _here:
        log = directory / f"workers-{socket.gethostname()}.log"
        _here.append(LocalWorkers(1, threads, None, log, Limits(*limits)))
    workers = _here[0]
    try:
        workers.start(trial, request)
        while True:
            for _, answer in workers.wait():
                return answer
    except BaseException:
        _here.clear()
        workers.__exit__(None, None, None)
        raise


def _init(ray: Any) -> None:
    try:
        ray.init(log_to_driver=False, configure_logging=False)
    except ConnectionError as error:
        raise ConfigError(f"on=ray: the cluster cannot be reached: {error}") from error


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise ConfigError("on=ray needs the package ray: pip install 'kerasapps[ray]'.") from error
    return ray
