"""Opens the strategy of several processes that share every batch; Li et al. 2020, https://arxiv.org/abs/2006.15704."""

import functools
import signal
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2
from tensorflow.python.distribute import multi_worker_util
from tensorflow.python.distribute.collective_all_reduce_strategy import CollectiveAllReduceExtended
from tensorflow.python.eager import context

from kerasapps.distribute.cluster import this_cluster
from kerasapps.distribute.peers import Peers, lost_workers_told, start_seconds
from kerasapps.errors import ConfigError, TrainingError

HEARTBEAT_SECONDS = 10
"""A worker that is silent for so long is lost, and all others are told."""


POLL_SECONDS = 0.1


class _Extended(CollectiveAllReduceExtended):
    """Takes the devices that it is given: TensorFlow's own takes one CPU of each worker, or all GPUs."""

    def __init__(self, strategy: tf.distribute.Strategy, devices: tuple[str, ...]) -> None:
        self._given = devices
        options = tf.distribute.experimental.CommunicationOptions()  # NCCL where all workers have GPUs, else a ring
        super().__init__(strategy, cluster_resolver=None, communication_options=options)

    def _initialize_local_devices(self, resolver: Any, worker: str) -> tuple[tuple[str, ...], str]:
        kind, _, _ = self._given[0].partition(":")
        return tuple(f"{worker}/device:{name}" for name in self._given), kind


class _Strategy(tf.distribute.MultiWorkerMirroredStrategy):
    def __init__(self, devices: tuple[str, ...]) -> None:
        tf.distribute.Strategy.__init__(self, _Extended(self, devices))


@functools.cache  # a process can be part of a cluster once
def open_workers(devices: tuple[str, ...]) -> tuple[tf.distribute.Strategy, Peers]:
    """The strategy over the `devices`, such as "CPU:0", of every worker of TF_CONFIG, and these workers.

    It waits for all of them. Must come before TensorFlow's first operation. Raises ConfigError where it does not, and
    TrainingError where a worker does not start.
    """
    cluster = this_cluster()
    try:
        spec = _coordinate()
        with lost_workers_told():
            if cluster.is_chief:
                _wait_for_others([address for _, addresses in sorted(spec.items()) for address in addresses][1:])
            strategy = _Strategy(devices)
    except RuntimeError as error:
        raise ConfigError(
            f"strategy=multi_worker: TensorFlow runs in this process already ({error}). Expected a process of its own "
            "for each worker."
        ) from error
    if threading.current_thread() is threading.main_thread():
        # TensorFlow has put a handler of its own behind Python's back, which ignores the signal.
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGTERM))
    return strategy, Peers(cluster.workers, cluster.worker, strategy)


def _wait_for_others(addresses: Sequence[str]) -> None:
    """Return once all others listen at their addresses; raises TrainingError, which names one that does not.

    Worker 0 asks, as TensorFlow would have it wait without end, where nothing can interrupt it.
    """
    seconds = start_seconds()
    until = time.monotonic() + seconds
    for worker, address in enumerate(addresses, 1):
        host, _, port = address.rpartition(":")
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > until:
                    raise TrainingError(
                        f"Worker {worker} did not start within {seconds:g} s: nothing listens at {address}. Start all "
                        "workers again; $KERASAPPS_START_SECONDS gives them more time."
                    ) from None
                time.sleep(POLL_SECONDS)


def _coordinate() -> dict[str, list[str]]:
    """Addresses by role. By itself TensorFlow would wait for an hour; what else it is told the strategy says, too."""
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    spec = multi_worker_util.normalize_cluster_spec(resolver.cluster_spec())
    jobs = [
        coordination_config_pb2.CoordinatedJob(name=job, num_tasks=spec.num_tasks(job))
        for job in ("chief", "worker")
        if job in spec.jobs
    ]
    context.context().configure_coordination_service(
        service_type="standalone",
        service_leader=multi_worker_util.coordination_leader(spec),
        cluster_register_timeout_in_ms=int(1000 * start_seconds()),
        heartbeat_timeout_in_ms=1000 * HEARTBEAT_SECONDS,
        coordinated_jobs=jobs,
    )
    return spec.as_dict()
