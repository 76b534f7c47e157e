"""Where a SavedModel may be written."""

from pathlib import Path

import pytest
from full_disk import on_a_full_disk

import kerasapps
from kerasapps.errors import ConfigError

SMALL = {"execution": "eager", "rows": 20, "epochs": 2}


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/linear_regression cannot be written"):
        run.export(tmp_path / "file")
    for name in ("a\0b", "../a", ".hidden", "a/b"):
        with pytest.raises(ConfigError, match="expected the name of a folder"):
            run.export(tmp_path / "saved", name)
    (tmp_path / "saved" / "model" / "²").mkdir(parents=True)
    assert run.export(tmp_path / "saved", "model").name == "1"


def test_a_full_disk_is_told_and_leaves_no_version(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    with pytest.raises(ConfigError, match="saved/linear_regression cannot be written.*Give another directory"):
        on_a_full_disk(run.export)(tmp_path / "saved")
    assert list((tmp_path / "saved" / "linear_regression").iterdir()) == []
