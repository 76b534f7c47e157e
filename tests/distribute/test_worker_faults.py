"""Faults of groups of workers: kills at random moments, numbers that overflow, damaged files, cut networks."""

import ctypes
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conformance import cluster, workers
from groups import ENDLESS, GIVEN, assert_goes_on_exactly, said, saves, trained, wait_for

from kerasapps.runs import checkpoint

pytestmark = pytest.mark.slow

MORE = ENDLESS[len(GIVEN) :]
KILLS = 4


def newest(folder: Path) -> str:
    """The number of the last checkpoint of the run `run`."""
    found = checkpoint.list_checkpoints(folder / "run" / "checkpoints") if (folder / "run").exists() else []
    return found[-1].name if found else ""


@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_moments_lose_no_step(seed: int, tmp_path: Path) -> None:
    """Of either worker, or of both: 20 kills in all."""
    moments = random.Random(seed)
    for kill in range(KILLS):
        before = newest(tmp_path)
        group = trained(tmp_path, "run", *MORE, *(["--resume"] if kill else []))
        wait_for(lambda before=before: newest(tmp_path) != before)
        time.sleep(moments.random())
        victims = moments.choice([group, group[:1], group[1:]])
        for victim in victims:
            os.kill(victim.pid, signal.SIGKILL)
        for process in group:
            assert workers.finish(process, 60) == (-signal.SIGKILL if process in victims else 4)
    assert_goes_on_exactly(tmp_path)


def test_numbers_that_overflow_end_all_workers_and_keep_the_checkpoints(tmp_path: Path) -> None:
    settings = ["--optimizer", "sgd", "--optimizer-settings", "{}", "--schedule", "constant", "--learning-rate", "1e30"]
    assert cluster.finish(trained(tmp_path, "run", *settings)) == [4, 4]
    for worker in (0, 1):
        assert "not finite" in said(tmp_path, "run", worker)
    last, problems = checkpoint.read_last(tmp_path / "run" / "checkpoints")
    weights = [values for name, values in last.arrays.items() if name.startswith("part/")]
    assert not problems and weights and all(np.isfinite(values).all() for values in weights)


def test_a_disk_that_becomes_full_ends_all_workers_and_keeps_the_checkpoints(tmp_path: Path) -> None:
    """A limit on the size of files stands for it; that of what a worker says is below, of a checkpoint above it."""
    wide = [*MORE, "--hidden", "512"]
    group = trained(tmp_path, "run", *wide)
    wait_for(saves(tmp_path, "run"))
    resource.prlimit(group[0].pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
    assert cluster.finish(group, 60) == [4, 4]
    assert "cannot be written" in said(tmp_path, "run", 0) and "Another worker has ended" in said(tmp_path, "run", 1)
    assert not checkpoint.read_last(tmp_path / "run" / "checkpoints")[1]
    assert_goes_on_exactly(tmp_path, "--hidden", "512")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, flip_a_bit])
def test_all_workers_pass_over_a_damaged_checkpoint(damage: object, tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run", *MORE, "--stop-at-epoch", "6")) == [0, 0]
    kept = checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")
    assert len(kept) > 1
    damage(max(kept[-1].glob("*"), key=lambda file: file.stat().st_size))
    (tmp_path / "run" / "record.json").unlink()
    stopping = [*MORE, "--stop-at-epoch", "8"]
    assert cluster.finish(trained(tmp_path, "run", *stopping, "--resume")) == [0, 0]
    assert "damaged" in said(tmp_path, "run", 0)
    assert cluster.finish(trained(tmp_path, "whole", *stopping)) == [0, 0]
    whole, resumed = (workers.final_state(tmp_path / name) for name in ("whole", "run"))
    for name, values in whole.items():
        np.testing.assert_array_equal(resumed[name], values, err_msg=name)


def test_without_a_whole_checkpoint_all_workers_say_so(tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run", "--stop-at-epoch", "3")) == [0, 0]
    for kept in checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints"):
        cut_short(max(kept.glob("*"), key=lambda file: file.stat().st_size))
    (tmp_path / "run" / "record.json").unlink()
    assert cluster.finish(trained(tmp_path, "run", "--resume")) == [5, 5]
    for worker in (0, 1):
        assert "damaged" in said(tmp_path, "run", worker)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (["--resume", "--hidden", "16"], "hidden"),
        (["--resume", "--optimizer", "sgd"], "optimizer"),
        (["--resume", "--seed", "9"], "seed"),
        (["--resume", "--rows", "400"], "rows"),
        ([], "--resume"),
    ],
)
def test_a_run_directory_of_another_run_is_refused_by_all(changed: list[str], words: str, tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run", "--stop-at-epoch", "3")) == [0, 0]
    before = newest(tmp_path)
    assert cluster.finish(trained(tmp_path, "run", *changed)) == [2, 2]
    for worker in (0, 1):
        assert words in said(tmp_path, "run", worker)
    assert newest(tmp_path) == before


def command(line: str) -> None:
    """Run it; it has to work."""
    subprocess.run(line.split(), check=True, capture_output=True)


HOSTS = ("10.83.0.1", "10.83.0.2")


@pytest.fixture
def networks() -> Iterator[tuple[str, str]]:
    """Two network namespaces that a cable joins, in each of which a worker can run."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    names = (f"workers{os.getpid()}a", f"workers{os.getpid()}b")
    for name in names:
        command(f"ip netns add {name}")
    command(f"ip link add cable netns {names[0]} type veth peer name cable netns {names[1]}")
    for name, host in zip(names, HOSTS, strict=True):
        command(f"ip -n {name} addr add {host}/24 dev cable")
        command(f"ip -n {name} link set cable up")
        command(f"ip -n {name} link set lo up")
    yield names
    for name in names:
        command(f"ip netns del {name}")


def _train_in(worker: int, networks: tuple[str, str], arguments: list[str]) -> None:
    """Train in the network of this worker."""
    with open(f"/run/netns/{networks[worker]}") as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
    workers.command(["train", *arguments, "--no-report"])


def test_a_network_that_is_cut_for_five_seconds_costs_nothing(networks: tuple[str, str], tmp_path: Path) -> None:
    arguments = [*ENDLESS, "--run-dir", str(tmp_path / "run")]
    group = cluster.start(2, _train_in, networks, arguments, log=tmp_path / "logs", hosts=HOSTS)
    wait_for(saves(tmp_path, "run"))
    command(f"ip -n {networks[1]} link set cable down")
    time.sleep(5)
    cut = newest(tmp_path)
    command(f"ip -n {networks[1]} link set cable up")
    wait_for(lambda: newest(tmp_path) != cut, 30)
    assert all(process.is_alive() for process in group)
    os.kill(group[1].pid, signal.SIGTERM)
    assert cluster.finish(group, 30) == [130, 130]
    assert_goes_on_exactly(tmp_path)


def test_a_network_that_stays_cut_ends_both(networks: tuple[str, str], tmp_path: Path) -> None:
    arguments = [*ENDLESS, "--run-dir", str(tmp_path / "run")]
    group = cluster.start(2, _train_in, networks, arguments, log=tmp_path / "logs", hosts=HOSTS)
    wait_for(saves(tmp_path, "run"))
    command(f"ip -n {networks[1]} link set cable down")
    started = time.monotonic()
    assert cluster.finish(group, 60) == [4, 4] and time.monotonic() - started < 30
    assert_goes_on_exactly(tmp_path)


@pytest.mark.parametrize(
    ("victim", "kind", "at"),
    [
        (0, signal.SIGKILL, "record"),
        (0, signal.SIGSTOP, "record"),
        (1, signal.SIGKILL, "leave"),
        (1, signal.SIGSTOP, "leave"),
    ],
)
def test_no_worker_ends_well_or_hangs_where_another_is_lost_at_the_very_end(
    victim: int, kind: int, at: str, tmp_path: Path
) -> None:
    run_dir = str(tmp_path / "run")
    group = cluster.start(2, _train_and_be_lost, victim, kind, at, run_dir, log=tmp_path / "logs")
    wait_for(lambda: (tmp_path / "reached").exists())
    started = time.monotonic()
    assert workers.finish(group[1 - victim], 60) == 4 and time.monotonic() - started < 30
    group[victim].kill()
    assert "Another worker has ended" in (tmp_path / "logs" / str(1 - victim)).read_text()
    assert (tmp_path / "run" / "record.json").exists() == (at == "leave")
    assert cluster.finish(trained(tmp_path, "run", "--resume")) == [0, 0]


def _train_and_be_lost(worker: int, victim: int, kind: int, at: str, run_dir: str) -> None:
    from kerasapps.distribute.peers import Peers
    from kerasapps.runs import directory

    def lost(*_: object) -> None:
        Path(run_dir).with_name("reached").touch()
        os.kill(os.getpid(), kind)

    if worker == victim:
        module, name = {"record": (directory, "write_record"), "leave": (Peers, "leave")}[at]
        setattr(module, name, lost)
    workers.command(["train", *GIVEN, "--no-report", "--run-dir", run_dir])


def test_a_log_of_progress_that_cannot_be_written_fails_no_run(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk of worker 1, which writes nothing else."""
    group = trained(tmp_path, "run", *MORE)
    wait_for(saves(tmp_path, "run"))
    size = (tmp_path / "run" / "workers" / "1.log").stat().st_size
    resource.prlimit(group[1].pid, resource.RLIMIT_FSIZE, (size + 10, size + 10))
    before = newest(tmp_path)
    wait_for(lambda: newest(tmp_path) != before)
    os.kill(group[0].pid, signal.SIGTERM)
    assert cluster.finish(group, 60) == [130, 130]
