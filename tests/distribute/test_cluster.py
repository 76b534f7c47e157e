"""Which process of a cluster this is, and that only the chief writes."""

import json
from pathlib import Path

import pytest

import kerasapps
from kerasapps.app import load_app
from kerasapps.distribute.cluster import Cluster, this_cluster
from kerasapps.errors import ConfigError
from kerasapps.report import report

WORKERS = ["localhost:1", "localhost:2", "localhost:3"]


def config(kind: str, index: object, **cluster: object) -> str:
    """TF_CONFIG of a task."""
    return json.dumps({"cluster": cluster or {"worker": WORKERS}, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Cluster(1, 0)),
        ("{}", Cluster(1, 0)),
        (config("worker", 0), Cluster(3, 0)),
        (config("worker", 2), Cluster(3, 2)),
        (config("worker", "1"), Cluster(3, 1)),
        (config("chief", 0, chief=["localhost:9"], worker=WORKERS), Cluster(4, 0)),
        (config("worker", 0, chief=["localhost:9"], worker=WORKERS), Cluster(4, 1)),
    ],
)
def test_a_task_is_one_of_its_cluster(text: str, expected: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    assert this_cluster() == expected and expected.is_chief == (expected.worker == 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", ""),
        ("[" * 100_000, "recursion"),
        ("[]", "TF_CONFIG is .., expected a mapping"),
        ('{"cluster": {"worker": ["a:1"]}}', "task is null, expected a mapping"),
        ('{"cluster": ["a:1"], "task": {"type": "worker", "index": 0}}', "cluster is .*, expected a mapping"),
        (config("worker", 3), "no worker 3: the cluster has 3 of this role"),
        (config("worker", -1), "no worker -1"),
        (config("chief", 0), "no chief 0: the cluster has 0"),
        (config("worker", "first"), 'index is "first", expected a whole number'),
        (config("worker", 0.9), "index is 0.9, expected a whole number"),
        (config("worker", True), "index is true, expected a whole number"),
        (config("worker", None), "index is null, expected a whole number"),
        (config("worker", 0).replace("0}", "1e400}"), "index is Infinity, expected a whole number"),
        (config("worker", 0, worker="localhost:1"), 'worker is "localhost:1", expected a list of addresses'),
        (config("worker", 0, worker=[["a:1"]]), "worker is .*, expected a list of addresses"),
        (config("ps", 0, ps=["a:1"], worker=WORKERS), "role ps is not served; expected chief or worker"),
        (config("evaluator", 0), "role evaluator is not served; expected chief or worker"),
    ],
)
def test_what_names_no_task_is_refused(text: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ConfigError, match=f"TF_CONFIG is .*{reason}.*Expected .* or no TF_CONFIG"):
        this_cluster()


def test_a_worker_that_is_not_the_chief_trains_alike_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints, samples, metrics, the record: no file at all."""
    app = load_app("gan")
    given = {**app.tiny, "data": "ring", "rows": 40, "epochs": 2, "execution": "eager", "strategy": "one_device"}
    chief = kerasapps.train("gan", **given, run_dir=str(tmp_path / "chief"))
    assert (tmp_path / "chief" / "samples").exists() and chief.record["strategy"]["workers"] == 1
    monkeypatch.setenv("TF_CONFIG", config("worker", 1))
    with pytest.warns(UserWarning, match="names 3 processes, of which this is number 1: with .* each trains alone"):
        worker = kerasapps.train("gan", **given, run_dir=str(tmp_path / "worker"))
    assert worker.record["history"] == chief.record["history"] and worker.record["strategy"]["workers"] == 1
    assert not (tmp_path / "worker").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["chief"]


def test_every_worker_refuses_a_run_directory_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it waits for the others, of which the chief refuses it as well."""
    monkeypatch.setenv("TF_CONFIG", config("worker", 1))
    for strategy in ("auto", "multi_worker"):
        with pytest.raises(ConfigError, match="exists. Give --resume"):
            kerasapps.train("mlp", data="iris", strategy=strategy, run_dir=str(tmp_path))


def test_the_chief_alone_draws_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"data": "iris", "epochs": 1, "execution": "eager", "run_dir": str(tmp_path / "run")}
    run = kerasapps.train("softmax_regression", **given)
    monkeypatch.setenv("TF_CONFIG", config("worker", 1))
    with pytest.warns(UserWarning, match="worker 1: .*report.html is written by worker 0 alone"):
        assert report(run) == []
    with pytest.warns(UserWarning, match="worker 1: .*softmax_regression is written by worker 0 alone"):
        assert kerasapps.export(run, tmp_path / "saved") == tmp_path / "saved" / "softmax_regression"
    assert not (tmp_path / "run" / "plots").exists() and not (tmp_path / "saved").exists()
    monkeypatch.setenv("TF_CONFIG", config("worker", 0))
    assert len(report(run)) > 1 and kerasapps.export(run, tmp_path / "saved").is_dir()
