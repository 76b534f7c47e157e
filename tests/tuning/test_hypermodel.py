"""Models of the caller's own: what is searched of them, and what is refused before anything is trained."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest
from test_tune import found, trial_processes, wait_for

from kerasapps.__main__ import main
from kerasapps.errors import ConfigError
from kerasapps.tuning.best import retrain
from kerasapps.tuning.explored import explored
from kerasapps.tuning.hypermodel import OwnModel, own_model
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.outcomes import read_outcomes
from kerasapps.tuning.stored import load_stored, pickled
from kerasapps.tuning.tune import tune

X, Y = np.arange(40.0).reshape(20, 2) / 40, np.arange(20) % 2
DATA = {"x": X, "y": Y, "validation_data": (X, Y)}


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A layer of 2 to 4 units, on two numbers."""
    units = hp.Int("units", 2, 4)
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(units, "relu"), keras.layers.Dense(2, "softmax")])
    model.compile(hp.Choice("optimizer", ["sgd", "adam"]), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def planned(build: Any = build, objective: Any = None, options: dict | None = None, **given: Any) -> OwnModel:
    return own_model(build, SearchOptions(**options or {}), objective, {**DATA, **given})


def test_every_branch_is_explored() -> None:
    """Parameters of loops, of conditions, of conditions in them, and of a fit of one's own."""

    class Many(keras_tuner.HyperModel):
        def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
            for layer in range(hp.Int("layers", 1, 3)):
                hp.Int(f"units_{layer}", 8, 16)
            kind = hp.Choice("kind", ["mlp", "cnn"])
            with hp.conditional_scope("kind", ["cnn"]):
                if kind == "cnn" and hp.Boolean("pools"):
                    hp.Choice("pool", [2, 3])
            raise ValueError("a model is not needed")

        def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *arguments: Any, **named: Any) -> Any:
            return model.fit(*arguments, batch_size=hp.Choice("batch_size", [8, 16]), **named)

    Many.build = lambda self, hp, build=Many.build: _no_model(build, self, hp)
    found = explored(Many(), DATA)
    names = [parameter.name for parameter in found.space]
    assert sorted(names) == sorted(["layers", "units_0", "units_1", "units_2", "kind", "pools", "pool", "batch_size"])
    conditions = {parameter.name: len(parameter.conditions) for parameter in found.space}
    assert conditions["pool"] == conditions["pools"] == 1 and conditions["units_2"] == 0


def _no_model(build: Any, self: Any, hp: keras_tuner.HyperParameters) -> None:
    try:
        build(self, hp)
    except ValueError:
        return


def test_a_plan_has_the_space_and_the_direction(plan: OwnModel) -> None:
    assert (plan.direction, plan.objective) == ("min", "val_loss")
    assert [parameter.name for parameter in plan.space.space] == ["units", "optimizer"]
    own = planned(objective="val_accuracy", epochs=7)
    assert (own.name, own.epochs, own.objective, own.direction) == ("build", 7, "val_accuracy", "max")
    assert planned(objective=keras_tuner.Objective("val_accuracy", "min")).direction == "min"
    assert own.fields({"units": 2, "optimizer": "adam"}) == {"optimizer": "adam"}


def build_more(hp: keras_tuner.HyperParameters) -> keras.Model:
    """The same space, but another loss."""
    model = build(hp)
    model.compile("sgd", "mse", metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def plan() -> OwnModel:
    """Of the data and the function as they are."""
    return planned()


@pytest.mark.parametrize("change", [{"x": X + 1}, {"batch_size": 4}, {"seed": 1}, {"build": build_more}])
def test_other_data_arguments_or_code_are_another_search(change: dict, plan: OwnModel) -> None:
    assert planned(**change).given != plan.given


def test_copies_of_the_data_are_the_same_search(plan: OwnModel) -> None:
    assert planned(**{name: np.array(DATA[name]) for name in ("x", "y")}).given == plan.given


class Wide(keras_tuner.HyperModel):
    """What the function builds, beside an attribute."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        return build(hp)


def test_other_attributes_are_another_search() -> None:
    assert planned(build=Wide(1.0)).given == planned(build=Wide(1.0)).given != planned(build=Wide(2.0)).given


@pytest.mark.slow
def test_other_weights_of_classes_are_another_search() -> None:
    weighted = [planned(class_weight={0: 1.0, 1: weight}).given for weight in (1.0, 50.0)]
    assert weighted[0] != weighted[1]


def uncompiled(hp: keras_tuner.HyperParameters) -> keras.Model:
    return keras.Sequential([keras.Input([2]), keras.layers.Dense(2)])


def failing(hp: keras_tuner.HyperParameters) -> keras.Model:
    raise RuntimeError("out of ideas")


def unclear(hp: keras_tuner.HyperParameters) -> keras.Model:
    model = uncompiled(hp)
    model.compile(loss="mse", metrics=[size])
    return model


def size(labels: Any, outputs: Any) -> Any:
    return keras.ops.mean(outputs, -1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"build": failing}, r"failing fails with the default values .*RuntimeError\('out of ideas'\)"),
        ({"build": lambda hp: "model"}, "returned 'model'. Expected a keras.Model"),
        ({"build": uncompiled}, "uncompiled returned a model that is not compiled"),
        ({"objective": "val_acuracy"}, "Unknown objective that fit reports 'val_acuracy'. Did you mean 'val_accuracy'"),
        ({"objective": "val_loss", "validation_data": None}, "Unknown objective that fit reports 'val_loss'"),
        ({"build": unclear, "objective": "val_size"}, r"Give keras_tuner.Objective\('val_size', 'max'\)"),
        ({"epoch": 3}, "Unknown argument of fit 'epoch'. Did you mean 'epochs'"),
        ({"x": X[:, :1]}, "The model of build cannot be evaluated on the data"),
        ({"x": (row for row in X)}, "cannot be"),
        ({"callbacks": [keras.callbacks.LambdaCallback(on_epoch_end=threading.Lock().acquire)]}, "cannot be sent to"),
        ({"options": {"folds": 2}}, "folds is for applications"),
        ({"options": {"search": ["units=2,3"]}}, "search is for applications"),
        ({"seed": -1}, "seed=-1: expected int >= 0"),
        ({"epochs": 0}, "epochs=0: expected int >= 1"),
        ({"epochs": "5"}, "epochs='5': expected int >= 1"),
        ({"objective": keras_tuner.Objective("val_loss", "upp")}, "direction='upp', expected 'min' or 'max'"),
    ],
)
def test_bad_input_is_refused(given: dict, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        planned(**given)


def test_large_arrays_lie_in_one_file_and_are_mapped(tmp_path: Path) -> None:
    """Two of the same numbers share the file; what a process writes to its own stays there."""
    large = np.arange(1 << 14, dtype=np.float64)
    content = pickled({"a": large, "b": [large.copy(), np.ones(3)]}, "arrays")
    content.store(tmp_path)
    assert [path.stat().st_size for path in (tmp_path / "own").glob("*.bytes")] == [large.nbytes]
    assert (tmp_path / "own" / "object.pickle").stat().st_size < 2000
    loaded = load_stored(tmp_path, content.order)
    np.testing.assert_array_equal(loaded["a"], large)
    np.testing.assert_array_equal(loaded["b"][1], np.ones(3))
    loaded["a"][:] = 0
    np.testing.assert_array_equal(load_stored(tmp_path, content.order)["a"], large)


def the_example() -> str:
    """The code of the guide."""
    guide = (Path(__file__).parents[2] / "docs" / "tuning.md").read_text(encoding="utf-8")
    return guide.partition("<!-- own model -->\n```python\n")[2].partition("```")[0]


@pytest.mark.slow
def test_the_example_of_the_guide_finds_a_model_in_ten_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs as it stands there, and the best model reaches its score again."""
    monkeypatch.chdir(tmp_path)
    example, script = the_example(), {"__name__": "__main__"}
    assert len(list(filter(None, example.splitlines()))) == 10
    exec(example, script)
    search, rows = script["search"], slice(int(0.8 * len(script["x"])), None)
    assert search.directory == tmp_path / "searches" / "build" and len(search.outcomes) == 8
    assert search.ranked[0].score > search.outcomes[0].score
    accuracy = np.mean(search.best.predict(script["x"][rows], verbose=0).argmax(1) == script["y"][rows])
    assert accuracy == pytest.approx(search.ranked[0].score, abs=1e-6)
    with pytest.raises(ConfigError, match="is a search of a model of your own"):
        retrain(search.directory)
    assert main(["tune", "show", str(search.directory)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("given", [{"pruner": "median", "seeds_per_trial": 2}, {"tuner": "hyperband"}])
def test_a_killed_search_ends_as_the_whole_one(given: dict, tmp_path: Path) -> None:
    """The search and one of its processes are killed in the middle of trials, which train again."""
    given |= {"epochs": 27, "trials": 5, "jobs": 2, "seed": 2, "objective": "val_accuracy"}
    whole = tune(build, **DATA, **given, directory=str(tmp_path / "whole"))
    directory = tmp_path / "killed"
    program = (
        "from test_hypermodel import DATA, build; from kerasapps.tuning.tune import tune\n"
        f"tune(build, **DATA, **{given!r}, directory={str(directory)!r})"
    )
    for victims in (lambda parent: [parent], lambda parent: trial_processes(parent)[:1]):
        process = subprocess.Popen(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        )
        before = len(list((directory / "trials").glob("*.json")))
        wait_for(lambda before=before: len(list((directory / "trials").glob("*.json"))) > before)
        for victim in victims(process.pid):
            os.kill(victim, signal.SIGKILL)
    assert process.wait() == 0
    assert found(read_outcomes(directory)) == found(whole.outcomes)
