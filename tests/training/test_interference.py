"""What becomes of a run when the user, the disk or the data interferes."""

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.errors import CheckpointError, ConfigError, DataError, Interrupted, TrainingError
from kerasapps.report import report
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import resolve
from kerasapps.training import train
from kerasapps.training.job import Job

SMALL = {"execution": "eager", "epochs": 3, "rows": 20, "optimizer_settings": {}}


def stopped_run(path: Path, **changes: object) -> Path:
    """A linear regression with one epoch to go."""
    kerasapps.train("linear_regression", run_dir=str(path), **{**SMALL, "stop_at_epoch": 2, **changes})
    return path


@pytest.fixture(scope="module")
def _stopped_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stopped_run(tmp_path_factory.mktemp("stopped") / "run")


@pytest.fixture
def stopped(_stopped_once: Path, tmp_path: Path) -> Path:
    """That run, to be spoilt."""
    return Path(shutil.copytree(_stopped_once, tmp_path / "run"))


@pytest.fixture(scope="module")
def completed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with nothing left to do."""
    return stopped_run(tmp_path_factory.mktemp("completed") / "run", epochs=1, stop_at_epoch=None)


def test_an_interruption_at_any_place_is_recorded_and_resumable(tmp_path: Path, monkeypatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Job, "evaluate", interrupted)
        with pytest.raises(
            Interrupted, match=r"Stopped\. Go on: kerasapps train linear_regression --run-dir .*--resume"
        ):
            stopped_run(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "record.json").read_text())["status"] == "interrupted"
    done = train.resume(tmp_path / "run").record
    assert done["status"] == "completed" and done["test"]["loss"] > 0
    assert len((tmp_path / "run" / "metrics.csv").read_text().splitlines()) == 1 + 3


def test_two_processes_do_not_train_one_run(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkpoints are not even read, since the other process may write further ones."""
    with monkeypatch.context() as patch, directory.locked(stopped):
        patch.setattr(train, "last_checkpoint", None)
        with pytest.raises(ConfigError, match="another process"):
            train.resume(stopped)
    assert train.resume(stopped).record["status"] == "completed"


def test_a_completed_run_whose_last_checkpoint_is_damaged_is_trained_again_from_the_one_before(stopped: Path) -> None:
    whole = train.resume(stopped)
    last = checkpoint.list_checkpoints(stopped / "checkpoints")[-1]
    (last / "variables.npz").write_bytes(b"")
    with pytest.warns(UserWarning, match=last.name):
        again = train.resume(stopped)
    assert again.record["test"] == whole.record["test"]
    kept = [checkpoint.read(one) for one in checkpoint.list_checkpoints(stopped / "checkpoints")]
    assert [one.state["epoch"] for one in kept] == [2, 3]
    with warnings.catch_warnings(action="error"):
        kerasapps.load(stopped)


def test_damaged_files_of_a_run_are_named(stopped: Path) -> None:
    for name, content in (("preprocess.json", "{}"), ("config.yaml", "app: 5"), ("sha256.json", "{")):
        before = (stopped / name).read_text()
        (stopped / name).write_text(content)
        with pytest.raises(CheckpointError, match=f"{name} is damaged"):
            kerasapps.load(stopped)
        (stopped / name).write_text(before)
    assert kerasapps.load(stopped).record["status"] == "interrupted"


def test_a_field_that_an_older_run_did_not_know_is_compared_too(stopped: Path) -> None:
    config, sums = stopped / "config.yaml", stopped / "sha256.json"
    config.write_text(config.read_text().replace("l1: 0.0\n", ""))
    digest = hashlib.sha256(config.read_bytes()).hexdigest()
    sums.write_text(json.dumps({**json.loads(sums.read_text()), "config.yaml": digest}))
    with pytest.raises(ConfigError, match="The run has l1=0.0, but l1=0.5 was given"):
        train.resume(stopped, l1=0.5)


def test_a_damaged_record_is_made_anew_from_the_checkpoints(stopped: Path) -> None:
    history = kerasapps.load(stopped).record["history"]
    (stopped / "record.json").write_text('{"status": ')
    with pytest.warns(UserWarning, match="record.json is damaged"):
        assert kerasapps.load(stopped).record["history"] == history
    with pytest.warns(UserWarning, match="record.json is damaged"):
        assert train.resume(stopped).record["status"] == "completed"
    assert kerasapps.load(stopped).record["status"] == "completed"


def renamed(key: str, name: str) -> Callable[[dict], dict]:
    """The edit that gives a key another name."""
    return lambda record: {name if own == key else own: value for own, value in record.items()}


@pytest.mark.parametrize(
    "edit",
    [
        *(renamed(key, f"{key}x") for key in ("status", "seconds", "validation", "history", "best_epoch", "data")),
        lambda record: {**record, "test": {**record["test"], "loss": record["test"]["loss"] + 1}},
    ],
)
@pytest.mark.parametrize("with_sum", [True, False])  # which earlier versions did not write
def test_an_edited_record_does_not_speak_for_the_checkpoints(
    completed: Path, tmp_path: Path, edit: Callable[[dict], dict], with_sum: bool
) -> None:
    run = Path(shutil.copytree(completed, tmp_path / "run"))
    expected = json.loads((run / "record.json").read_text())
    found = edit(expected)
    if not with_sum:
        del found["sha256"]
        if "test" not in found or found["test"] != expected["test"]:
            return  # nothing tells that a number was changed
    (run / "record.json").write_text(json.dumps(found))
    with warnings.catch_warnings(action="ignore"):
        done = main(["train", "linear_regression", "--no-report", "--resume", "--run-dir", str(run)])
    assert done == 0
    record = kerasapps.load(run).record
    assert {name: record[name] for name in ("status", "test", "history", "best_epoch")} == {
        name: expected[name] for name in ("status", "test", "history", "best_epoch")
    }


@pytest.mark.parametrize(("opening", "name"), [("[", "record.json"), ('{"a":', "record.json"), ("[", "sha256.json")])
def test_json_that_is_nested_too_deeply_is_damaged(completed: Path, tmp_path: Path, opening: str, name: str) -> None:
    run = Path(shutil.copytree(completed, tmp_path / "run"))
    (run / name).write_text(opening * 100_000)
    if name == "record.json":
        with pytest.warns(UserWarning, match="record.json is damaged"):
            assert kerasapps.load(run).record.keys() == {"history", "epochs", "best_epoch", "status"}
    else:
        with pytest.raises(CheckpointError, match="sha256.json is damaged"):
            kerasapps.load(run)


def test_a_record_older_than_the_checkpoints_does_not_speak_for_them(stopped: Path) -> None:
    """As after a run that was stopped, resumed, and then killed."""
    old = (stopped / "record.json").read_text()
    assert "test" in json.loads(old)
    resumed = train.resume(stopped).record
    (stopped / "record.json").write_text(old)
    record = kerasapps.load(stopped).record
    for name in ("history", "epochs", "best_epoch"):  # which the checkpoint says
        assert record[name] == resumed[name]
    assert record["status"] == "interrupted" and not {"test", "validation", "classes", "baselines"} & record.keys()


def test_a_run_without_a_finished_epoch_is_no_model(tmp_path: Path) -> None:
    wild = {"learning_rate": 1e30, "optimizer": "sgd", "global_batch_size": 5, "checkpoint_every_steps": 1}
    with pytest.raises(TrainingError, match="loss is not finite in epoch 1, step"):
        kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **{**SMALL, **wild})
    assert len(checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")) == 2
    with pytest.raises(CheckpointError, match="no finished epoch"):
        kerasapps.load(tmp_path / "run")


def test_data_that_changed_since_training_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "animals.csv"
    rows = [f"{i},{'cat' if i % 2 else 'dog'}" for i in range(40)]
    table.write_text("\n".join(["x,label", *rows]))
    fields = {"data": str(table), "execution": "eager", "epochs": 1, "run_dir": str(tmp_path / "run")}
    kerasapps.train("softmax_regression", **fields)
    table.write_text(table.read_text().replace("dog", "ape"))
    with pytest.raises(DataError, match="no longer, what the model"):
        kerasapps.load(tmp_path / "run").evaluate()


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda lines: lines[:30], "its train split has 21 rows, expected 29"),
        (lambda lines: [line.replace(".5,", ".75,") for line in lines], "split has other values than then"),
    ],
)
def test_rows_that_changed_since_a_run_began_are_refused(tmp_path: Path, change, message: str) -> None:
    table = tmp_path / "table.csv"
    lines = ["x,y", *(f"{i}.5,{2 * i}.5" for i in range(40))]
    table.write_text("\n".join(lines))
    path = stopped_run(tmp_path / "run", data=str(table), rows=None)
    kerasapps.load(path).evaluate()
    table.write_text("\n".join(change(lines)))

    def evaluate(path: Path) -> list[dict]:
        return [kerasapps.load(path).evaluate(split) for split in ("train", "test")]

    for use in (train.resume, evaluate, lambda path: report(kerasapps.load(path))):
        with pytest.raises(DataError, match=f"table.csv has changed since this run began: .*{message}"):
            use(path)
    table.write_text("\n".join(lines))
    assert train.resume(path).record["status"] == "completed"


def test_a_run_on_a_file_can_be_used_from_any_directory(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "table.csv").write_text("\n".join(["x,y", *(f"{i}.5,{2 * i}.5" for i in range(40))]))
    monkeypatch.chdir(tmp_path)
    path = stopped_run(tmp_path / "run", data="table.csv")
    assert train.resume(path, data="table.csv", stop_at_epoch=2).record["status"] == "interrupted"
    monkeypatch.chdir("/")
    assert train.resume(path).record["status"] == "completed"


@pytest.mark.parametrize(
    "cells, message", [("1,a\n2,a\n3,a", "single class"), ("u,a\nu,b\nu,a", "no input that varies")]
)
def test_data_without_anything_to_learn_is_refused(tmp_path: Path, cells: str, message: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x,label\n" + "\n".join([cells] * 10))
    with pytest.raises(DataError, match=message):
        kerasapps.train("softmax_regression", data=str(table), run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("app", ["autoencoder", "vae", "gan"])
def test_one_class_is_enough_where_no_target_is_learnt(app: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x,y,label\n" + "\n".join(f"{i},{i * i % 7},a" for i in range(30)))
    given = {**load_app(app).tiny, "data": str(table), "execution": "eager", "epochs": 1}
    assert kerasapps.train(app, **given, run_dir=str(tmp_path / "run")).record["status"] == "completed"


def test_another_optimizer_does_not_inherit_the_settings_of_the_default() -> None:
    app = load_app("linear_regression")
    assert resolve(app, {"optimizer": "adam"})[1].optimizer_settings == {}
    assert resolve(app, {"optimizer": "sgd"})[1].optimizer_settings
    given = {"optimizer": "adam", "optimizer_settings": {"beta_1": 0.8}}
    assert resolve(app, given)[1].optimizer_settings == {"beta_1": 0.8}


def test_both_spellings_of_a_source_are_one() -> None:
    app = load_app("linear_regression")
    assert resolve(app, {"data": "auto-mpg"}) == resolve(app, {"data": "auto_mpg"})


def test_an_impossible_run_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        stopped_run(tmp_path / "file" / "run")


def test_best_weights_are_those_of_the_best_epoch(tmp_path: Path) -> None:
    path = stopped_run(tmp_path / "run", data="diabetes", stop_at_epoch=None, learning_rate=0.05, keep="best", epochs=6)
    run = kerasapps.load(path)
    losses = run.record["history"]["val_loss"]
    assert run.record["best_epoch"] == 1 + int(np.argmin(losses))
    assert run.evaluate("validation")["loss"] == pytest.approx(min(losses), rel=1e-5)
