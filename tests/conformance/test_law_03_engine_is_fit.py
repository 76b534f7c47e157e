"""Law 3: the engine's history is that of keras.Model.fit fed the same rows in the same order.

fit has Keras's own loss where one model answers; where there are several, or labels with weights, a train_step of the
app's losses.
Asked eagerly of one app of each family in every run; slow tests ask it of all others, and of every app in its default
plan. One app is asked in all five plans.
"""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import BATCH, SHORT, run_epochs, session, without_noise

from kerasapps.app import App, Parts, load_app
from kerasapps.data.pipeline import number_of_rows
from kerasapps.engine.optimizer import make_optimizer
from kerasapps.engine.parts import build_parts
from kerasapps.engine.session import Session
from kerasapps.noise import Noise
from kerasapps.tasks.supervised import Supervised

LAW = "engine = keras.Model.fit"
EPOCHS = 2


def keras_loss(layout: Any, model: keras.Model) -> keras.losses.Loss:
    """Keras's own loss for what the model answers."""
    if layout.target.kind == "reals":
        return keras.losses.MeanSquaredError()
    if model.output_shape[-1] == 1:
        return keras.losses.BinaryCrossentropy(from_logits=True)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def with_whole_gradients(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Of an embedding Keras would square the slices of each occurrence of a word, and not their sum, the gradient."""
    apply = optimizer.apply
    optimizer.apply = lambda slices, variables: apply([tf.convert_to_tensor(s) for s in slices], variables)
    return optimizer


class Cycle(keras.Model):
    """Several models and their losses, trained by a train_step of one's own, as Keras's guides have it."""

    def __init__(self, app: App, own: Session, parts: Parts) -> None:
        super().__init__()
        task = app.task(parts, own.hparams, own.data.preprocess.layout)
        self.updates, self.seed = task.updates(), own.options.seed
        self.optimizers = {
            u.name: with_whole_gradients(
                make_optimizer(own.hparams, own.program.steps * self.updates.count(u), u.settings)
            )
            for u in self.updates
        }
        self.mean, self.cycles = keras.metrics.Mean("loss"), 0

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        """One batch: each update's mean loss and the step of its optimizer."""
        batch = dict(zip(("inputs", "labels", "weights"), data, strict=True))
        for position, update in enumerate(self.updates):
            noise = Noise(self.seed, self.cycles * len(self.updates) + position)
            with tf.GradientTape() as tape:
                values, weights, _ = update.loss(batch, noise)
                number = tf.reduce_sum(weights)
                loss = tf.reduce_sum(values * weights) / number + update.penalties()
            self.optimizers[update.name].apply(tape.gradient(loss, update.variables), update.variables)
            if update.name == self.updates[0].name:
                self.mean.update_state(loss, number)
        self.cycles += 1
        return {"loss": self.mean.result()}


def fit_history(app: App, own: Session, keep_tail: bool = True) -> list[float]:
    """Losses per epoch of fit, on the order of (seed, epoch): of several updates the first one's."""
    layout = own.data.preprocess.layout
    parts = build_parts(app, "functional", own.hparams, layout, own.options.seed)
    rows = number_of_rows(own.data.train)
    labels, losses = own.data.train.get("labels", np.zeros(rows)), []
    if isinstance(own.task, Supervised) and layout.target.kind != "tokens":
        model, given = parts["model"], (layout.given(own.data.train["inputs"]), labels)
        optimizer = with_whole_gradients(make_optimizer(own.hparams, own.program.steps))
        model.compile(optimizer, keras_loss(layout, model), run_eagerly=True)
    else:
        ones = np.ones(rows, np.float32)
        model, given = Cycle(app, own, parts), (own.data.train["inputs"], labels, ones)
        model.compile(run_eagerly=True)
    for epoch in range(EPOCHS):
        order = own.data.order(BATCH, own.options.seed, epoch)
        ordered = tf.nest.map_structure(lambda values: tf.gather(values, order), given)  # noqa: B023
        batches = tf.data.Dataset.from_tensor_slices(ordered).batch(BATCH, drop_remainder=not keep_tail)
        losses += model.fit(batches, shuffle=False, verbose=0).history["loss"]
    return losses


def assert_same(engine: np.ndarray, fit: list[float]) -> None:
    """The law itself."""
    np.testing.assert_allclose(engine, fit, rtol=1e-5)


def small(app: App, execution: str) -> Session:
    return session(app, execution=execution, epochs=EPOCHS, l2=1e-3, **SHORT, **without_noise(app))


@pytest.mark.one_of_each_family
@pytest.mark.parametrize("execution", ["eager", pytest.param("auto", marks=pytest.mark.slow)])
def test_law(app: App, execution: str) -> None:
    own = small(app, execution)
    assert own.program.tail_rows not in (0, BATCH)
    assert_same(run_epochs(own, EPOCHS)[:, 0], fit_history(app, own))


@pytest.mark.parametrize(
    "plans", [("loop", "graph"), pytest.param(("step", "halves", "graph"), marks=pytest.mark.slow)]
)
def test_every_plan_is_the_same(plans: tuple) -> None:
    app = load_app("linear_regression")
    eager, *others = (run_epochs(small(app, plan), EPOCHS) for plan in ("eager", *plans))
    for other in others:
        np.testing.assert_allclose(other, eager, rtol=1e-5)


def test_halves_of_a_batch_have_the_noise_of_the_whole() -> None:
    """Of batches of an odd number of rows, too: the last one has five."""
    eager, halves = (
        run_epochs(session(load_app("mlp"), execution=execution, rows=69, dropout=0.5), EPOCHS)
        for execution in ("eager", "halves")
    )
    np.testing.assert_allclose(halves, eager, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rnn", "gan"])
def test_halves_of_recurrent_layers_and_of_several_updates_are_the_whole(name: str) -> None:
    given = {"rows": 69, "optimizer": "sgd", "optimizer_settings": {}, "schedule": "constant"}
    eager, halves = (
        run_epochs(session(load_app(name), execution=execution, **given), 1) for execution in ("eager", "halves")
    )
    np.testing.assert_allclose(halves, eager, rtol=1e-4)


def test_a_dropped_tail_is_caught() -> None:
    app = load_app("softmax_regression")
    own = small(app, "eager")
    engine = run_epochs(own, EPOCHS)[:, 0]
    with pytest.raises(AssertionError):
        assert_same(engine, fit_history(app, own, keep_tail=False))
