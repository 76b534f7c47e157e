"""Law 6: a run killed by SIGKILL and resumed ends with the bits of one that was never interrupted.

All runs are made in processes of their own, which read whole sources.
"""

import json
import os
import random
import signal
from pathlib import Path

import cluster
import numpy as np
import pytest
from harness import arguments
from workers import command, final_state, finish, resume, start, train

import kerasapps
from kerasapps.app import App, load_app
from kerasapps.runs import checkpoint

LAW = "killed and resumed = never interrupted"

STEPS_A_CHECKPOINT = 2
SYNCS_A_CHECKPOINT = 5
"""Three files, their directory, and the directory of all checkpoints."""
SYNCS_OF_CREATION = 6 + SYNCS_A_CHECKPOINT + 2
"""Five files and their directory, the first checkpoint, the whole run directory and its parent."""


def settings(app: App, run_dir: Path) -> dict:
    """Three epochs of three steps, a checkpoint every two."""
    return arguments(app, epochs=3, run_dir=str(run_dir), checkpoint_every_steps=STEPS_A_CHECKPOINT, seed=5)


def assert_same(first: dict, second: dict) -> None:
    """The law itself."""
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def kill_moment(app: App) -> int:
    """A write after the first checkpoint, of metrics.csv or of the next ones, another one for each app."""
    generator = random.Random(app.name)
    return SYNCS_OF_CREATION + generator.randrange(SYNCS_A_CHECKPOINT, 4 * SYNCS_A_CHECKPOINT)


@pytest.mark.slow
def test_law(app: App, tmp_path: Path) -> None:
    assert_obeys(app, tmp_path)


def test_law_on_the_smallest_app(tmp_path: Path) -> None:
    assert_obeys(load_app("linear_regression"), tmp_path)


@pytest.mark.slow
def test_law_on_two_devices(app: App, tmp_path: Path) -> None:
    assert_obeys(app, tmp_path, devices=2, execution="graph")


@pytest.mark.slow
def test_law_on_two_workers(app: App, tmp_path: Path) -> None:
    """The chief, which writes, is killed; the other ends by itself, and both resume."""
    given = {"strategy": "multi_worker", "execution": "graph"}
    whole, killed = ({**settings(app, tmp_path / name), **given} for name in ("whole", "killed"))
    logs = tmp_path / "logs"
    assert cluster.finish(cluster.start(2, train_one_of, app.name, whole, 0, log=logs)) == [0, 0]
    chief, other = cluster.finish(cluster.start(2, train_one_of, app.name, killed, kill_moment(app), log=logs))
    assert chief == -signal.SIGKILL and other > 0
    assert not (tmp_path / "killed" / "record.json").exists()
    assert cluster.finish(cluster.start(2, resume_one_of, killed["run_dir"], log=logs)) == [0, 0]
    assert_same_runs(tmp_path)


def train_one_of(worker: int, app: str, given: dict, kill_at_sync: int) -> None:
    """Train as this worker; the chief is killed at that write, 0 = not."""
    train(app, given, 0 if worker else kill_at_sync)


def resume_one_of(worker: int, run_dir: str) -> None:
    resume(run_dir)


def assert_obeys(app: App, tmp_path: Path, **given: object) -> None:
    """Kill, resume, and compare."""
    assert finish(start(train, app.name, settings(app, tmp_path / "whole") | given)) == 0
    killed = start(train, app.name, settings(app, tmp_path / "killed") | given, kill_moment(app))
    assert finish(killed) == -signal.SIGKILL
    assert not (tmp_path / "killed" / "record.json").exists()
    assert finish(start(resume, str(tmp_path / "killed"))) == 0
    assert_same_runs(tmp_path)


def assert_same_runs(folder: Path) -> None:
    """The runs `whole` and `killed`: variables, history, and what is reported."""
    assert_same(final_state(folder / "whole"), final_state(folder / "killed"))
    whole, resumed = (kerasapps.load(folder / name) for name in ("whole", "killed"))
    assert resumed.record["status"] == "completed"
    for key in ("history", "validation", "test", "best_epoch", "steps"):
        assert resumed.record[key] == whole.record[key]


def test_a_kill_during_creation_leaves_no_run_directory(tmp_path: Path) -> None:
    app = load_app("linear_regression")
    given = settings(app, tmp_path / "run") | {"execution": "eager"}
    assert finish(start(train, app.name, given, SYNCS_OF_CREATION - 3)) == -signal.SIGKILL
    assert not (tmp_path / "run").exists()


def test_a_resume_that_forgets_the_optimizer_is_caught(tmp_path: Path) -> None:
    app, run_dir = load_app("linear_regression"), tmp_path / "stopped"
    kerasapps.train(app.name, **settings(app, tmp_path / "whole"), execution="eager")
    kerasapps.train(app.name, **settings(app, run_dir), execution="eager", stop_at_epoch=1)
    last = checkpoint.list_checkpoints(run_dir / "checkpoints")[-1]
    kept = checkpoint.read(last)
    zeroed = {name: a * 0 if name.startswith("optimizer") else a for name, a in kept.arrays.items()}
    checkpoint.save(run_dir / "checkpoints", int(last.name), checkpoint.Checkpoint(zeroed, kept.state))
    kerasapps.training.train.resume(run_dir)
    with pytest.raises(AssertionError):
        assert_same(final_state(tmp_path / "whole"), final_state(run_dir))


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_run_that_says_interrupted(kind: int, tmp_path: Path) -> None:
    run_dir, endless = tmp_path / "run", ["--epochs", "100000000", "--rows", "20", "--execution", "graph"]
    process = start(command, ["train", "linear_regression", "--no-report", *endless, "--run-dir", str(run_dir)])
    while process.is_alive() and not int(_newest(run_dir) or 0):
        process.join(0.05)
    os.kill(process.pid, kind)
    assert finish(process) == 130
    record = json.loads((run_dir / "record.json").read_text())
    assert (
        record["status"] == "interrupted" and f"train linear_regression --run-dir {run_dir} --resume" in record["error"]
    )
    assert record["steps"] == int(_newest(run_dir) or 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_killed_again_and_again_at_random_times(seed: int, tmp_path: Path) -> None:
    app, generator = load_app("mlp"), random.Random(seed)
    changes = {"epochs": 40, "rows": 500, "checkpoint_every_steps": 7, "seed": seed}
    kerasapps.train(app.name, **arguments(app, run_dir=str(tmp_path / "whole"), **changes))
    run_dir = tmp_path / "killed"
    process = start(train, app.name, arguments(app, run_dir=str(run_dir), **changes))
    kills = 0
    while True:
        seen = _newest(run_dir)
        while process.is_alive() and _newest(run_dir) == seen:
            process.join(0.01)
        process.join(generator.random() / 5)
        if not process.is_alive():
            break
        process.kill()
        kills += finish(process) == -signal.SIGKILL
        process = start(resume, str(run_dir))
    assert process.exitcode == 0
    assert kills > 0
    assert_same(final_state(tmp_path / "whole"), final_state(run_dir))


def _newest(run_dir: Path) -> str:
    found = checkpoint.list_checkpoints(run_dir / "checkpoints") if run_dir.exists() else []
    return found[-1].name if found else ""
