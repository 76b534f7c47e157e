"""A loss that is not finite at one step, which nothing before it foretold."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.app import Batch, Loss, Update, load_app
from kerasapps.errors import TrainingError
from kerasapps.noise import Noise
from kerasapps.runs import checkpoint
from kerasapps.tasks.supervised import Supervised
from kerasapps.training.train import resume

STEPS = 5
"""Of an epoch."""
GIVEN = {"data": "iris", "rows": 80, "global_batch_size": 16, "epochs": 3, "keep": "last"}


def poisoned(at: int) -> Any:
    """softmax_regression, whose loss is NaN at that step."""

    class Poisoned(Supervised):
        def updates(self) -> list[Update]:
            (update,) = super().updates()

            def loss(batch: Batch, noise: Noise) -> Loss:
                found = update.loss(batch, noise)
                wrong = tf.where(tf.cast(noise.step, tf.int64) == at, np.nan, 1.0)
                return found._replace(values=found.values * tf.cast(wrong, tf.float32))

            return [dataclasses.replace(update, loss=loss)]

    return dataclasses.replace(load_app("softmax_regression"), task=Poisoned)


@pytest.mark.parametrize(
    ("execution", "every", "at"),
    [
        ("graph", 3, 7),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in [("graph", 1, 0), ("graph", 1, 6)]),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in [("eager", 1, 11), ("loop", 5, 12)]),
    ],
)
def test_the_last_checkpoint_is_of_before_the_step_and_training_goes_on_from_it(
    execution: str, every: int, at: int, tmp_path: Path
) -> None:
    """Also in the middle of a call of several steps, all of which are not finite then."""
    given = {**GIVEN, "execution": execution, "checkpoint_every_steps": every}
    whole = kerasapps.train("softmax_regression", **given, run_dir=str(tmp_path / "whole"))
    assert whole.record["steps"] == 3 * STEPS
    with pytest.raises(TrainingError, match=rf"is not finite in epoch {at // STEPS + 1}, step {at + 1}\."):
        kerasapps.train(poisoned(at), **given, run_dir=str(tmp_path / "run"))
    last = checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")[-1]
    assert at - every < int(last.name) <= at
    weights = [values for name, values in checkpoint.read(last).arrays.items() if name.startswith("part/")]
    assert weights and all(np.isfinite(values).all() for values in weights)
    resumed = resume(tmp_path / "run")
    assert resumed.record["history"] == whole.record["history"]
    for own, expected in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, expected)
