"""What all tests share."""

import ctypes
import functools
import gc
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import tensorflow as tf
import xla_programs
from toys.few import WORDS, few

from kerasapps.app import load_app
from kerasapps.data import rows
from kerasapps.data.sources import open_source, speech_words
from kerasapps.data.sources.speech_words import SpeechWords
from kerasapps.engine import reuse
from kerasapps.errors import KerasappsError

REPLICAS = 3

GROWTH_BYTES = 100e6
"""Memory is freed when it has grown by so much, not after each test: to look through it takes a quarter of a second."""

_libc = ctypes.CDLL(None)
_kept_bytes = [0]

# Devices for tests of replicas; they must be made before TensorFlow's first operation, whichever test has it.
_cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_cpu, [tf.config.LogicalDeviceConfiguration()] * REPLICAS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--app", default="", metavar="NAME", help="the laws ask this application alone: my_package.my_app")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an --app that there is not in one line, before each law fails by itself."""
    if name := config.getoption("app"):
        try:
            load_app(name)
        except KerasappsError as error:
            raise pytest.UsageError(f"--app {name}: {error}") from error


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> None:
    gc.freeze()


@pytest.fixture(autouse=True)
def _graphs_are_freed() -> Iterator[None]:
    """Models and functions refer to each other in circles: Python alone lets gigabytes of them pile up.

    TensorFlow holds all that XLA compiled, and the C library does not give back by itself what was freed.
    """
    yield
    if _resident_bytes() < _kept_bytes[-1] + GROWTH_BYTES:
        return
    reuse._kept.clear()
    gc.collect()
    xla_programs.free()
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
    _kept_bytes.append(_resident_bytes())


def _resident_bytes() -> int:
    """Memory of this process; 0 where the system does not say."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * resource.getpagesize() if path.exists() else 0


@pytest.fixture(scope="module")
def few_words() -> Iterator[None]:
    """The source speech_words has a tenth of its sounds in this process: to make all of them takes ten seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech_words, "load", lambda data_dir: SpeechWords(WORDS))
        yield


@pytest.fixture(scope="module")
def few_rows(few_words: None) -> Iterator[None]:
    """Sources are read once, and have few rows in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            rows, "open_source", functools.cache(lambda *given, **reading: few(open_source(*given, **reading)))
        )
        yield


@pytest.fixture
def all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources have all of their rows, in a module whose other tests ask for few."""
    monkeypatch.setattr(speech_words, "load", lambda data_dir: SpeechWords())
    monkeypatch.setattr(rows, "open_source", open_source)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests and their processes keep is not in the user's cache; the workers of a run of the tests share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["KERASAPPS_CACHE"] = str(shared / "cache")
