"""The processes that share a run, as TF_CONFIG names them; https://www.tensorflow.org/guide/distributed_training."""

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError

_ROLES = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """`workers` processes, of which this is number `worker`."""

    workers: int = 1
    worker: int = 0

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files of the run: exactly one of a cluster does."""
        return self.worker == 0


def this_cluster() -> Cluster:
    """The cluster of this process, of one without TF_CONFIG or with an empty one; raises ConfigError for another text.

    The chief, where there is such a task, is worker 0.
    """
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text or "{}")
        return _cluster_of(config) if config != {} else Cluster()
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            f"TF_CONFIG is {text!r}: {error}. Expected "
            '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}, or no TF_CONFIG.'
        ) from error


def _cluster_of(config: Any) -> Cluster:
    """The cluster and the place in it that the mapping `config` names; raises ValueError."""
    cluster, task = (_mapping(key, _mapping("TF_CONFIG", config).get(key)) for key in ("cluster", "task"))
    numbers = {role: _addresses(role, cluster.get(role, [])) for role in _ROLES}
    role, index = task.get("type"), _index(task.get("index"))
    if role not in _ROLES:
        raise ValueError(f"role {role} is not served; expected {' or '.join(_ROLES)}")
    if not 0 <= index < numbers[role]:
        raise ValueError(f"there is no {role} {index}: the cluster has {numbers[role]} of this role, counted from 0")
    return Cluster(sum(numbers.values()), index + (numbers["chief"] if role == "worker" else 0))


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {json.dumps(value)}, expected a mapping")
    return value


def _addresses(role: str, value: Any) -> int:
    """How many addresses a list has. A text has a length, too, so that its characters would count as processes."""
    if not isinstance(value, list) or not all(isinstance(address, str) for address in value):
        raise ValueError(f"{role} is {json.dumps(value)}, expected a list of addresses")
    return len(value)


def _index(value: Any) -> int:
    """A whole number, or the text of one, as TensorFlow takes it; true is a number to Python, but not to people."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"index is {json.dumps(value)}, expected a whole number")
    return value


def is_chief() -> bool:
    """Whether this process writes the files of the run."""
    return this_cluster().is_chief


def chief_writes(files: str) -> bool:
    """Whether another worker writes these files, and not this process; a warning says so."""
    cluster = this_cluster()
    if not cluster.is_chief:
        warnings.warn(
            f"TF_CONFIG makes this process worker {cluster.worker}: {files} is written by worker 0 alone.", stacklevel=3
        )
    return not cluster.is_chief


def command_to_go_on(app: str, run_dir: Path) -> str:
    """What goes on with a run, on all the workers that share it."""
    launch = os.environ.get("KERASAPPS_LAUNCH", "")
    where = "" if launch or this_cluster().workers == 1 else "on all workers: "
    return f"{where}kerasapps {launch}train {app} --run-dir {run_dir} --resume"
