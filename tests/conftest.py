"""What all tests share."""

import gc
import os
from collections.abc import Iterator

import pytest
import tensorflow as tf

REPLICAS = 3

# Devices for tests of replicas; they must be made before TensorFlow's first operation, whichever test has it.
_cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_cpu, [tf.config.LogicalDeviceConfiguration()] * REPLICAS)


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> None:
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _graphs_are_freed() -> Iterator[None]:
    """Models and functions refer to each other in circles: Python alone lets gigabytes of them pile up."""
    yield
    gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests and their processes keep is not in the user's cache; the workers of a run of the tests share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["KERASAPPS_CACHE"] = str(shared / "cache")
