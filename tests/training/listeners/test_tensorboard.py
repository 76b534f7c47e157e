"""TensorBoard's own reader finds the metrics, the hyperparameters and the plots of a run."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from tensorboard.util.tensor_util import make_ndarray

import kerasapps
from kerasapps.errors import TrainingError
from kerasapps.runs.run import Run

GIVEN = {"data": "iris", "rows": 60, "epochs": 4, "execution": "eager", "tensorboard": True, "learning_rate": 0.5}


def read(folder: Path) -> EventAccumulator:
    """Everything that lies in a folder of events."""
    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Tag -> (step, value) of each."""
    events = read(folder)
    tags = [tag for tag in events.Tags()["tensors"] if tag.startswith("epoch_")]
    return {tag: [(e.step, float(make_ndarray(e.tensor_proto))) for e in events.Tensors(tag)] for tag in tags}


def assert_written(run: Run) -> None:
    """Each metric of each epoch once, in float32."""
    found = {split: scalars(run.directory / "tensorboard" / split) for split in ("train", "validation")}
    history = run.record["history"]
    assert {f"epoch_{name.removeprefix('val_')}" for name in history} == {*found["train"], *found["validation"]}
    for name, values in history.items():
        split = "validation" if name.startswith("val_") else "train"
        steps, written = zip(*found[split][f"epoch_{name.removeprefix('val_')}"], strict=True)
        assert steps == tuple(range(1, len(values) + 1))
        np.testing.assert_array_equal(np.float32(written), np.float32(values))


def test_a_reader_finds_metrics_plots_and_hyperparameters(tmp_path: Path) -> None:
    run = kerasapps.train("softmax_regression", **GIVEN, run_dir=str(tmp_path / "run"))
    assert_written(run)
    drawn = {path.stem for path in (run.directory / "plots").glob("*.png")}
    events = read(run.directory / "tensorboard" / "plots")
    assert drawn == set(events.Tags()["tensors"]) >= {"learning_curves", "confusion_matrix"}
    width, height, image = make_ndarray(events.Tensors("learning_curves")[0].tensor_proto)
    assert int(width) > 100 and int(height) > 100 and image.startswith(b"\x89PNG")
    content = read(run.directory / "tensorboard" / "train").SummaryMetadata(metadata.SESSION_START_INFO_TAG)
    given = metadata.parse_session_start_info_plugin_data(content.plugin_data.content).hparams
    assert given["learning_rate"].number_value == 0.5 and given["optimizer"].string_value
    assert given["epochs"].number_value == 4 and given["global_batch_size"].string_value == "none"


@pytest.mark.slow
def test_a_resumed_run_has_each_epoch_once(tmp_path: Path) -> None:
    kerasapps.train("softmax_regression", **GIVEN, run_dir=str(tmp_path / "run"), stop_at_epoch=2)
    run = kerasapps.resume(tmp_path / "run")
    assert run.record["epochs"] == 4
    assert_written(run)


@pytest.mark.slow
def test_a_run_that_was_killed_before_its_record_gets_its_plots(tmp_path: Path) -> None:
    run = kerasapps.train("softmax_regression", **GIVEN, run_dir=str(tmp_path / "run"))
    (run.directory / "record.json").unlink()
    shutil.rmtree(run.directory / "tensorboard" / "plots")
    assert_written(kerasapps.resume(run.directory))
    assert "learning_curves" in read(run.directory / "tensorboard" / "plots").Tags()["tensors"]


def test_what_cannot_be_written_is_a_training_error(tmp_path: Path) -> None:
    """A file lies where the folder should."""
    kerasapps.train("softmax_regression", **GIVEN, run_dir=str(tmp_path / "run"), stop_at_epoch=1)
    shutil.rmtree(tmp_path / "run" / "tensorboard")
    (tmp_path / "run" / "tensorboard").write_text("")
    with pytest.raises(TrainingError, match="cannot be written"):
        kerasapps.resume(tmp_path / "run")


def test_without_the_option_nothing_is_written(tmp_path: Path) -> None:
    run = kerasapps.train("softmax_regression", **{**GIVEN, "tensorboard": False}, run_dir=str(tmp_path / "run"))
    assert not (run.directory / "tensorboard").exists()
