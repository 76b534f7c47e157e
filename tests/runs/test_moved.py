"""A project that was moved: a run finds its data at another place, where they are the same, and does much without."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.data.check import check_columns
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import ConfigError, DataError, MissingData
from kerasapps.exporters.examples import examples
from kerasapps.report import report
from kerasapps.training import train

LINES = ["x,colour,y", *(f"{i}.5,{('red', 'blue')[i % 2]},{2 * i}.5" for i in range(40))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """run, of two of three epochs, and table.csv beside it, in another directory than that of the training."""
    old = tmp_path_factory.mktemp("old") / "project"
    old.mkdir()
    (old / "table.csv").write_text("\n".join(LINES))
    fields = {"data": str(old / "table.csv"), "execution": "eager", "epochs": 3, "stop_at_epoch": 2}
    kerasapps.train("linear_regression", run_dir=str(old / "run"), **fields)
    return Path(old.rename(tmp_path_factory.mktemp("new") / "project"))


@pytest.fixture
def run_dir(project: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    return Path(shutil.copytree(project / "run", tmp_path / "run"))


def test_a_run_goes_on_with_its_data_at_another_place(project: Path, run_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="old.*table.csv, the data of this run, is not there.*--data"):
        train.resume(run_dir)
    fresh = {"data": str(project / "table.csv"), "execution": "eager", "epochs": 3, "run_dir": str(tmp_path / "fresh")}
    expected = kerasapps.train("linear_regression", **fresh).record
    command = ["train", "linear_regression", "--no-report", "--resume", "--run-dir", str(run_dir)]
    assert main([*command, "--data", str(project / "table.csv")]) == 0
    found = kerasapps.load(run_dir)
    assert found.record["history"] == expected["history"] and found.record["test"] == expected["test"]
    assert main(command) == 0, "a completed run needs no data"
    moved = kerasapps.load(run_dir, data=str(project / "table.csv"))
    assert moved.evaluate() == pytest.approx(expected["test"])


def test_the_directory_of_the_data_may_differ(tmp_path: Path) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "table.csv").write_text("\n".join(LINES))
    fields = {"data": "table.csv", "data_dir": str(tmp_path / "before"), "execution": "eager", "epochs": 1}
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **fields)
    shutil.rmtree(tmp_path / "before")
    with pytest.raises(MissingData):
        kerasapps.load(run.directory).evaluate()
    assert main(["evaluate", str(run.directory)]) == 3
    assert main(["evaluate", str(run.directory), "--data-dir", str(tmp_path / "after")]) == 0
    whole_path = kerasapps.load(run.directory, data=str(tmp_path / "after" / "table.csv"))
    assert whole_path.evaluate() == pytest.approx(run.record["test"])


def test_the_directory_is_enough_for_data_that_were_at_a_path(project: Path, run_dir: Path, tmp_path: Path) -> None:
    """They are looked for under their own name, in Python and by the commands."""
    (tmp_path / "new").mkdir()
    shutil.copy(project / "table.csv", tmp_path / "new")
    command = ["train", "linear_regression", "--no-report", "--resume", "--run-dir", str(run_dir)]
    assert main([*command, "--data-dir", str(project / "run")]) == 3, "no table is there"
    assert main([*command, "--data-dir", str(tmp_path / "new")]) == 0
    found = kerasapps.load(run_dir, data_dir=str(tmp_path / "new"))
    assert found.evaluate() == pytest.approx(found.record["test"])
    assert main(["evaluate", str(run_dir), "--data-dir", str(tmp_path / "new")]) == 0


def test_other_data_at_that_place_are_refused(run_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("\n".join(LINES).replace("4.5,", "4.75,"))
    with pytest.raises(DataError, match="has changed since this run began"):
        train.resume(run_dir, data=str(other))
    with pytest.raises(DataError, match="has changed since this run began"):
        kerasapps.load(run_dir, data=str(other)).evaluate("train")
    with pytest.raises(ConfigError, match="The run has data='.*table.csv', but data='wine' was given"):
        train.resume(run_dir, data="wine")


def test_data_that_were_moved_are_known_again_by_a_run_that_starts_from_them(tmp_path: Path) -> None:
    """So that a run cannot start from one that was trained on its test rows."""
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "table.csv").write_text("\n".join(["x,y", *(f"{i}.5,{2 * i}.5" for i in range(40))]))
    fields = {"execution": "eager", "epochs": 1}
    data = str(tmp_path / "old" / "table.csv")
    start = kerasapps.train("linear_regression", data=data, run_dir=tmp_path / "start", **fields)
    (tmp_path / "old").rename(tmp_path / "new")
    fields |= {"data": str(tmp_path / "new" / "table.csv"), "from_run": str(start.directory)}
    with pytest.raises(ConfigError, match=r"was trained on \d of the 8 rows .*table.csv has for test.* split_seed=0"):
        kerasapps.train("linear_regression", run_dir=tmp_path / "refused", split_seed=1, **fields)
    assert kerasapps.train("linear_regression", run_dir=tmp_path / "same", **fields).record["status"] == "completed"


def test_a_run_exports_and_draws_its_curves_without_its_data(run_dir: Path, tmp_path: Path) -> None:
    run = kerasapps.load(run_dir)
    loaded = tf.saved_model.load(str(kerasapps.export(run, tmp_path / "models")))
    rows = {"x": np.array([3.5, -1], np.float32), "colour": np.array(["red", "blue"])}
    answered = loaded.signatures["serving_default"](**{name: tf.constant(values) for name, values in rows.items()})
    np.testing.assert_allclose(answered["predictions"], run.predict(rows)["predictions"], rtol=1e-5)
    with pytest.warns(UserWarning, match=r"table.csv, the data of this run, is not there.*need no data are drawn"):
        assert [path.name for path in report(run)] == ["report.html", "learning_curves.png", "coefficients.png"]


def test_examples_are_what_each_kind_takes() -> None:
    text = Column("text", "text")
    table = (
        Column("x", "number"),
        Column("day", "date"),
        Column("yes", "boolean"),
        Column("c", "category", (), ("a",)),
    )
    others = [(text,), (Column("image", "image", (2, 3, 1)),), (Column("audio", "audio", (400,), rate=8000),)]
    values = {"x": [1.0, 3.0], "day": ["2001-01-01", "2002-01-01"], "text": ["one two", "three"]}
    values["image"] = np.zeros((2, 2, 3, 1), np.uint8)
    for inputs in (table, *others):
        spec = Spec(inputs, None)
        columns = {column.name: np.array(values.get(column.name, [0, 0])) for column in inputs}
        made = examples(Preprocess(spec, ("vector",), fit(spec, columns)), 5)
        check_columns(made, spec, "examples")
        assert {len(column) for column in made.values()} == {5}
