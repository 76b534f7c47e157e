"""The examples of docs name the cluster that their variables describe."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from kerasapps.distribute.cluster import Cluster, this_cluster

DOCS = Path(__file__).resolve().parents[2] / "docs"


def tf_config(command: list[str], folder: Path, **variables: str) -> str:
    """TF_CONFIG as the command `kerasapps` is given it, which writes it down here."""
    for name, text in {
        "kerasapps": 'printf %s "$TF_CONFIG"; echo " $@" >&2',
        "scontrol": "printf 'node7\\nnode8\\nnode9\\n'",
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(command, env={"PATH": path, **variables}, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0 and " train cnn --run-dir " in done.stderr, done.stderr
    return done.stdout


def assert_names(text: str, host: str, worker: int, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """TF_CONFIG names this worker, at this host."""
    monkeypatch.setenv("TF_CONFIG", text)
    assert this_cluster() == Cluster(workers, worker)
    assert json.loads(text)["cluster"]["worker"][worker].partition(":")[0] == host


def test_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"SLURM_JOB_NODELIST": "node[7-9]", "SLURM_PROCID": "2", "SLURM_JOB_ID": "5"}
    text = tf_config(["bash", str(DOCS / "slurm.sh")], tmp_path, **variables)
    assert_names(text, "node9", 2, 3, monkeypatch)


def test_kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, stateful_set = yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text())
    (container,) = stateful_set["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    assert int(variables["WORKERS"]) == stateful_set["spec"]["replicas"]
    text = tf_config([*container["command"], *container["args"]], tmp_path, HOSTNAME="cnn-1", **variables)
    assert_names(text, "cnn-1.cnn", 1, 2, monkeypatch)
