"""A run that starts from another takes over its weights and its preprocessing, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.errors import CheckpointError, ConfigError, DataError
from kerasapps.training.run import Run

SMALL = {"execution": "eager", "epochs": 1, "keep": "last", "optimizer": "sgd", "schedule": "constant"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run_dir = str(tmp_path_factory.mktemp("first") / "run")
    return kerasapps.train("mlp", data="wine", run_dir=run_dir, learning_rate=0.1, hidden=(6,), seed=1, **SMALL)


@pytest.mark.parametrize("optimizer", ["sgd", "schedulefreeadamw"])  # the second begins with a copy of the weights
def test_weights_and_preprocessing_are_taken_over(first, tmp_path: Path, optimizer: str) -> None:
    fields = {**SMALL, "hidden": (6,), "data": "wine", "rows": 60, "seed": 2, "from_run": str(first.directory)}
    fields["optimizer"] = optimizer
    second = kerasapps.train("mlp", run_dir=str(tmp_path / "run"), learning_rate=1e-30, **fields)
    assert second.preprocess.to_json() == first.preprocess.to_json()
    for one, other in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert second.record["test"]["loss"] == pytest.approx(first.record["test"]["loss"], rel=1e-6)


def test_the_flag_is_from(first, tmp_path: Path) -> None:
    command = ["train", "mlp", "--data", "wine", "--hidden", "6", "--epochs", "1", "--execution", "eager"]
    run_dir = tmp_path / "run"
    assert main([*command, "--from", str(first.directory), "--run-dir", str(run_dir)]) == 0
    assert kerasapps.load(run_dir).options.from_run == str(first.directory)
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"from: {tmp_path / 'nowhere'}")
    other = [*command, "--config", str(settings), "--run-dir", str(tmp_path / "other")]
    assert main(other) == 5
    assert main([*other, "--from-run", str(first.directory)]) == 0


def test_rows_added_since_then_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    fields = {"data": str(table), "execution": "eager", "epochs": 1}
    table.write_text("\n".join(["x,y", *(f"{i}.5,{2 * i}.5" for i in range(40))]))
    start = kerasapps.train("linear_regression", run_dir=str(tmp_path / "start"), **fields)
    table.write_text(table.read_text() + "\n99.5,99.5")
    with pytest.raises(ConfigError, match="its test split has.*may have been trained on|other values.*trained on"):
        kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), from_run=str(start.directory), **fields)
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Run]:
    """A small app on texts, and a run of it with a vocabulary and texts of another size than usual."""
    folder = tmp_path_factory.mktemp("reader")
    table = folder / "texts.csv"
    table.write_text("\n".join(["review,label", *(f"{('bad', 'good')[i % 2]} text {i},{i % 2}" for i in range(40))]))
    fields = {"data": str(table), "units": (2,), "embedding": 2, "execution": "eager", "epochs": 1}
    run = kerasapps.train("rnn", run_dir=str(folder / "run"), max_tokens=9, sequence_length=4, **fields)
    return fields, run


def test_options_of_the_preprocessing_are_the_runs_own(reader, tmp_path: Path) -> None:
    """Also where they are given, and then in a run that starts from one that was not given them."""
    fields, run = reader
    second = kerasapps.train("rnn", run_dir=str(tmp_path / "2"), from_run=str(run.directory), **fields)
    same = {"max_tokens": 9, "sequence_length": 4, "history": None}
    third = kerasapps.train("rnn", run_dir=str(tmp_path / "3"), from_run=str(second.directory), **fields, **same)
    for later in (second, kerasapps.load(third.directory)):
        assert (later.options.max_tokens, later.options.sequence_length) == (9, 4)
        assert later.layout.only.shape == (4,) and later.layout.only.vocabulary == 2 + 9


@pytest.mark.parametrize("name, own", [("max_tokens", 9), ("sequence_length", 4)])
def test_other_options_of_texts_are_refused(reader, tmp_path: Path, name: str, own: int) -> None:
    fields, run = reader
    fields = {**fields, name: 5, "from_run": str(run.directory), "run_dir": str(tmp_path / "run")}
    with pytest.raises(ConfigError, match=f"^{name}=5 was given, but {run.directory}.* Give {name}={own}, or train"):
        kerasapps.train("rnn", **fields)
    assert list(tmp_path.iterdir()) == []


def test_other_windows_of_a_series_are_refused(tmp_path: Path) -> None:
    """The run has those of sunspots, 22 and 5, without having been given them."""
    fields = {"data": "sunspots", "execution": "eager", "epochs": 1}
    start = kerasapps.train("linear_regression", run_dir=str(tmp_path / "start"), **fields)
    fields |= {"from_run": str(start.directory), "run_dir": str(tmp_path / "run")}
    for name, own in (("history", 22), ("horizon", 5)):
        with pytest.raises(ConfigError, match=f"{name}=4 was given.* Give {name}={own}, or"):
            kerasapps.train("linear_regression", **fields, **{name: 4})
    second = kerasapps.train("linear_regression", **fields, history=22, horizon=5)
    assert second.preprocess == start.preprocess


@pytest.mark.parametrize(
    "app, changes, error, message",
    [
        ("mlp", {"hidden": (7,)}, ConfigError, r"part/model/000 is \(13, 6\), expected \(13, 7\).*hidden=\(6,\)"),
        ("mlp", {"hidden": (6,), "data": "iris"}, DataError, "sepal_width .* -> species .*Expected 13 inputs"),
        ("softmax_regression", {}, ConfigError, "is of 'mlp'; 'softmax_regression' cannot start from it"),
        ("mlp", {"hidden": (6,), "split_seed": 1}, ConfigError, "Give split_seed=0, which is its own"),
        ("mlp", {"from_run": "nowhere"}, CheckpointError, "nowhere is not a run directory"),
    ],
)
def test_what_does_not_fit_is_refused(first, tmp_path: Path, app, changes, error, message) -> None:
    fields = {"data": "wine", "from_run": str(first.directory), "execution": "eager", "epochs": 1, **changes}
    with pytest.raises(error, match=message):
        kerasapps.train(app, run_dir=str(tmp_path / "run"), **fields)
    assert list(tmp_path.iterdir()) == []
