"""Optimizers against their formulas."""

import gc
import inspect
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.engine.optimizer import make_optimizer, optimizer_classes
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams

STEPS = 10


def test_every_optimizer_of_keras_moves_a_weight() -> None:
    assert {"adam", "sgd", "adamw", "rmsprop", "lion", "nadam", "adagrad"} <= set(optimizer_classes())
    for name in optimizer_classes():
        optimizer = make_optimizer(Hparams(optimizer=name, learning_rate=0.1), STEPS)
        variable = keras.Variable(np.ones((2, 2), "float32"))
        optimizer.apply([np.ones((2, 2), "float32")], [variable])
        assert np.all(variable.numpy() < 1), name


def test_nothing_holds_a_graph_in_which_gradients_were_applied() -> None:
    """Else every model trained in a process stays in its memory."""
    optimizer, variable = make_optimizer(Hparams(), STEPS), keras.Variable(np.ones(2, "float32"))
    optimizer.build([variable])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [variable]), autograph=False)
    graph = weakref.ref(step.get_concrete_function(tf.TensorSpec([2])).graph)
    del step
    gc.collect()
    assert graph() is None


def test_momentum_against_its_recurrence() -> None:
    optimizer = make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"momentum": 0.9}, learning_rate=0.1), 1)
    variable, weight, velocity = keras.Variable(np.array([1.0], "float32")), 1.0, 0.0
    for _ in range(5):
        optimizer.apply([2 * variable.numpy()], [variable])
        velocity = 0.9 * velocity - 0.1 * 2 * weight
        weight += velocity
    np.testing.assert_allclose(variable.numpy(), [weight], rtol=1e-6)


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'adam'"):
        make_optimizer(Hparams(optimizer="adm"), 1)
    with pytest.raises(ConfigError, match="Did you mean 'momentum'"):
        make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"momentun": 0.9}), 1)
    with pytest.raises(ConfigError, match="Unknown setting of sgd '3'"):
        make_optimizer(Hparams(optimizer="sgd", optimizer_settings={3: 0.9}), 1)


@pytest.mark.parametrize(
    ("optimizer", "setting", "value", "wanted"),
    [
        ("adam", "beta_1", "x", "float >= 0 and < 1"),
        ("adam", "beta_2", 1.0, "float >= 0 and < 1"),
        ("adam", "beta_1", None, "float >= 0 and < 1"),
        ("adam", "epsilon", "1e-8", "float >= 0"),
        ("adam", "epsilon", float("nan"), "float >= 0"),
        ("adam", "amsgrad", "yes", "bool"),
        ("adam", "clipnorm", 0, "float > 0, or none"),
        ("adam", "weight_decay", -0.1, "float >= 0, or none"),
        ("adam", "name", 3, "str, or none"),
        ("sgd", "momentum", -0.5, "float >= 0 and < 1"),
        ("sgd", "momentum", 7.0, "float >= 0 and < 1"),
        ("sgd", "momentum", True, "float >= 0 and < 1"),
        ("sgd", "nesterov", 1, "bool"),
        ("rmsprop", "rho", [0.9], "float >= 0 and < 1"),
        ("adafactor", "beta_2_decay", "x", "float"),
        ("schedulefreeadamw", "beta_1", 0.0, "float > 0 and < 1"),
        ("muon", "ns_steps", 2.5, "int >= 0"),
        ("muon", "exclude_layers", "dense", "list[str], or none"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(optimizer, setting, value, wanted) -> None:
    with pytest.raises(ConfigError) as caught:
        make_optimizer(Hparams(optimizer=optimizer, optimizer_settings={setting: value}), 1)
    message = f"optimizer_settings of {optimizer}: {setting}={value!r}, a {type(value).__name__}. Expected {wanted};"
    assert str(caught.value).startswith(message)


def test_defaults_of_keras_are_settings_that_work() -> None:
    for name, cls in optimizer_classes().items():
        defaults = {p.name: p.default for p in inspect.signature(cls.__init__).parameters.values()}
        for setting in ("epsilon", "beta_1", "rho", "momentum", "clipnorm", "weight_decay", "muon_b", "beta_2_decay"):
            if setting in defaults:
                made = make_optimizer(Hparams(optimizer=name, optimizer_settings={setting: defaults[setting]}), 1)
                assert made.get_config()[setting] == defaults[setting], (name, setting)


def test_what_only_keras_refuses_is_a_configuration_error_too() -> None:
    with pytest.raises(ConfigError, match="sgd refuses"):
        make_optimizer(Hparams(optimizer="sgd", optimizer_settings={"clipnorm": 1.0, "clipvalue": 1.0}), 1)


def test_what_is_no_regular_expression_is_refused() -> None:
    hparams = Hparams(optimizer="muon", optimizer_settings={"exclude_layers": ["embedding", "dense("]})
    with pytest.raises(ConfigError, match=r"settings of muon: exclude_layers has 'dense\(' in it: missing"):
        make_optimizer(hparams, 1)
    hparams = Hparams(optimizer="muon", optimizer_settings={"exclude_layers": ["dense\\("]})
    make_optimizer(hparams, 1).build([keras.Variable([1.0])])


@pytest.mark.parametrize("name", ["a", "a.b-c_1", "a b", "_a", "a/b", "", "é"])
def test_a_name_that_tensorflow_cannot_take_is_refused(name: str) -> None:
    hparams = Hparams(optimizer="sgd", optimizer_settings={"name": name, "momentum": 0.9})
    if name in ("a", "a.b-c_1"):
        make_optimizer(hparams, 1).build([keras.Variable([1.0])])
        return
    with pytest.raises(ConfigError, match=f"optimizer_settings of sgd: name='{name}'. Expected letters"):
        make_optimizer(hparams, 1)
