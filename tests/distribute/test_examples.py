"""The examples of docs name the cluster that their variables describe."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from kerasapps.distribute.cluster import Cluster, this_cluster

DOCS = Path(__file__).resolve().parents[2] / "docs"


def tf_config(command: list[str], folder: Path, run: Path, resumes: bool, **variables: str) -> str:
    """TF_CONFIG as the command `kerasapps` is given it, which writes it down here; resumes: whether it is to go on."""
    for name, text in {
        "kerasapps": 'printf %s "$TF_CONFIG"; echo "$@" >&2',
        "scontrol": "printf 'node7\\nnode8\\nnode9\\n'",
        "srun": 'SLURM_PROCID=2 exec "$@"',  # the task on the last machine
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    given = {"PATH": path, **variables, "RUN_DIR": str(run)}
    done = subprocess.run(command, env=given, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"train cnn --run-dir {run}{' --resume' * resumes}\n"
    return done.stdout


@pytest.fixture(params=[False, True])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, bool]:
    """A run directory, and whether it is there already."""
    path = tmp_path / "run"
    if request.param:
        path.mkdir()
        (path / "config.yaml").touch()
    return path, request.param


def assert_names(text: str, host: str, worker: int, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """TF_CONFIG names this worker, at this host."""
    monkeypatch.setenv("TF_CONFIG", text)
    assert this_cluster() == Cluster(workers, worker)
    assert json.loads(text)["cluster"]["worker"][worker].partition(":")[0] == host


def test_slurm(run: tuple[Path, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slurm says to the script itself, too, that it is process 0."""
    variables = {"SLURM_JOB_NODELIST": "node[7-9]", "SLURM_PROCID": "0", "SLURM_JOB_ID": "5"}
    text = tf_config(["bash", str(DOCS / "slurm.sh")], tmp_path, *run, **variables)
    assert_names(text, "node9", 2, 3, monkeypatch)


def test_kubernetes(run: tuple[Path, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, job = yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text())
    name, spec = job["metadata"]["name"], job["spec"]
    pod = spec["template"]["spec"]
    assert service["spec"]["selector"] == {"job-name": name} and service["metadata"]["name"] == pod["subdomain"]
    (container,) = pod["containers"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    assert int(variables["WORKERS"]) == spec["completions"] == spec["parallelism"]
    command = [*container["command"], *container["args"]]
    text = tf_config(command, tmp_path, *run, **{**variables, "JOB_COMPLETION_INDEX": "1"})
    assert_names(text, f"{name}-1.{pod['subdomain']}", 1, 2, monkeypatch)
