"""TensorFlow is imported once, timed and silently; what it said is heard if the import fails."""

import subprocess
import sys

QUIET = """
import os, sys, time
os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)
from kerasapps import startup
started = time.perf_counter()
startup.import_tensorflow()
whole = time.perf_counter() - started
seconds = startup.take_import_seconds()
assert 0.9 * whole <= seconds <= whole, (seconds, whole)
assert "keras" in sys.modules and os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"
startup.import_tensorflow()
assert startup.take_import_seconds() == 0.0
import tensorflow
tensorflow.constant(1.0) + 1.0
os.write(2, b"heard again")
"""
BROKEN = """
import importlib, os
from kerasapps import startup
def broken(name):
    os.write(2, b"what the library said")
    raise ImportError("broken")
importlib.import_module = broken
startup.import_tensorflow()
"""


def _run(script: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=1800)


def test_the_import_is_silent_and_timed_once() -> None:
    done = _run(QUIET)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "heard again"


def test_a_failing_import_is_told_with_what_came_before_it() -> None:
    done = _run(BROKEN)
    assert done.returncode == 1
    assert "what the library said" in done.stderr and "ImportError: broken" in done.stderr
