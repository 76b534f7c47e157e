"""The same trials with KerasTuner or Optuna: plain Keras models trained by fit, as their guides have it.

    python -m experiments.peers.searches FOLDER kerastuner|optuna JOBS

FOLDER has rows.npz, and trials.json: the hyperparameters of every trial. The answer is a line of JSON.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

Trials = Sequence[Mapping[str, Any]]
Arrays = Mapping[str, np.ndarray]


def build(fields: Mapping[str, Any], inputs: int, classes: int) -> keras.Model:
    """A compiled multi-layer perceptron with the hyperparameters of the application's."""
    regularizer = keras.regularizers.L2(fields["l2"]) if fields["l2"] else None
    model = keras.Sequential([keras.Input([inputs])])
    for units in fields["hidden"]:
        model.add(keras.layers.Dense(units, fields["activation"], kernel_regularizer=regularizer))
        model.add(keras.layers.Dropout(fields["dropout"]))
    model.add(keras.layers.Dense(classes, kernel_regularizer=regularizer))
    settings = {"learning_rate": fields["learning_rate"], **fields["optimizer_settings"]}
    optimizer = keras.optimizers.get({"class_name": fields["optimizer"], "config": settings})
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def fitted(arrays: Arrays, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of fit."""
    return {
        "x": arrays["train_inputs"],
        "y": arrays["train_labels"],
        "validation_data": (arrays["validation_inputs"], arrays["validation_labels"]),
        "epochs": fields["epochs"],
        "batch_size": fields["global_batch_size"] or len(arrays["train_inputs"]),
        "verbose": 0,
    }


def sizes(arrays: Arrays) -> tuple[int, int]:
    """Of inputs, and how many classes there are."""
    return arrays["train_inputs"].shape[1], int(arrays["train_labels"].max()) + 1


def kerastuner(folder: Path, arrays: Arrays, trials: Trials, jobs: int) -> float:
    """RandomSearch, whose only hyperparameter is the number of the trial; one after the other, as it has no jobs."""
    import keras_tuner

    class Numbered(keras_tuner.HyperModel):
        def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
            return build(trials[hp.Choice("trial", list(range(len(trials))))], *sizes(arrays))

        def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *_: Any, **given: Any) -> Any:
            return model.fit(**fitted(arrays, trials[hp.get("trial")]), callbacks=given["callbacks"])

    tuner = keras_tuner.RandomSearch(
        Numbered(), objective="val_loss", max_trials=len(trials), seed=0, directory=folder, project_name="kerastuner"
    )
    tuner.oracle._max_collisions = 1000  # or it takes the space for exhausted before it has drawn every number
    tuner.search(verbose=0)
    done = tuner.oracle.get_best_trials(len(trials))
    assert len(done) == len(trials), f"{len(done)} trials were trained, expected {len(trials)}"
    return float(done[0].score)


def optuna(folder: Path, arrays: Arrays, trials: Trials, jobs: int) -> float:
    """A study whose trials are given; so many threads train them."""
    import optuna as library

    library.logging.set_verbosity(library.logging.WARNING)

    def objective(trial: Any) -> float:
        fields = trials[trial.number]
        model = build(fields, *sizes(arrays))
        history = model.fit(**fitted(arrays, fields)).history
        return min(history["val_loss"])

    study = library.create_study(direction="minimize")
    study.optimize(objective, n_trials=len(trials), n_jobs=jobs)
    return float(study.best_value)


SIDES: dict[str, Callable[[Path, Arrays, Trials, int], float]] = {"kerastuner": kerastuner, "optuna": optuna}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with np.load(place / "rows.npz") as rows:
        given_rows = dict(rows)
    given_trials = json.loads((place / "trials.json").read_text(encoding="utf-8"))
    print(json.dumps({"best": SIDES[sys.argv[2]](place, given_rows, given_trials, int(sys.argv[3]))}))
