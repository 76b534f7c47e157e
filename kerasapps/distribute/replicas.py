"""Which devices share every batch, and how what they compute is added up."""

import logging
import os
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

import tensorflow as tf

from kerasapps.distribute.cluster import this_cluster
from kerasapps.distribute.peers import Peers
from kerasapps.distribute.tpu import has_tpu, open_tpu
from kerasapps.distribute.workers import open_workers
from kerasapps.errors import ConfigError
from kerasapps.tensors import Integer

_Sums = TypeVar("_Sums")


@dataclass(frozen=True)
class Replicas:
    """`number` devices that hold copies of all weights; strategy: None where there is one device only.

    peers: the processes that share every batch.
    """

    name: str = "one_device"
    number: int = 1
    strategy: tf.distribute.Strategy | None = None
    peers: Peers = field(default_factory=Peers)

    @property
    def workers(self) -> int:
        """Processes that share every batch."""
        return self.peers.workers

    @property
    def compiles(self) -> bool:
        """Whether TensorFlow compiles by itself, with XLA, all that the replicas run: it does for a TPU."""
        return self.name == "tpu"

    def exchange(self, value: Any) -> list[Any]:
        """The value of each worker, that of the chief first; see Peers."""
        return self.peers.exchange(value)

    def scope(self) -> AbstractContextManager:
        """Variables that are made within it have a copy on each device."""
        return nullcontext() if self.strategy is None else self.strategy.scope()

    def sum(self, function: Callable[[Integer], _Sums]) -> _Sums:
        """function(0) + ... + function(number - 1), each on its own device; nested tensors are added up, too.

        The function is given the number of a replica as a tensor, which no strategy but mirrored knows beforehand.
        """
        strategy = self.strategy
        if strategy is None:
            return function(0)
        structure: list[Any] = []

        def joined() -> dict[str, tf.Tensor]:
            structure[:] = [function(tf.distribute.get_replica_context().replica_id_in_sync_group)]
            kinds: dict[str, list[tf.Tensor]] = {}
            for value in map(tf.convert_to_tensor, tf.nest.flatten(structure[0])):
                kinds.setdefault(value.dtype.name, []).append(tf.reshape(value, [-1]))
            return {kind: tf.concat(values, 0) for kind, values in kinds.items()}

        # One message for all of a type, as each costs a round trip between workers. Were they added up one by one,
        # TensorFlow could join these additions with those that made the values, and not in the same order in every
        # process: a resumed run would differ in a last bit.
        messages = strategy.run(joined)
        totals = {
            kind: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None) for kind, value in messages.items()
        }
        return _parted(totals, structure[0])


def _parted(totals: Mapping[str, tf.Tensor], like: _Sums) -> _Sums:
    """The inverse of joining flattened tensors that are shaped as those of `like`, by their types."""
    values = [tf.convert_to_tensor(value) for value in tf.nest.flatten(like)]
    parts = {
        kind: iter(tf.split(total, [v.shape.num_elements() for v in values if v.dtype.name == kind]))
        for kind, total in totals.items()
    }
    shaped = [tf.reshape(next(parts[value.dtype.name]), value.shape) for value in values]
    return tf.nest.pack_sequence_as(like, shaped)


ONE_DEVICE = Replicas()


def visible_gpus() -> list[str]:
    """The GPUs of this process, as CUDA_VISIBLE_DEVICES names them to processes that it starts."""
    number = len(tf.config.list_physical_devices("GPU"))
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    return named[:number] if len(named) >= number > 0 and all(named) else [str(i) for i in range(number)]


def open_replicas(requested: str, devices: int | None) -> Replicas:
    """The devices of a run. auto: a TPU, the workers of TF_CONFIG, several devices of this machine, or one.

    Several are mirrored where there are several GPUs or `devices` asks for several. devices: of each worker; None = all
    GPUs; without GPUs so many logical CPUs are made, which share the real cores. Raises ConfigError for what there is
    not. Must come before TensorFlow's first operation.
    """
    if requested == "tpu" or (requested == "auto" and has_tpu()):
        return Replicas("tpu", (strategy := open_tpu(devices)).num_replicas_in_sync, strategy)
    workers = this_cluster().workers
    if requested == "multi_worker" or (requested == "auto" and workers > 1):
        return _open_workers(workers, devices)
    _warn_of_lonely_workers(requested)
    if requested == "one_device" and (devices or 1) > 1:
        raise ConfigError(f"strategy=one_device uses 1 device, but devices={devices}. Leave one of the two out.")
    gpus = tf.config.list_physical_devices("GPU")
    number = devices or len(gpus) or 1
    if requested == "one_device" or (requested == "auto" and number == 1):
        return Replicas()
    if requested == "mirrored" and not devices and not gpus:
        raise ConfigError("strategy=mirrored: this machine has no GPU. Give devices=N for N logical CPUs.")
    names = _local_devices(number)
    # Collectives, which it would take on CPUs, cannot serve strategies of different sizes in one process.
    sums = None if gpus else tf.distribute.ReductionToOneDevice()
    return Replicas("mirrored", number, tf.distribute.MirroredStrategy(names, sums))


def _open_workers(workers: int, devices: int | None) -> Replicas:
    if workers == 1:
        raise ConfigError(
            "strategy=multi_worker: TF_CONFIG names no other worker. Start workers on this machine with "
            "`kerasapps launch --workers N -- train ...`, or set TF_CONFIG on each machine."
        )
    names = _local_devices(devices or len(tf.config.list_physical_devices("GPU")) or 1)
    strategy, peers = open_workers(tuple(names))
    return Replicas("multi_worker", strategy.num_replicas_in_sync, strategy, peers)


def _local_devices(number: int) -> list[str]:
    """Names of so many devices of this machine: GPUs, or without any logical CPUs; raises ConfigError."""
    gpus = tf.config.list_physical_devices("GPU")
    logging.getLogger("tensorflow").addFilter(_is_told)
    if number > len(gpus) > 0:
        raise ConfigError(f"devices={number}: this machine has {len(gpus)} GPUs. Expected 1 to {len(gpus)}.")
    if not gpus:
        _make_logical_cpus(number)
    return [f"{'GPU' if gpus else 'CPU'}:{i}" for i in range(number)]


def _warn_of_lonely_workers(requested: str) -> None:
    """Only the chief's files are written."""
    cluster = this_cluster()
    if cluster.workers > 1:
        warnings.warn(
            f"TF_CONFIG names {cluster.workers} processes, of which this is number {cluster.worker}: with "
            f"strategy={requested} each trains alone, and only number 0 writes files. Use strategy=multi_worker.",
            stacklevel=3,
        )


def _is_told(record: logging.LogRecord) -> bool:
    """Not that several devices are slow in eager mode: that plan is for debugging."""
    return "eagerly has significant overhead" not in record.getMessage()


def _make_logical_cpus(number: int) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    made = len(tf.config.get_logical_device_configuration(cpu) or [0])
    if number > made:
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * number)
        except RuntimeError as error:
            raise ConfigError(
                f"devices={number}: TensorFlow runs in this process already, with {made} CPU devices. Expected at most "
                f"{made}, or a process of its own for this run."
            ) from error
