"""What all applications promise of their models and search spaces."""

import importlib
import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf
from by_hand import CASES, EVERY, build, layout_of
from harness import batch_of, session

from kerasapps.app import App, load_app
from kerasapps.data.spec import Form
from kerasapps.errors import ConfigError
from kerasapps.layers.paths import layer_paths, weight_paths
from kerasapps.names import APPS, names_in, summary
from kerasapps.runs.config import resolve_hparams
from kerasapps.settings import settings


@pytest.mark.parametrize(("app", "forms", "target"), CASES)
def test_builders_make_the_same_layers(app: App, forms: tuple[Form, ...], target: str) -> None:
    layout = layout_of(forms, target)
    tiny = {name: value for name, value in app.tiny.items() if name != "epochs"}
    functional, subclassed = (build(app, layout, builder, **tiny, l2=0.1)[0] for builder in app.builders)
    for name, model in functional.items():
        assert layer_and_shape(model) == layer_and_shape(subclassed[name])
        assert len(model.losses) == len(subclassed[name].losses) > 0


@pytest.mark.parametrize(("app", "forms", "target"), CASES)
def test_paths_are_the_same_whenever_and_however_a_part_is_built(
    app: App, forms: tuple[Form, ...], target: str
) -> None:
    """They key noise, and tell a warm start which weights match: no name in them may be one that Keras counts up."""
    layout = layout_of(forms, target)
    dropout = {"dropout": 0.1} if "dropout" in settings(app.hparams) else {}
    tiny = {name: value for name, value in app.tiny.items() if name != "epochs"}
    built = [build(app, layout, builder, **tiny, **dropout)[0] for builder in ("functional", *app.builders)]
    weights = [{name: [path for path, _ in weight_paths(part)] for name, part in parts.items()} for parts in built]
    assert weights[0] == weights[1] == weights[2]
    assert all(len(set(paths)) == len(paths) for paths in weights[0].values())
    keys = [
        [layer.noise_key for part in parts.values() for _, layer in layer_paths(part) if draws(layer)]
        for parts in built
    ]
    assert keys[0] == keys[1] == keys[2]
    assert bool(keys[0]) == bool(dropout)


@pytest.mark.parametrize("name", [app.name for app in EVERY if ("any",) in app.accepts.values()])
def test_answers_that_are_not_learned_do_not_weigh_the_rows(name: str) -> None:
    """Those of pairs of sentences are tokens, some of which are padding."""
    own = session(load_app(name), data="numbers_en_fr", execution="eager", epochs=1)
    batch = batch_of(own.data.train)
    assert "labels" in batch and batch["weights"].shape == (8,)
    alone = {"inputs": batch["inputs"], "weights": tf.ones([8])}
    assert own.task.weights(batch).shape[0] == 8
    for got, expected in zip(own.task.evaluate(batch).values(), own.task.evaluate(alone).values(), strict=True):
        np.testing.assert_array_equal(got, expected)


def draws(layer: keras.Layer) -> bool:
    """Whether a layer draws noise in a training step."""
    return hasattr(layer, "noise_key")


def layer_and_shape(model: keras.Model) -> list:
    """(layer, variable) and shape of each weight, in order."""
    return [(variable.path.split("/")[-2:], variable.shape) for variable in model.trainable_variables]


@pytest.mark.parametrize("app", EVERY, ids=lambda app: app.name)
def test_search_space_begins_with_the_defaults(app: App) -> None:
    """For the app's own defaults and for all that it is suited or tuned to; a value is really searched."""
    suited = [app.hparams(**changes) for changes in ({}, *app.suited.values())]
    for hparams in (*suited, *(resolve_hparams(app, {}, source) for source in app.tuned)):
        chosen = keras_tuner.HyperParameters()
        assert app.space(hparams, chosen) == hparams
        assert len(chosen.space) >= 2


@pytest.mark.parametrize("app", EVERY, ids=lambda app: app.name)
def test_names_agree(app: App) -> None:
    assert app.name in names_in(APPS)
    assert summary(APPS, app.name).endswith(".")
    assert set(app.tiny) <= set(app.hparams.__dataclass_fields__)


def test_an_app_bears_the_name_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("kerasapps.apps.mlp")
    monkeypatch.setattr(module, "APP", load_app("softmax_regression"))
    with pytest.raises(ConfigError, match=r"mlp.py has APP.name = 'softmax_regression'. Expected 'mlp'"):
        load_app("mlp")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", r"shop.py has no application. Expected APP = App\("),
        ("APP = 3", "shop.py has no application"),
        ("import no_such_package", "own.shop cannot be imported: No module named 'no_such_package'"),
        (None, "Unknown app 'own.shop': no such module can be imported. Install its package"),
    ],
)
def test_a_module_that_is_no_application_is_refused(
    content: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "__init__.py").touch()
    if content is not None:
        (folder / "shop.py").write_text(content, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=words):
        load_app("own.shop")
    for name in ("own", "own.shop"):
        sys.modules.pop(name, None)
