"""Law 12: bad input gets a typed error that names what is wrong, and nothing saved is lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from harness import arguments, session

import kerasapps
from kerasapps.app import App, load_app
from kerasapps.data import rows, split
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays, Column, Source
from kerasapps.errors import CheckpointError, ConfigError, DataError, TrainingError
from kerasapps.runs import checkpoint
from kerasapps.training.train import resume

pytestmark = pytest.mark.usefixtures("few_rows")

LAW = "bad input"


def answered(source: Source) -> Column:
    """The target; of data without one the first input, which is learnt then."""
    return source.spec.target or source.spec.inputs[0]


def with_bad_targets(app: App) -> Arrays:
    """The app's default data with impossible values of what is learnt."""
    source = open_source(app.default_data)
    splits = {split: dict(source.read(split, np.arange(size))) for split, size in source.sizes.items()}
    target = answered(source)
    bad = len(target.classes) if target.classes else np.nan
    values = np.full_like(splits["train"][target.name], bad)
    return Arrays(source.name, source.spec, {**splits, "train": {**splits["train"], target.name: values}})


def test_an_impossible_target_names_source_row_and_column(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_refused(app, monkeypatch)


def test_rows_that_nobody_checks_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "check_columns", lambda *given: None)
    with pytest.raises((pytest.fail.Exception, AssertionError), match="DID NOT RAISE|did not match"):
        assert_refused(load_app("linear_regression"), monkeypatch)


def assert_refused(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law itself, for what cannot be a target."""
    source = with_bad_targets(app)
    monkeypatch.setattr(rows, "open_source", lambda *named, **reading: source)
    with pytest.raises(DataError, match=rf"{source.name}, train, row \d+ .*column {answered(source).name}"):
        session(app, execution="eager", rows=None)


def test_an_unknown_argument_names_the_nearest(app: App) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        kerasapps.train(app.name, learning_rat=0.1)
    with pytest.raises(ConfigError, match="epochs=0"):
        kerasapps.train(app.name, epochs=0)


@pytest.mark.one_of_each_family
def test_an_unknown_metric_names_the_nearest(app: App) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'val_loss'"):
        session(app, execution="eager", monitor="val_los")


def test_impossible_data_names_the_possible_apps() -> None:
    for name, data, possible in (
        ("linear_regression", "iris", "softmax_regression"),
        ("logistic_regression", "iris", "softmax_regression"),
        ("softmax_regression", "line", "linear_regression"),
        ("cnn", "wine", "softmax_regression"),
    ):
        with pytest.raises(ConfigError, match=f"{name} cannot learn {data}.*{possible}"):
            session(load_app(name), data=data)


@pytest.mark.one_of_each_family
def test_a_loss_that_is_not_finite_keeps_the_checkpoints(app: App, tmp_path: Path) -> None:
    path = tmp_path / "run"
    wild = {"learning_rate": 1e38, "optimizer": "sgd", "optimizer_settings": {}, "schedule": "constant"}
    with pytest.raises(TrainingError, match=r"is not finite .*epoch \d+, step \d+|not finite after step"):
        kerasapps.train(app.name, **arguments(app, run_dir=str(path), execution="eager", epochs=4, **wild))
    record = json.loads((path / "record.json").read_text())
    assert record["status"] == "failed"
    assert "finite" in record["error"]
    kept, problems = checkpoint.read_last(path / "checkpoints")
    assert not problems
    assert all(np.isfinite(a).all() for name, a in kept.arrays.items() if name.startswith("part/"))


@pytest.fixture(scope="module")
def _stopped_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stopped") / "run"
    app = load_app("linear_regression")
    kerasapps.train(app.name, **arguments(app, run_dir=str(path), execution="eager", epochs=3), stop_at_epoch=2)
    return path


@pytest.fixture
def stopped(_stopped_once: Path, tmp_path: Path) -> Path:
    """A run that has one epoch to go."""
    return Path(shutil.copytree(_stopped_once, tmp_path / "run"))


def damage(path: Path) -> None:
    """Flip one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_run_directory_is_never_overwritten(stopped: Path) -> None:
    before = {path: path.read_bytes() for path in stopped.rglob("*") if path.is_file()}
    with pytest.raises(ConfigError, match="exists"):
        kerasapps.train("linear_regression", run_dir=str(stopped))
    assert before == {path: path.read_bytes() for path in stopped.rglob("*") if path.is_file()}


def test_a_damaged_checkpoint_is_named_and_the_one_before_used(stopped: Path) -> None:
    _, newer = checkpoint.list_checkpoints(stopped / "checkpoints")
    damage(newer / "variables.npz")
    done = resume(stopped)
    assert done.record["status"] == "completed"
    assert str(newer) in done.record["checkpoints_passed_over"][0]
    assert len(done.record["history"]["loss"]) == 3


def test_with_no_whole_checkpoint_nothing_is_restarted(stopped: Path) -> None:
    for path in checkpoint.list_checkpoints(stopped / "checkpoints"):
        damage(path / "state.json")
    with pytest.raises(CheckpointError, match="nothing was restarted"):
        resume(stopped)
    with pytest.raises(CheckpointError):
        kerasapps.load(stopped)


def test_resume_refuses_what_differs(stopped: Path) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        resume(stopped, learning_rate=0.5)


def test_a_foreign_directory_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a run directory"):
        kerasapps.load(tmp_path)
