"""The processes that share a run, as TF_CONFIG names them; https://www.tensorflow.org/guide/distributed_training."""

import json
import os
from dataclasses import dataclass

from kerasapps.errors import ConfigError


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
    """The cluster of this process, of one without TF_CONFIG; raises ConfigError where that cannot be understood.

    The chief, where there is such a task, is worker 0.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return Cluster()
    try:
        config = json.loads(text)
        addresses = {kind: len(config.get("cluster", {}).get(kind, ())) for kind in ("chief", "worker")}
        kind, index = config["task"]["type"], int(config["task"]["index"])
        if not 0 <= index < addresses[kind]:
            raise ValueError(f"there is no {kind} {index}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"TF_CONFIG is {text!r}: {error!r}. Expected "
            '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}, or no TF_CONFIG.'
        ) from error
    return Cluster(sum(addresses.values()), index + (addresses["chief"] if kind == "worker" else 0))


def is_chief() -> bool:
    """Whether this process writes the files of the run."""
    return this_cluster().is_chief
