"""Opens the strategy of a TPU. It was never tried on one."""

import os
from pathlib import Path

import tensorflow as tf

from kerasapps.errors import ConfigError

_DRIVERS = ("/dev/accel0", "/dev/vfio/0")


def has_tpu() -> bool:
    """Whether this machine says that it has a TPU: TPU_NAME is set, or a driver is there and libtpu is installed."""
    drivers = any(Path(driver).exists() for driver in _DRIVERS)
    return bool(os.environ.get("TPU_NAME")) or (drivers and bool(os.environ.get("TPU_LIBRARY_PATH")))


def open_tpu(devices: int | None) -> tf.distribute.Strategy:
    """The strategy over all cores of the TPU that TPU_NAME names, or of this machine; raises ConfigError without one.

    https://www.tensorflow.org/guide/tpu
    """
    if devices is not None:
        raise ConfigError(f"strategy=tpu uses all cores of a TPU, but devices={devices}. Leave devices out.")
    name = os.environ.get("TPU_NAME", "local")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name)
        if name != "local":
            tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, RuntimeError, tf.errors.OpError) as error:
        raise ConfigError(
            f"strategy=tpu: TensorFlow finds no TPU named {name!r} ({type(error).__name__}). Expected TPU_NAME to name "
            "one, or a machine that has one; strategy=auto takes what there is."
        ) from error
