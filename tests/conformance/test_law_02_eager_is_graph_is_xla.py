"""Law 2: eager, graph and XLA give the same outputs, noise and gradients (1e-5 of their largest element)."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from harness import batch_of, run_epochs, session, without_noise

from kerasapps.app import App, Update, load_app
from kerasapps.engine.optimizer import optimizer_classes
from kerasapps.engine.session import Session
from kerasapps.engine.step import gradients
from kerasapps.noise import Noise

LAW = "eager = graph = XLA"


GRAPH, XLA = False, True
"""Whether XLA compiles a function."""


def assert_same(function: Callable, modes: tuple[bool, ...] = (GRAPH, XLA)) -> None:
    """`function` gives the same tensors eagerly and in the other modes."""
    eager = tf.nest.flatten(function())
    for jit in modes:
        compiled = tf.function(function, jit_compile=jit, autograph=False)
        for expected, got in zip(eager, tf.nest.flatten(compiled()), strict=True):
            scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-3)
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * scale)


def all_of(update: Update, batch: dict) -> Callable:
    """Losses of the rows, their weights, outputs and gradients of an update on a batch."""
    noise = Noise(3, tf.constant(5))
    return lambda: (update.loss(batch, noise), gradients(update, batch, noise)[0])


def assert_no_variable_is_held_back_by_the_host(own: Session) -> None:
    """TensorFlow keeps int32 and uint32 variables in the host's memory; XLA on a GPU refuses a program of such.

    The seeds of layers, which are such, are variables of the parts, and the engine's programs do not touch them.
    """
    kinds = {name: tf.as_dtype(v.dtype) for name, v in own.state._all().items() if not name.startswith("part/")}
    assert kinds and not [name for name, kind in kinds.items() if kind in (tf.int32, tf.uint32)]


@pytest.mark.one_of_each_family
@pytest.mark.parametrize("mode", [pytest.param(GRAPH, marks=pytest.mark.slow, id="graph"), pytest.param(XLA, id="xla")])
def test_law(app: App, mode: bool) -> None:
    """Under XLA a function is traced as for a graph, so that the graph alone is a slow test."""
    small = session(app, execution="eager", l2=1e-3, **without_noise(app))
    assert_no_variable_is_held_back_by_the_host(small)
    for update in {u.name: u for u in small.updates}.values():
        assert_same(all_of(update, batch_of(small.data.train)), (mode,))


@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "mixed_float16"])
@pytest.mark.parametrize("optimizer", optimizer_classes())
def test_the_host_holds_back_no_variable_of_any_optimizer(optimizer: str, precision: str) -> None:
    """What the state leaves out of an optimizer's variables is not changed by steps either."""
    given = {"data": "line", "optimizer": optimizer, "optimizer_settings": {}, "precision": precision, "epochs": 1}
    small = session(load_app("linear_regression"), execution="eager", **given)
    assert_no_variable_is_held_back_by_the_host(small)
    own, kept = small.optimizers["model"], {id(variable) for variable in small.state._all().values()}
    left_out = [variable for variable in own.variables if id(variable) not in kept]
    before = [variable.numpy() for variable in left_out]
    run_epochs(small, 1)
    assert int(own.iterations.numpy()) == 3
    np.testing.assert_array_equal([variable.numpy() for variable in left_out], before)


def test_noise_is_the_same_in_every_mode() -> None:
    assert_same(lambda: (Noise(1, 2).normal("z", [64]), Noise(1, 2).uniform("u", [64])))


def test_noise_is_the_same_where_only_the_run_knows_the_step() -> None:
    """What is constant may be computed before XLA sees it, so that the test above alone would prove nothing."""

    def noise(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return Noise(1, step).normal("z", [5, 13]), Noise(1, step).uniform("u", [5, 13])

    eager = noise(tf.constant(2_000_000_000))
    for jit in (False, True):
        got = tf.function(noise, jit_compile=jit, autograph=False)(tf.constant(2_000_000_000))
        np.testing.assert_allclose(got[0], eager[0], atol=1e-5)
        np.testing.assert_array_equal(got[1], eager[1])


def test_noise_differs_by_seed_step_and_name() -> None:
    draws = [Noise(1, 2).normal("z", [8]), Noise(2, 2).normal("z", [8]), Noise(1, 3).normal("z", [8])]
    draws.append(Noise(1, 2).normal("y", [8]))
    assert len({tuple(draw.numpy().tolist()) for draw in draws}) == 4


def test_a_counter_that_the_host_would_hold_back_is_caught() -> None:
    small = session(load_app("mlp"), execution="eager", precision="mixed_float16")
    assert_no_variable_is_held_back_by_the_host(small)
    small.state._bad_step = tf.Variable(-1)
    with pytest.raises(AssertionError):
        assert_no_variable_is_held_back_by_the_host(small)


def test_a_loss_that_depends_on_the_mode_is_caught() -> None:
    small = session(load_app("softmax_regression"), execution="eager")
    update, batch = small.updates[0], batch_of(small.data.train)

    def faulty() -> tuple:
        factor = 1.0 if tf.executing_eagerly() else 1.001
        return (update.loss(batch, Noise(0, 0)).outputs * factor,)

    with pytest.raises(AssertionError):
        assert_same(faulty)
