"""Checkpoints: exact, the last two kept, damage found before anything is parsed."""

from pathlib import Path

import numpy as np
import pytest

from kerasapps.errors import CheckpointError
from kerasapps.runs.checkpoint import Checkpoint, list_checkpoints, read, read_last, save, set_aside


def checkpoint(value: float) -> Checkpoint:
    arrays = {"part/model/000": np.array([value, np.nextafter(value, 2)], np.float32), "seed": np.array([1], np.uint32)}
    return Checkpoint(arrays, {"epoch": 1, "history": {"loss": [0.1 + 0.2]}})


def test_round_trip_is_exact(tmp_path: Path) -> None:
    kept = read(save(tmp_path, 7, checkpoint(1.5)))
    for name, values in checkpoint(1.5).arrays.items():
        np.testing.assert_array_equal(kept.arrays[name], values)
        assert kept.arrays[name].dtype == values.dtype
    assert kept.state == checkpoint(1.5).state


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 30):
        save(tmp_path, step, checkpoint(step))
    assert [path.name for path in list_checkpoints(tmp_path)] == ["000000000002", "000000000030"]


@pytest.mark.parametrize("file", ["variables.npz", "state.json", "sha256.json"])
@pytest.mark.parametrize("harm", ["flip", "truncate", "delete"])
def test_damage_is_named_and_the_one_before_used(tmp_path: Path, file: str, harm: str) -> None:
    save(tmp_path, 1, checkpoint(1))
    path = save(tmp_path, 2, checkpoint(2)) / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    {"flip": lambda: path.write_bytes(content), "truncate": lambda: path.write_bytes(b""), "delete": path.unlink}[
        harm
    ]()
    kept, problems = read_last(tmp_path)
    assert kept.arrays["part/model/000"][0] == 1
    assert list(problems) == [path.parent] and "000000000002" in problems[path.parent]


def test_one_step_can_be_set_aside_twice(tmp_path: Path) -> None:
    save(tmp_path, 1, checkpoint(1))
    for _ in range(2):
        (save(tmp_path, 2, checkpoint(2)) / "variables.npz").write_bytes(b"")
        set_aside(read_last(tmp_path)[1])
        assert [path.name for path in list_checkpoints(tmp_path)] == ["000000000001"]


def test_none_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing was restarted"):
        read_last(tmp_path)
    (save(tmp_path, 1, checkpoint(1)) / "state.json").write_text("{}")
    with pytest.raises(CheckpointError, match="sha256"):
        read_last(tmp_path)


def test_a_half_written_one_is_never_seen(tmp_path: Path) -> None:
    (tmp_path / ".writing-x").mkdir()
    assert list_checkpoints(tmp_path) == []
    save(tmp_path, 1, checkpoint(1))
    assert not (tmp_path / ".writing-x").exists()
