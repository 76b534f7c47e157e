"""Trials as tasks of Ray; the package is in no extra but its own, for few need its 70 MB."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_hypermodel import DATA, build
from test_tune import GIVEN, found, wait_for

from kerasapps.errors import ConfigError
from kerasapps.tuning.ray_workers import RayWorkers, train_here
from kerasapps.tuning.tune import tune
from kerasapps.tuning.workers import Limits


def test_without_ray_the_search_says_how_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match="on=ray needs the package ray: pip install 'kerasapps"):
        tune("mlp", **GIVEN, on="ray", directory=str(tmp_path / "search"))


def test_a_node_without_the_directory_says_so(tmp_path: Path) -> None:
    answer = train_here(0, {}, 1, Limits(), tmp_path / "other", [])
    assert "Expected a directory that nodes share" in answer["reason"]


@pytest.mark.slow
@pytest.mark.parametrize("searched", ["app", "own model"])
def test_a_node_that_is_killed_changes_nothing(searched: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes train a trial each; one of them is killed, and the search ends as one on this machine does."""
    ray = pytest.importorskip("ray")
    app, given = {
        "app": ("mlp", {**GIVEN, "epochs": 3000}),
        "own model": (build, {**DATA, "epochs": 60, "trials": 4, "jobs": 2}),
    }[searched]
    given |= {"tuner": "bayesian", "threads": 1}
    whole = tune(app, **given, directory=str(tmp_path / "whole"))
    died, original = [], RayWorkers.wait

    def wait(workers: RayWorkers) -> Iterator[tuple[int, Any]]:
        for trial, answer in original(workers):
            died.extend(trial for _ in range("died" in answer))
            yield trial, answer

    monkeypatch.setattr(RayWorkers, "wait", wait)
    logs = [tmp_path / "search" / "trials" / f"{trial:04d}.log" for trial in (0, 1)]
    with two_nodes(ray) as kill:
        thread = threading.Thread(target=lambda: (wait_for(lambda: all(map(is_training, logs))), kill()))
        thread.start()
        search = tune(app, **given, on="ray", directory=str(tmp_path / "search"))
        thread.join()
    assert len(died) == 1 and found(search.outcomes) == found(whole.outcomes)


@contextlib.contextmanager
def two_nodes(ray: Any) -> Iterator[Callable[[], None]]:
    """A cluster of nodes with one core; gives what kills the second one."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    node = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        yield lambda: cluster.remove_node(node, allow_graceful=False)
    finally:
        ray.shutdown()
        cluster.shutdown()


def is_training(log: Path) -> bool:
    """Whether an epoch has ended, of an application or of Keras's fit."""
    return log.exists() and "poch 2" in log.read_text(encoding="utf-8")
