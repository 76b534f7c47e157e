"""A disk that takes no more: a typed error, and everything saved before still there."""

from pathlib import Path

import numpy as np
import pytest
from full_disk import on_a_full_disk

import kerasapps
from kerasapps.errors import ConfigError, TrainingError
from kerasapps.runs import checkpoint, directory
from kerasapps.training import train

SMALL = {"execution": "eager", "epochs": 3, "rows": 20}


@pytest.mark.parametrize("place, name", [(directory, "write_sums"), (checkpoint, "save")])
def test_a_run_that_cannot_be_made_leaves_nothing(place, name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(place, name, on_a_full_disk(getattr(place, name)))
    with pytest.raises(ConfigError, match="cannot be made.*File too large"):
        kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_fails_the_run_which_resumes_once_there_is_room(tmp_path: Path, monkeypatch) -> None:
    whole = kerasapps.train("linear_regression", run_dir=str(tmp_path / "whole"), **SMALL)
    save, saved = checkpoint.save, []

    def fills_up(*arguments: object) -> object:
        saved.append(arguments)
        return (save if len(saved) < 3 else on_a_full_disk(save))(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", fills_up)
        with pytest.raises(TrainingError, match="cannot be written.*File too large.*--resume"):
            kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), checkpoint_every_steps=1, **SMALL)
    assert kerasapps.load(tmp_path / "run").record["status"] == "failed"
    resumed = train.resume(tmp_path / "run")
    assert resumed.record["history"] == whole.record["history"]
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
