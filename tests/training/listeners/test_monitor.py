"""Early stopping, plateau and the choice of the best epoch on a written-down course of metrics."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.app import Batch, Direction, Loss, Sums, Update, load_app
from kerasapps.engine.state import State
from kerasapps.hparams import Hparams
from kerasapps.runs import checkpoint
from kerasapps.tasks.supervised import Supervised
from kerasapps.training.listeners.monitor import Monitor
from kerasapps.training.train import resume


def test_early_stopping_counts_epochs_without_improvement() -> None:
    monitor = Monitor(Hparams(early_stopping_patience=2), "min")
    stopped = []
    for loss in (3.0, 2.0, 2.5, 2.0, 1.0):
        monitor.epoch_end({"val_loss": loss})
        stopped.append(monitor.stopped)
    assert stopped == [False, False, False, True, False]


@pytest.mark.parametrize(("direction", "ends"), [("max", [False, False, True]), ("min", [False, True, True])])
@pytest.mark.parametrize("metric", ["val_accuracy", "val_bleu", "val_loss"])
def test_early_stopping_goes_by_the_direction_and_not_by_the_name(
    metric: str, direction: Direction, ends: list[bool]
) -> None:
    monitor, stopped = Monitor(Hparams(early_stopping_patience=1, monitor=metric), direction), []
    for value in (0.5, 0.6, 0.6):
        monitor.epoch_end({metric: value})
        stopped.append(monitor.stopped)
    assert stopped == ends


def test_plateau_decays_and_waits_again() -> None:
    monitor = Monitor(Hparams(schedule="plateau", plateau_patience=2, decay_rate=0.1), "min")
    factors = [monitor.epoch_end({"val_loss": 1.0}) for _ in range(6)]
    assert factors == [1.0, 1.0, 0.1, 1.0, 0.1, 1.0]


@pytest.mark.parametrize(("direction", "expected"), [("max", [1.0, 1.0, 1.0, 0.1]), ("min", [1.0, 0.1, 0.1, 1.0])])
def test_a_plateau_goes_by_the_direction_and_not_by_the_name(direction: Direction, expected: list[float]) -> None:
    monitor = Monitor(Hparams(schedule="plateau", plateau_patience=1, decay_rate=0.1, monitor="val_bleu"), direction)
    assert [monitor.epoch_end({"val_bleu": value}) for value in (20.0, 30.0, 31.0, 19.0)] == expected


@pytest.mark.parametrize(("direction", "best"), [("max", 1), ("min", 3)])
def test_the_best_epoch_goes_by_the_direction_and_not_by_the_name(direction: Direction, best: int) -> None:
    """The weights that are kept are those of that epoch."""
    weight = keras.Variable(0.0)
    task = SimpleNamespace(
        parts={"model": SimpleNamespace(variables=[weight], trainable_variables=[weight])},
        hparams=Hparams(monitor="val_bleu"),
        directions={"bleu": direction},
        evaluate=lambda batch: {"bleu": (0.0, 1.0)},
    )
    update = Update("model", [weight], lambda batch, noise: Loss(weight * [1.0], tf.ones([1]), None), lambda: 0.0)
    state = State(task, [update], {}, {})
    for epoch, bleu in enumerate((20.0, 31.0, 30.0, 19.0)):
        weight.assign(float(epoch))
        state.add({"loss": (1.0, 1.0)}, epoch)
        np.testing.assert_allclose(state.end_epoch(tf.constant([[2 * bleu, 2.0]]), epoch), [1.0, bleu])
    state.take_best()
    assert state.best_epoch == best and float(weight.numpy()) == best


class Scored(Supervised):
    """Has a metric whose name nobody knows: minus the loss."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.directions = {**self.directions, "bleu": "max"}

    def evaluate(self, batch: Batch) -> Sums:
        """With bleu."""
        sums = super().evaluate(batch)
        return {**sums, "bleu": (-sums["loss"][0], sums["loss"][1])}


def test_a_run_maximises_what_its_task_says_is_to_be_maximised(tmp_path: Path) -> None:
    """The loss falls at every epoch, so that the last one is the best, and no epoch is without an improvement."""
    app = dataclasses.replace(load_app("linear_regression"), task=Scored)
    given = {"data": "line", "execution": "eager", "epochs": 4, "schedule": "plateau", "plateau_patience": 1}
    given |= {"monitor": "val_bleu", "early_stopping_patience": 1, "optimizer": "sgd", "optimizer_settings": {}}
    record = kerasapps.train(app, **given, learning_rate=0.01, run_dir=str(tmp_path / "run")).record
    assert np.all(np.diff(record["history"]["val_bleu"]) > 0) and len(record["history"]["val_bleu"]) == 4
    assert record["best_epoch"] == 4


def test_a_history_tells_how_they_stand() -> None:
    settings = Hparams(early_stopping_patience=3, schedule="plateau", plateau_patience=2)
    whole, got = Monitor(settings, "min"), []
    losses = [3.0, 2.0, 2.0, 2.1, 2.2, 2.3]
    expected = [(whole.epoch_end({"val_loss": loss}), whole.stopped) for loss in losses]
    for epoch, loss in enumerate(losses):
        resumed = Monitor(settings, "min")
        resumed.restore({"val_loss": losses[:epoch]} if epoch else {})
        got.append((resumed.epoch_end({"val_loss": loss}), resumed.stopped))
    assert got == expected and (0.5, False) in got and got[-1][1]


def test_a_resumed_run_goes_on_waiting(tmp_path: Path) -> None:
    """With a learning rate at which no epoch is better than the first: a decay after 4 epochs, the end after 6."""
    given = {"data": "line", "rows": 60, "execution": "eager", "epochs": 12, "learning_rate": 1e-30}
    given |= {"schedule": "plateau", "plateau_patience": 3, "decay_rate": 0.5, "early_stopping_patience": 5}
    whole = kerasapps.train("linear_regression", **given, run_dir=str(tmp_path / "whole"))
    parts = kerasapps.train("linear_regression", **given, run_dir=str(tmp_path / "parts"), stop_at_epoch=3)
    assert parts.record["status"] == "interrupted"
    parts = resume(tmp_path / "parts")
    assert whole.record["epochs"] == parts.record["epochs"] == 6 and parts.record["status"] == "completed"
    (expected, _), (got, _) = (checkpoint.read_last(one.directory / "checkpoints") for one in (whole, parts))
    rates = [float(value) for name, value in expected.arrays.items() if np.isclose(value, 0.5e-30, atol=0).all()]
    assert rates and expected.arrays.keys() == got.arrays.keys()
    for name, value in expected.arrays.items():
        np.testing.assert_array_equal(got.arrays[name], value, err_msg=name)
