"""TensorFlow is imported once, timed and silently; what it said is heard if the import fails. XLA's cache."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from full_disk import on_a_full_disk

from kerasapps import startup

QUIET = """
import os, sys, time
os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)
from kerasapps import startup
started = time.perf_counter()
startup.import_tensorflow()
whole = time.perf_counter() - started
seconds = startup.take_import_seconds()
assert 0.9 * whole <= seconds <= whole, (seconds, whole)
assert "keras" in sys.modules and os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"
startup.import_tensorflow()
assert startup.take_import_seconds() == 0.0
import tensorflow
tensorflow.constant(1.0) + 1.0
for size in range(7):
    tensorflow.function(lambda x: x)(tensorflow.zeros(size))
import logging
logging.getLogger("tensorflow").warning("another warning")
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
    assert done.stderr.startswith("WARNING:tensorflow:another warning") and done.stderr.count("WARNING") == 1
    assert done.stderr.endswith("heard again")


def test_a_failing_import_is_told_with_what_came_before_it() -> None:
    done = _run(BROKEN)
    assert done.returncode == 1
    assert "what the library said" in done.stderr and "ImportError: broken" in done.stderr


def test_threads_that_ask_at_a_time_import_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, both = [], threading.Barrier(2)
    module = sys.modules.get("tensorflow", sys)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)

    def importing() -> None:
        entered.append(1)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=0.2)
        sys.modules["tensorflow"] = module

    monkeypatch.setattr(startup, "_import_tensorflow", importing)
    threads = [threading.Thread(target=startup.import_tensorflow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 1


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a new cache, with TF_XLA_FLAGS put back afterwards."""
    monkeypatch.setenv("KERASAPPS_CACHE", str(tmp_path))
    monkeypatch.setenv("TF_XLA_FLAGS", "--other")
    return startup.compile_cache()


def test_xla_is_told_where_its_cache_is_and_old_programs_are_removed(cache: Path) -> None:
    cache.mkdir(parents=True)
    for i in range(startup.CACHED_PROGRAMS + 2):
        (cache / f"{i}.pb").write_bytes(b"")
        os.utime(cache / f"{i}.pb", (i, i))
    startup._use_compile_cache()
    assert os.environ["TF_XLA_FLAGS"] == f"--other --tf_xla_persistent_cache_directory={cache}"
    assert len(list(cache.iterdir())) == startup.CACHED_PROGRAMS
    assert not (cache / "1.pb").exists() and (cache / "2.pb").exists()


def test_a_cache_of_the_users_own_is_left_to_them(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "--tf_xla_persistent_cache_directory=/own"
    monkeypatch.setenv("TF_XLA_FLAGS", own)
    startup._use_compile_cache()
    assert os.environ["TF_XLA_FLAGS"] == own and not cache.exists()


@pytest.mark.parametrize("home", ["with blank", "file/in", "~nosuchuser/in"])
def test_without_a_place_for_it_there_is_no_cache(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERASAPPS_CACHE", home if home[0] == "~" else str(tmp_path / home))
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    startup._use_compile_cache()
    assert os.environ["TF_XLA_FLAGS"] == ""


def test_on_a_full_disk_there_is_no_cache_and_a_warning_says_so(cache: Path) -> None:
    with pytest.warns(UserWarning, match=f"{cache} has no room: .*File too large.* is not kept"):
        on_a_full_disk(startup._use_compile_cache)()
    assert os.environ["TF_XLA_FLAGS"] == "--other" and list(cache.iterdir()) == []


def test_clearing_the_cache_says_whether_there_was_one(cache: Path) -> None:
    assert not startup.clear_compile_cache()
    cache.mkdir(parents=True)
    (cache / "program.pb").write_bytes(b"damaged")
    assert startup.clear_compile_cache()
    assert not list(cache.iterdir())


def test_a_directory_that_cannot_be_written_is_no_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root may write anywhere, the directory is one of the kernel's in which nobody can."""
    monkeypatch.setattr(startup, "compile_cache", lambda: Path("/proc/self"))
    startup._use_compile_cache()
    assert os.environ["TF_XLA_FLAGS"] == "--other"


def test_a_program_that_is_gone_does_no_harm(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "gone.pb").symlink_to(cache / "nothing")
    startup._use_compile_cache()
    assert str(cache) in os.environ["TF_XLA_FLAGS"]


def _train(cache: Path, run_dir: Path) -> tuple[dict, str]:
    """The record of a small run in a process of its own, and its stderr."""
    given = ["train", "mlp", "--no-report", "--epochs", "2", "--json", "--execution", "loop", "--run-dir", str(run_dir)]
    environment = {k: v for k, v in os.environ.items() if k not in ("TF_XLA_FLAGS", "TF_CPP_MIN_LOG_LEVEL")}
    command = [sys.executable, "-m", "kerasapps", *given]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**environment, "KERASAPPS_CACHE": str(cache)}, timeout=1800
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.slow
def test_another_process_need_not_compile_again_and_gets_the_same_bits(tmp_path: Path) -> None:
    cold, _ = _train(tmp_path / "cache", tmp_path / "cold")
    warm, said = _train(tmp_path / "cache", tmp_path / "warm")
    assert warm["history"] == cold["history"]
    assert warm["execution"]["compile_seconds"] < cold["execution"]["compile_seconds"]
    assert "cpu_aot" not in said and "0000" not in said
    (program,) = (tmp_path / "cache").rglob("*.pb")
    for damaged in (program.read_bytes()[: program.stat().st_size // 2], b"\x55" * 1000):
        program.write_bytes(damaged)
        again, _ = _train(tmp_path / "cache", tmp_path / f"again{len(damaged)}")
        assert again["history"] == cold["history"]


FILLS_UP = """
import resource, sys
from kerasapps import startup
startup.import_tensorflow()
import kerasapps
from kerasapps.engine import session
choose = session.choose_program
def with_little_room(*given):
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
    try:
        return choose(*given)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
session.choose_program = with_little_room
try:
    kerasapps.train("softmax_regression", epochs=1, execution="loop", run_dir=sys.argv[1])
except kerasapps.errors.ConfigError as error:
    print(error)
session.choose_program = choose
print(kerasapps.train("softmax_regression", epochs=1, execution="loop", run_dir=sys.argv[1]).record["status"])
"""


@pytest.mark.slow
def test_a_disk_that_fills_after_the_start_is_named_and_with_room_again_training_goes(tmp_path: Path) -> None:
    environment = {**os.environ, "KERASAPPS_CACHE": str(tmp_path / "cache"), "TF_XLA_FLAGS": ""}
    command = [sys.executable, "-c", FILLS_UP, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, env=environment)
    said, status = done.stdout.splitlines()[0], done.stdout.splitlines()[-1]
    assert "cannot be trained with execution=loop" in said and "Make room, or give KERASAPPS_CACHE" in said
    assert status == "completed", done.stderr
