"""Training with augmentation: the same in every plan, on streamed rows, after a resume; never in evaluation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasapps.app import load_app
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.errors import ConfigError
from kerasapps.plots import pictures
from kerasapps.report.view import view_of
from kerasapps.runs.config import resolve
from kerasapps.training import train
from kerasapps.training.prepare import open_session

SMALL = {"data": "digits", "rows": 70, "epochs": 2, "filters": (4,), "dense_units": 8, "dropout": 0.0, "l2": 0.0}
VARIED = {"rotation_degrees": 20, "shift_pixels": 1, "crop_pixels": 1, "noise": 0.05, "flip_horizontal": True}
MIXED = {**VARIED, "mixup": 0.4}


def trained(epochs: int = 1, **changes: Any) -> tuple[dict[str, np.ndarray], Session]:
    """Metrics per epoch, three steps each, the last of 6 rows; and the session."""
    app = load_app("cnn")
    session = open_session(app, *resolve(app, {**SMALL, "execution": "eager", **changes}))
    program = session.program
    rows = [program.run(Segment(epoch, 0, 1, program.full, int(program.tail_rows > 0), 1)) for epoch in range(epochs)]
    return dict(zip(session.metrics, np.concatenate(rows).T, strict=True)), session


def assert_same(first: dict, second: dict) -> None:
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_allclose(values, second[name], rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_every_plan_is_the_same() -> None:
    eager, _ = trained(**MIXED)
    for execution in ("graph", "step", "loop"):
        assert_same(trained(execution=execution, **MIXED)[0], eager)


def test_streamed_rows_are_varied_as_resident_ones() -> None:
    assert_same(trained(pipeline="streaming", **MIXED)[0], trained(**MIXED)[0])


def test_the_same_seed_gives_the_same_bits_and_every_step_another_noise() -> None:
    first, _ = trained(epochs=2, optimizer="sgd", schedule="constant", learning_rate=1e-30, **MIXED)
    again, _ = trained(epochs=2, optimizer="sgd", schedule="constant", learning_rate=1e-30, **MIXED)
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name], err_msg=name)
    assert first["loss"][0] != pytest.approx(first["loss"][1], rel=1e-4)


def test_training_rows_are_varied_and_validation_rows_are_not() -> None:
    """With weights that stay as they are."""
    still = {"optimizer": "sgd", "schedule": "constant", "learning_rate": 1e-30}
    varied, plain = (trained(**still, **changes)[0] for changes in (MIXED, {}))
    assert varied["loss"][0] != plain["loss"][0]
    assert varied["val_loss"][0] == plain["val_loss"][0]
    assert varied["val_accuracy"][0] == plain["val_accuracy"][0]


@pytest.mark.slow
def test_a_resumed_run_ends_with_the_bits_of_one_that_was_not_stopped(tmp_path: Path) -> None:
    given = {**SMALL, **MIXED, "execution": "eager", "seed": 5}
    whole = train.train("cnn", **given, run_dir=str(tmp_path / "whole"))
    train.train("cnn", **given, run_dir=str(tmp_path / "stopped"), stop_at_epoch=1)
    resumed = train.resume(tmp_path / "stopped")
    assert resumed.record["history"] == whole.record["history"]
    for one, other in zip(whole.model.variables, resumed.model.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    assert_drawn(whole)


def assert_drawn(run: train.Run) -> None:
    """The report shows eight images before and after, and the shares of the labels."""
    figure = pictures.augmented(view_of(run))
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == 16
    before, after = (np.asarray(axes.images[0].get_array()) for axes in (shown[0], shown[8]))
    assert not np.array_equal(before, after)
    first = run.read("train")
    np.testing.assert_array_equal(before, first["image"][0, ..., 0] / np.float32(255))
    assert f" {first['label'][0]}, " in shown[8].get_title().replace("\n", " ")


def test_what_the_images_do_not_allow_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cutout_pixels=8 can remove all of an image of 8x8 pixels"):
        train.train("cnn", **SMALL, cutout_pixels=8, run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()
