"""Runs that several workers share: real processes, some of which are killed or stopped, or differ."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from conformance import cluster, workers
from groups import (
    ENDLESS,
    GIVEN,
    assert_goes_on_exactly,
    assert_same_history,
    one_process,
    said,
    saves,
    trained,
    wait_for,
)

import kerasapps
from kerasapps.distribute.peers import Peers, check_alike, lost_workers_told, start_seconds
from kerasapps.distribute.replicas import open_replicas
from kerasapps.errors import ConfigError, TrainingError
from kerasapps.runs import directory


def test_two_workers_train_as_one_process_and_the_chief_alone_writes(tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run")) == [0, 0], said(tmp_path, "run", 1)
    run = kerasapps.load(tmp_path / "run")
    assert run.record["strategy"] == {"name": "multi_worker", "replicas": 2, "workers": 2}
    assert_same_history(one_process(tmp_path), run)
    assert "epoch 12/12" in (tmp_path / "run" / "workers" / "1.log").read_text()
    assert "epoch 12/12" in said(tmp_path, "run", 0) and "epoch" not in said(tmp_path, "run", 1)
    assert sorted(path.name for path in (tmp_path / "run" / "workers").iterdir()) == ["1.log"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--l2", "0.5"], "Worker 1 has config.l2=0.5, but worker 0 has 0.0."),
        pytest.param(
            ["--stop-at-epoch", "3"],
            "Worker 1 has config.stop_at_epoch=3, but worker 0 has None.",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_worker_that_differs_is_named(given: list[str], words: str, tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run", worker_1=given)) == [2, 2]
    for worker in (0, 1):
        assert words in said(tmp_path, "run", worker)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_worker_with_other_data_is_named(tmp_path: Path) -> None:
    rows = [f"{i % 7},{i % 3}\n" for i in range(60)]
    for number, changed in enumerate((rows, [*rows[:-1], "9,1\n"])):
        (tmp_path / f"{number}.csv").write_text("x,class\n" + "".join(changed))
    own = {f"worker_{number}": ["--data", str(tmp_path / f"{number}.csv")] for number in (0, 1)}
    assert cluster.finish(trained(tmp_path, "run", "--rows", "60", **own)) == [2, 2]
    assert "Worker 1 has data." in said(tmp_path, "run", 0)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [0, 1])
def test_a_worker_that_does_not_start_is_not_waited_for_without_end(missing: int, tmp_path: Path) -> None:
    other = 1 - missing
    group = cluster.start(2, _train_unless, missing, str(tmp_path / "run"), log=tmp_path, KERASAPPS_START_SECONDS="5")
    assert cluster.finish(group, 60)[other] == 4
    expected = "Worker 1 did not start within 5 s" if missing else "Another worker has ended, does not answer, or did n"
    assert expected in (tmp_path / str(other)).read_text()
    assert not (tmp_path / "run").exists()


def _train_unless(worker: int, missing: int, run_dir: str) -> None:
    if worker != missing:
        workers.command(["train", *GIVEN, "--no-report", "--run-dir", run_dir])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("victim", [0, 1])
def test_a_lost_worker_ends_the_other_and_no_step_is_lost(victim: int, kind: int, tmp_path: Path) -> None:
    group = trained(tmp_path, "run", *ENDLESS[len(GIVEN) :])
    wait_for(saves(tmp_path, "run"))
    os.kill(group[victim].pid, kind)
    started = time.monotonic()
    assert workers.finish(group[1 - victim], 60) == 4
    assert time.monotonic() - started < 30
    assert "Another worker has ended" in said(tmp_path, "run", 1 - victim)
    group[victim].kill()
    assert_goes_on_exactly(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("heard", [0, 1])
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_one_worker_stops_all_at_the_same_step(heard: int, kind: int, tmp_path: Path) -> None:
    group = trained(tmp_path, "run", *ENDLESS[len(GIVEN) :])
    wait_for(saves(tmp_path, "run"))
    started = time.monotonic()
    os.kill(group[heard].pid, kind)
    assert cluster.finish(group, 30) == [130, 130] and time.monotonic() - started < 5
    stops = [said(tmp_path, "run", worker).partition("Stopped ")[2].partition(".")[0] for worker in (0, 1)]
    assert stops[0] == stops[1] and "step" in stops[0]
    assert directory.read_record(tmp_path / "run")["status"] == "interrupted"
    assert_goes_on_exactly(tmp_path)


@pytest.mark.slow
def test_the_same_workers_share_several_runs(tmp_path: Path) -> None:
    assert cluster.finish(cluster.start(2, _train_twice, str(tmp_path), log=tmp_path / "logs")) == [0, 0]
    runs = [kerasapps.load(tmp_path / name) for name in ("0", "1")]
    assert runs[0].record["history"] == runs[1].record["history"]


def _train_twice(worker: int, folder: str) -> None:
    for name in ("0", "1"):
        given = {"data": "iris", "epochs": 2, "execution": "graph", "run_dir": f"{folder}/{name}"}
        assert kerasapps.train("mlp", **given).record["strategy"]["workers"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 3])
def test_another_number_of_workers_goes_on_with_the_same_batches(number: int, tmp_path: Path) -> None:
    assert cluster.finish(trained(tmp_path, "run", "--stop-at-epoch", "6")) == [0, 0]
    assert cluster.finish(trained(tmp_path, "run", "--resume", number=number)) == [0] * number
    found = kerasapps.load(tmp_path / "run")
    assert found.record["strategy"]["workers"] == number
    assert_same_history(one_process(tmp_path), found)


def test_who_trains_alone_exchanges_with_itself() -> None:
    peers = Peers()
    assert peers.exchange({"a": (1, float("inf"))}) == [{"a": [1, float("inf")]}]


def test_the_first_worker_that_differs_is_named() -> None:
    check_alike([{"a": {"b": 1}, "c": 2}] * 3)
    with pytest.raises(ConfigError, match="Worker 2 has a.b=None, but worker 0 has 1. Expected the same versions"):
        check_alike([{"a": {"b": 1}}, {"a": {"b": 1}}, {"a": {}}])


def test_workers_are_asked_for_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ConfigError, match="TF_CONFIG names no other worker. Start workers .*kerasapps launch"):
        open_replicas("multi_worker", None)


def test_a_tpu_is_asked_for_where_there_is_none() -> None:
    started = time.monotonic()
    with pytest.raises(ConfigError, match=r"finds no TPU named 'local' \(\w+\)\. .* strategy=auto takes what there is"):
        open_replicas("tpu", None)
    assert time.monotonic() - started < 5
    with pytest.raises(ConfigError, match="strategy=tpu uses all cores of a TPU, but devices=2"):
        open_replicas("tpu", 2)


@pytest.mark.parametrize("text", ["soon", "-1", "0", "nan", "1e9"])
def test_seconds_to_start_that_cannot_be_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERASAPPS_START_SECONDS", text)
    with pytest.raises(ConfigError, match="KERASAPPS_START_SECONDS is .* Expected seconds, such as 300"):
        start_seconds()


def test_errors_of_tensorflow_are_those_of_a_lost_worker_where_there_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import tensorflow as tf

    lost = tf.errors.UnavailableError(None, None, "Connection reset by peer")
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(tf.errors.UnavailableError), lost_workers_told():
        raise lost
    config = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    with pytest.raises(TrainingError, match="Another worker has ended"), lost_workers_told():
        raise lost
