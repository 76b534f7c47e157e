"""Which devices share every batch, and how what they compute is added up."""

import logging
import os
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

import tensorflow as tf

from kerasapps.distribute.cluster import this_cluster
from kerasapps.errors import ConfigError
from kerasapps.tensors import Integer

_Sums = TypeVar("_Sums")


@dataclass(frozen=True)
class Replicas:
    """`number` devices that hold copies of all weights; strategy: None where there is one device only.

    workers: processes that share every batch.
    """

    name: str = "one_device"
    number: int = 1
    strategy: tf.distribute.Strategy | None = None
    workers: int = 1

    def scope(self) -> AbstractContextManager:
        """Variables that are made within it have a copy on each device."""
        return nullcontext() if self.strategy is None else self.strategy.scope()

    def sum(self, function: Callable[[Integer], _Sums]) -> _Sums:
        """function(0) + ... + function(number - 1), each on its own device; nested tensors are added one by one.

        The function is given the number of a replica as a tensor, which no strategy but mirrored knows beforehand.
        """
        strategy = self.strategy
        if strategy is None:
            return function(0)

        def on_replica() -> _Sums:
            return function(tf.distribute.get_replica_context().replica_id_in_sync_group)

        def add(value: tf.Tensor) -> tf.Tensor:
            return strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)

        return tf.nest.map_structure(add, strategy.run(on_replica))


ONE_DEVICE = Replicas()


def visible_gpus() -> list[str]:
    """The GPUs of this process, as CUDA_VISIBLE_DEVICES names them to processes that it starts."""
    number = len(tf.config.list_physical_devices("GPU"))
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    return named[:number] if len(named) >= number > 0 and all(named) else [str(i) for i in range(number)]


def open_replicas(requested: str, devices: int | None) -> Replicas:
    """The devices of a run. auto: mirrored where there are several GPUs or `devices` asks for several, else one device.

    devices: None = all GPUs; without GPUs so many logical CPUs are made, which share the real cores. Raises ConfigError
    for more than there are, and for mirrored where neither GPUs nor a number are given. Must come before TensorFlow's
    first operation.
    """
    _warn_of_lonely_workers()
    if requested == "one_device" and (devices or 1) > 1:
        raise ConfigError(f"strategy=one_device uses 1 device, but devices={devices}. Leave one of the two out.")
    gpus = tf.config.list_physical_devices("GPU")
    number = devices or len(gpus) or 1
    if requested == "one_device" or (requested == "auto" and number == 1):
        return Replicas()
    if requested == "mirrored" and not devices and not gpus:
        raise ConfigError("strategy=mirrored: this machine has no GPU. Give devices=N for N logical CPUs.")
    logging.getLogger("tensorflow").addFilter(_is_told)
    if number > len(gpus) > 0:
        raise ConfigError(f"devices={number}: this machine has {len(gpus)} GPUs. Expected 1 to {len(gpus)}.")
    if not gpus:
        _make_logical_cpus(number)
    names = [f"{'GPU' if gpus else 'CPU'}:{i}" for i in range(number)]
    # Collectives, which it would take on CPUs, cannot serve strategies of different sizes in one process.
    sums = None if gpus else tf.distribute.ReductionToOneDevice()
    return Replicas("mirrored", number, tf.distribute.MirroredStrategy(names, sums))


def _warn_of_lonely_workers() -> None:
    """No strategy here shares batches between processes yet, and only the chief's files are written."""
    cluster = this_cluster()
    if cluster.workers > 1:
        warnings.warn(
            f"TF_CONFIG names {cluster.workers} processes, of which this is number {cluster.worker}: each trains "
            "alone, and only number 0 writes files. Unset TF_CONFIG for runs of their own.",
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
