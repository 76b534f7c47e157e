"""Trials of models of the caller's own: Keras's fit, its best epoch, and stops on the way."""

import shutil
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest
from test_hypermodel import X, Y, build, planned

from kerasapps.errors import TrainingError
from kerasapps.tuning.fit import fit_trial

VALUES = {"units": 3, "optimizer": "adam"}


def dropping(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model with noise and a layer that no file can make; not built before it sees data."""

    class Doubled(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    layers = [keras.layers.Dense(8, "relu"), Doubled(), keras.layers.Dropout(0.5), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(
    directory: Path, build: Any = build, stop_at: tuple[int | None, ...] = (None,), run: str = "0", **given: Any
) -> Any:
    """The record of a trial that stops at some epochs, one after the other; new at each call."""
    plan = planned(build, **{"batch_size": 4, "epochs": 6, "seed": 5, **given})
    (directory / "trials").mkdir(parents=True, exist_ok=True)
    plan.prepare(directory)
    for epoch in stop_at:
        record = fit_trial(plan.arguments(VALUES, directory), directory / "trials" / run, epoch)
    return record


def test_a_trial_is_plain_fit(tmp_path: Path) -> None:
    record = trained(tmp_path)
    keras.utils.set_random_seed(5)
    hp = keras_tuner.HyperParameters()
    hp.values = dict(VALUES)
    history = build(hp).fit(X, Y, validation_data=(X, Y), batch_size=4, epochs=6, verbose=0).history
    assert record["history"] == history
    best = int(np.argmin(history["val_loss"]))
    expected = {"loss": history["val_loss"][best], "accuracy": history["val_accuracy"][best]}
    assert (record["validation"], record["epochs"], record["status"]) == (expected, 6, "completed")


@pytest.mark.slow
def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    """The validation rows have the other labels, so that the first epochs are the best."""
    labels = (X[:, 0] > 0.5).astype(int)
    given = {"y": labels, "validation_data": (X, 1 - labels)}
    losses = trained(tmp_path, dropping, **given)["history"]["val_loss"]
    assert min(losses) < losses[-1]
    model = planned(dropping).load(tmp_path / "trials" / "0", VALUES)
    assert model.evaluate(X, 1 - labels, verbose=0)[0] == pytest.approx(min(losses), rel=1e-5)


@pytest.mark.slow
def test_a_trial_that_stops_goes_on_from_there(tmp_path: Path) -> None:
    """No epoch is trained twice; what a killed process had done since the stop changes nothing."""
    falling = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 - 0.01 * epoch)
    record = trained(tmp_path, dropping, (2, 4, None), callbacks=[falling])
    assert record["history"]["learning_rate"] == pytest.approx([0.1, 0.09, 0.08, 0.07, 0.06, 0.05])
    assert not list((tmp_path / "trials" / "0").glob("last-*"))
    other, kept = tmp_path / "other", tmp_path / "kept"
    trained(other, dropping, (2,), callbacks=[falling])
    shutil.copytree(other / "trials" / "0", kept)
    trained(other, dropping, (4,), callbacks=[falling])
    for name in ("record.json", "last-2.weights.h5"):  # a killed process may have replaced the others
        shutil.copy(kept / name, other / "trials" / "0" / name)
    again = trained(other, dropping, (4, None), callbacks=[falling])
    assert {**again, "seconds": 0} == {**record, "seconds": 0}
    weights = [planned(dropping).load(path / "trials" / "0", VALUES).get_weights() for path in (tmp_path, other)]
    for own, expected in zip(*weights, strict=True):
        np.testing.assert_array_equal(own, expected)


def test_training_that_ends_itself_is_complete(tmp_path: Path) -> None:
    stopping = keras.callbacks.EarlyStopping("val_loss", min_delta=1.0, patience=1)
    record = trained(tmp_path, stop_at=(4,), callbacks=[stopping])
    assert record["status"] == "completed" and record["epochs"] < 4
    assert trained(tmp_path) == record


class Own(keras_tuner.HyperModel):
    """A fit that returns what it is told."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        return build(hp)

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *arguments: Any, **named: Any) -> Any:
        history = model.fit(*arguments, **named)
        return self.result(history) if callable(self.result) else self.result


@pytest.mark.parametrize(
    ("result", "validation"),
    [
        pytest.param(0.25, {"f1": 0.25}, marks=pytest.mark.slow),
        ({"val_f1": np.float32(0.5), "val_loss": 2, "loss": 1}, {"f1": 0.5, "loss": 2.0}),
    ],
)
def test_a_fit_of_ones_own_says_the_score(result: Any, validation: dict, tmp_path: Path) -> None:
    record = trained(tmp_path, Own(result), objective=keras_tuner.Objective("val_f1", "max"), epochs=2)
    assert {name: record["validation"][name] for name in validation} == validation
    assert record["epochs"] == 2 and (tmp_path / "trials" / "0" / "model.keras").is_file()


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "fit returned None. Expected a History"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                ({"val_loss": 1.0}, "fit reported val_loss. Expected also val_f1"),
                (float("nan"), "val_f1 is nan. Expected a finite number"),
                (lambda history: history, "fit reported .*val_loss.*. Expected also val_f1"),
            ]
        ),
    ],
)
def test_a_fit_without_a_score_has_failed(result: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=said):
        trained(tmp_path, Own(result), objective=keras_tuner.Objective("val_f1", "max"), epochs=1)


class Answering(keras_tuner.HyperModel):
    """fit trains nothing, and answers a number."""

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        return build(hp)

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, **given: Any) -> float:
        return 1.0 / given["epochs"]


def test_a_fit_of_ones_own_that_cannot_be_stopped_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    assert trained(tmp_path, Answering())["validation"] == {"loss": pytest.approx(1 / 6)}
    with pytest.raises(TrainingError, match="fit was stopped at epoch 2 and returned 0.5: hyperband and the median"):
        trained(tmp_path, Answering(), (2,), run="1")
