"""What all tests share."""

import ctypes
import functools
import gc
import os
from collections.abc import Iterator

import pytest
import tensorflow as tf
import xla_programs
from toys.few import few

from kerasapps.data import rows
from kerasapps.data.sources import open_source

REPLICAS = 3

_libc = ctypes.CDLL(None)

# Devices for tests of replicas; they must be made before TensorFlow's first operation, whichever test has it.
_cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_cpu, [tf.config.LogicalDeviceConfiguration()] * REPLICAS)


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> None:
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _graphs_are_freed() -> Iterator[None]:
    """Models and functions refer to each other in circles: Python alone lets gigabytes of them pile up.

    TensorFlow holds all that XLA compiled, and the C library does not give back by itself what was freed.
    """
    yield
    gc.collect()
    xla_programs.free()
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


@pytest.fixture(scope="module")
def few_rows() -> Iterator[None]:
    """Sources are read once, and have few rows in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "open_source", functools.cache(lambda *given: few(open_source(*given))))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests and their processes keep is not in the user's cache; the workers of a run of the tests share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["KERASAPPS_CACHE"] = str(shared / "cache")
