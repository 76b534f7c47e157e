"""A trial of a model of the caller's own: it is built from the trial's values and trained by Keras's fit."""

import math
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np

from kerasapps.app import Direction
from kerasapps.engine.determinism import set_determinism
from kerasapps.errors import TrainingError, shown
from kerasapps.runs.checkpoint import sync
from kerasapps.runs.directory import read_record, write_metrics, write_record
from kerasapps.tuning.space import Values
from kerasapps.tuning.stored import load_stored

MODEL = "model.keras"
"""The model as it was after the epoch with the best score, in the trial's directory."""


def fit_trial(given: Mapping[str, Any], run_dir: Path, stop_at: int | None) -> Mapping[str, Any]:
    """Train a trial, and return its record; one that stopped at an epoch goes on from there.

    given: what OwnModel.arguments says. stop_at: epoch, None = as many as fit is told. What a killed process had
    trained, since the trial began or stopped, is trained again, with the same bits. Raises TrainingError where the
    objective is not reported, or is not finite.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    before = read_record(run_dir)
    if before.get("status") == "completed" or (stop_at and before.get("epochs", 0) >= stop_at):
        return before
    record = _fitted(given, run_dir, before, stop_at)
    write_metrics(run_dir, record["history"])
    write_record(run_dir, record)
    if before:
        (run_dir / _last(before["epochs"])).unlink(missing_ok=True)
    return read_record(run_dir)


def rebuilt(hypermodel: keras_tuner.HyperModel, values: Values, run_dir: Path, weights: str = MODEL) -> keras.Model:
    """The model that is built from these values, with weights of a trial: the caller's code runs, that of no file."""
    hyperparameters = _parameters(values)
    return _with_weights(hypermodel.build(hyperparameters), run_dir, weights)


def _parameters(values: Values) -> keras_tuner.HyperParameters:
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values)
    return hyperparameters


def _with_weights(model: keras.Model, run_dir: Path, weights: str) -> keras.Model:
    """The model, with what the file has of it and its optimizer."""
    if not model.built:
        model.build_from_config(read_record(run_dir)["build"])
    if model.optimizer:
        model.optimizer.build(model.trainable_variables)
    model.load_weights(run_dir / weights)
    return model


def _last(epochs: int) -> str:
    """File of weights and optimizer of a trial that stopped after so many epochs."""
    return f"last-{epochs}.weights.h5"


def _fitted(given: Mapping[str, Any], run_dir: Path, before: Mapping[str, Any], stop_at: int | None) -> dict[str, Any]:
    """The record of a trial whose record was `before`, {} for a new one."""
    started, first = time.perf_counter(), before.get("epochs", 0)
    hypermodel, arguments = load_stored(Path(given["directory"]), given["arrays"])
    keras.backend.clear_session()
    set_determinism(given["deterministic"])
    keras.utils.set_random_seed(random.Random(f"{given['seed']} {first}").getrandbits(32) if first else given["seed"])
    hyperparameters = _parameters(given["values"])
    model = hypermodel.build(hyperparameters)
    if first:
        _with_weights(model, run_dir, _last(first))
    best = KeepsBest(given["objective"], given["direction"], before)
    total = arguments.get("epochs", 1)
    callbacks = [*(arguments.pop("callbacks", None) or ()), best]
    span = ({"epochs": stop_at} if stop_at else {}) | ({"initial_epoch": first} if first else {})
    result = hypermodel.fit(hyperparameters, model, **{**arguments, **span, "callbacks": callbacks})
    if stop_at is not None and not best.epochs:
        raise TrainingError(
            f"fit was stopped at epoch {stop_at} and returned {shown(result)}: hyperband and the median rule need the "
            "callbacks to be given on to Keras, or a HyperModel without a fit of its own."
        )
    metrics = best.metrics_of(result)
    goes_on = stop_at is not None and best.epochs == stop_at < total
    _save(model, best, run_dir, goes_on)
    return {
        "status": "stopped" if goes_on else "completed",
        "epochs": best.epochs,
        "history": best.history,
        "best": best.metrics,
        "validation": metrics,
        "seconds": {"total": time.perf_counter() - started + before.get("seconds", {}).get("total", 0.0)},
        "values": given["values"],
        "build": model.get_build_config(),
    }


def _save(model: keras.Model, best: "KeepsBest", run_dir: Path, goes_on: bool) -> None:
    """Its best epoch, and what a trial that goes on needs of the last one."""
    if goes_on:
        model.save_weights(run_dir / _last(best.epochs))
        sync(run_dir / _last(best.epochs))
    if best.restore(model):
        model.save(run_dir / MODEL)
        sync(run_dir / MODEL)


class KeepsBest(keras.callbacks.Callback):
    """Remembers all epochs, and what the model was after the best one; that of `before` is the best of earlier ones."""

    def __init__(self, objective: str, direction: Direction, before: Mapping[str, Any]) -> None:
        super().__init__()
        self.objective, self.direction = objective, direction
        self.metrics: dict[str, float] = before.get("best", {})
        history = before.get("history", {})
        self._epochs = [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]
        self._variables: list[np.ndarray] = []

    @property
    def epochs(self) -> int:
        """How many have ended."""
        return len(self._epochs)

    @property
    def history(self) -> dict[str, list[float]]:
        """Metric -> value per epoch, NaN where an epoch did not report it."""
        names = dict.fromkeys(name for logs in self._epochs for name in logs)
        return {name: [logs.get(name, math.nan) for logs in self._epochs] for name in names}

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Keep the model where no epoch was better."""
        self._epochs.append(_floats(logs or {}))
        better = self._better(self._epochs[-1], self.metrics)
        if better is not self.metrics:
            self.metrics = better
            self._variables = [np.array(variable) for variable in _variables(self.model)]

    def _better(self, metrics: dict[str, float], best: dict[str, float]) -> dict[str, float]:
        score, known = (found.get(self.objective, math.nan) for found in (metrics, best))
        is_better = score < known if self.direction == "min" else score > known
        return metrics if math.isfinite(score) and (is_better or math.isnan(known)) else best

    def restore(self, model: keras.Model) -> bool:
        """Make of a model what it was after the best epoch; False where an earlier process has kept that."""
        for variable, value in zip(_variables(model) if self._variables else (), self._variables, strict=True):
            variable.assign(value)
        return bool(self._variables) or not self.metrics

    def metrics_of(self, result: object) -> dict[str, float]:
        """Of the best epoch, or what fit has returned instead of a History; with the objective, without "val_".

        Raises TrainingError where that does not have the objective, or it is not finite.
        """
        metrics = self._reported(result)
        if self.objective not in metrics:
            raise TrainingError(f"fit reported {', '.join(metrics) or 'nothing'}. Expected also {self.objective}.")
        if not math.isfinite(metrics[self.objective]):
            raise TrainingError(f"{self.objective} is {metrics[self.objective]}. Expected a finite number.")
        validated = {name: value for name, value in metrics.items() if name.startswith("val_")}
        found = validated | {self.objective: metrics[self.objective]}
        return {name.removeprefix("val_"): value for name, value in found.items()}

    def _reported(self, result: object) -> dict[str, float]:
        if isinstance(result, keras.callbacks.History):
            best = self.metrics
            for row in zip(*result.history.values(), strict=False):
                best = self._better(_floats(dict(zip(result.history, row, strict=True))), best)
            return best or _floats({name: values[-1] for name, values in result.history.items()})
        if isinstance(result, Mapping):
            return _floats(result)
        if isinstance(result, (int, float, np.number)):
            return {**self.metrics, self.objective: float(result)}
        raise TrainingError(f"fit returned {shown(result)}. Expected a History, metrics by name, or the objective.")


def _floats(logs: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}


def _variables(model: keras.Model) -> list[Any]:
    """Of a model and its optimizer."""
    return [*model.variables, *(model.optimizer.variables if model.optimizer else ())]
