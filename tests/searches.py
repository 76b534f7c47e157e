"""Searches as they lie on disk, of which every score is known."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner

from kerasapps.tuning.outcomes import Outcome, write_outcome
from kerasapps.tuning.space import filled


def two_parameters() -> keras_tuner.HyperParameters:
    """A logarithmic range and a choice of lists."""
    space = keras_tuner.HyperParameters()
    space.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-2)
    space.Choice("hidden", ["128", "64-64", "256-128"], default="128")
    return space


def twelve_parameters() -> keras_tuner.HyperParameters:
    """Of every kind; two are active under conditions only."""
    space = keras_tuner.HyperParameters()
    space.Choice("optimizer", ["adam", "adamw", "sgd"])
    with space.conditional_scope("optimizer", ["adam"]):
        space.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3)
    with space.conditional_scope("optimizer", ["sgd"]):
        space.Float("learning_rate_sgd", 1e-3, 1e-1, sampling="log", default=1e-2)
    space.Choice("global_batch_size", [64, 32, 128], default=64)
    space.Boolean("flip_horizontal")
    space.Choice("filters", ["32-64", "16-32-64", "64-128-256-512", "none"])
    space.Choice("activation", ["relu", "elu", "selu", "leaky_relu", "gelu", "swish", "tanh"])
    space.Float("dropout", 0.0, 0.5, step=0.1)
    space.Float("l2", 1e-6, 1e-2, sampling="log", default=1e-4)
    space.Int("rotation_degrees", 0, 30, default=0)
    space.Float("zoom", 0.0, 0.3)
    space.Float("a_parameter_of_a_very_long_name", -1.0, 1.0, default=0.0)
    return space


def saved(
    directory: Path, space: keras_tuner.HyperParameters, trials: int, score: Callable[[dict[str, Any]], float | str]
) -> Path:
    """A search of random trials. score: of the values of a trial, or the reason why it failed."""
    (directory / "trials").mkdir(parents=True)
    search = {
        **{"app": "mlp", "tuner": "random", "trials": trials, "jobs": 2, "objective": "val_accuracy"},
        **{"direction": "max", "seed": 0, "given": {"data": "digits", "epochs": 5}},
        "parameters": space.get_config()["space"],
    }
    (directory / "search.json").write_text(json.dumps(search))
    draws = random.Random(0)
    for trial in range(trials):
        values = filled(space, lambda parameter: parameter.random_sample(draws.getrandbits(32)))
        found = score(values)
        if isinstance(found, str):
            outcome = Outcome(trial, values, values, None, found)
        else:
            outcome = Outcome(trial, values, values, found, metrics={"accuracy": found, "loss": -found}, epochs=5)
        write_outcome(directory, outcome)
    return directory
