"""Directories of what is being made: swept where their process is dead, and never under the hands of a living one."""

from pathlib import Path

import pytest

from kerasapps.runs import scratch as module
from kerasapps.runs.scratch import PREFIX, scratch


def test_it_is_gone_at_the_end_unless_it_was_renamed(tmp_path: Path) -> None:
    with scratch(tmp_path) as path:
        (path / "file").write_text("")
    with scratch(tmp_path) as path:
        path.rename(tmp_path / "kept")
    with pytest.raises(ValueError), scratch(tmp_path):
        raise ValueError
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_what_a_killed_process_left_is_swept_and_what_is_being_made_is_not(tmp_path: Path) -> None:
    (tmp_path / ".other").mkdir()
    left = tmp_path / f"{PREFIX}0123"  # nobody holds its lock
    left.mkdir()
    (left / "file").write_text("")
    with scratch(tmp_path) as living:
        assert not left.exists()
        with scratch(tmp_path) as second:
            assert living.exists() and second.exists()
    assert [each.name for each in tmp_path.iterdir()] == [".other"]


def test_one_that_is_swept_before_it_is_locked_is_made_again(tmp_path: Path, monkeypatch) -> None:
    locked, swept = module._locked, []

    def late(descriptor: int) -> bool | None:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].rmdir()
        return locked(descriptor)

    monkeypatch.setattr(module, "_locked", late)
    with scratch(tmp_path) as path:
        assert path.is_dir() and path != swept[0]
