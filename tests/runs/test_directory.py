"""The directory of a run: found again wherever the process goes, open to whom the umask says, and never half made."""

import os
from pathlib import Path

import pytest

import kerasapps
from kerasapps import startup
from kerasapps.engine.listeners import Call
from kerasapps.training import train

SMALL = {"execution": "eager", "epochs": 2, "rows": 20}


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_umask_says_who_may_read(umask: int, tmp_path: Path) -> None:
    """Every directory and file of a run and of an export, as any that the user makes."""
    before = os.umask(umask)
    try:
        run = kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), **{**SMALL, "epochs": 1})
        exported = kerasapps.export(run, tmp_path / "models") if umask == 0o022 else run.directory
    finally:
        os.umask(before)
    for path in (run.directory, *run.directory.rglob("*"), exported, *exported.rglob("*")):
        wanted = (0o777 if path.is_dir() else 0o666) & ~umask
        assert path.stat().st_mode & 0o777 == wanted, path


class Wanderer:
    """Leaves the working directory at each call."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def on_call_end(self, call: Call) -> None:
        """Go."""
        os.chdir(self.place)


def test_a_relative_directory_is_meant_from_where_training_began(tmp_path: Path, monkeypatch) -> None:
    """Also where a listener goes elsewhere; and that of load and of resume."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    run = kerasapps.train("linear_regression", run_dir="run", stop_at_epoch=1, listeners=[Wanderer(elsewhere)], **SMALL)
    assert run.directory == tmp_path / "run" and run.evaluate() == pytest.approx(run.record["test"])
    monkeypatch.chdir(tmp_path)
    assert train.resume("run", listeners=[Wanderer(elsewhere)]).evaluate()
    monkeypatch.chdir(tmp_path)
    loaded = kerasapps.load("run")
    monkeypatch.chdir(elsewhere)
    assert loaded.evaluate() and list(elsewhere.iterdir()) == []


def test_a_relative_cache_is_meant_from_where_it_was_asked_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASAPPS_CACHE", "cache")
    assert startup.cache_directory() == tmp_path / "cache"
