"""Mixed precision: what computes in which type, loss scaling against Keras's own; averages of the weights."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from conformance.harness import batch_of

import kerasapps
from kerasapps.app import load_app
from kerasapps.data.rows import open_rows
from kerasapps.engine.loss_scale import GROWTH_STEPS, INITIAL, LossScale
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.errors import TrainingError
from kerasapps.runs.config import resolve
from kerasapps.training import train
from kerasapps.training.prepare import open_session

SMALL = {"data": "digits", "rows": 70, "epochs": 2, "execution": "eager", "seed": 3, "global_batch_size": 32}
CNN = {"filters": (4,), "dense_units": 8, "dropout": 0.0}


def session(app: str = "softmax_regression", **changes: object) -> Session:
    """A small session in memory."""
    loaded = load_app(app)
    return open_session(loaded, *resolve(loaded, {**SMALL, **changes}))


def epochs(own: Session, number: int) -> np.ndarray:
    """Metrics [epochs, metrics], a call an epoch."""
    return np.concatenate([own.program.run(Segment(e, 0, 1, own.program.full, 1, 1)) for e in range(number)])


@pytest.mark.parametrize(("precision", "kind"), [("mixed_bfloat16", tf.bfloat16), ("mixed_float16", tf.float16)])
def test_layers_compute_in_half_and_weights_and_outputs_are_float32(precision: str, kind: tf.DType) -> None:
    own = session("cnn", precision=precision, **CNN)
    model = own.parts["model"]
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    assert model.get_layer("conv_1").compute_dtype == kind.name
    assert model.get_layer("outputs").compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
    half, whole = epochs(own, 2), epochs(session("cnn", **CNN), 2)
    np.testing.assert_allclose(half[:, 0], whole[:, 0], rtol=0.02)
    assert not np.array_equal(half, whole)


@pytest.mark.parametrize("app", ["mlp", "resnet"])
@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_every_builder_takes_it(app: str, builder: str) -> None:
    changes = {"width": 2, "stem_strides": 1} if app == "resnet" else {"hidden": (8,)}
    own = session(app, builder=builder, precision="mixed_bfloat16", **changes)
    assert own.parts["model"](own.data.preprocess.layout.given(own.data.validation["inputs"])[:2]).dtype == tf.float32
    assert np.isfinite(epochs(own, 1)).all()


def test_a_loaded_run_computes_as_it_was_trained(tmp_path: Path) -> None:
    given = {**SMALL, **CNN, "precision": "mixed_bfloat16", "run_dir": str(tmp_path / "run")}
    run = train.train("cnn", **given)
    assert run.record["precision"] == "mixed_bfloat16"
    loaded = kerasapps.load(run.directory)
    assert loaded.model.get_layer("conv_1").compute_dtype == "bfloat16"
    assert loaded.evaluate()["loss"] == pytest.approx(run.record["test"]["loss"], rel=1e-6)


def test_a_run_with_loss_scaling_and_averages_is_resumed_with_the_same_bits(tmp_path: Path) -> None:
    given = {**SMALL, "hidden": (8,), "precision": "mixed_float16", "ema_momentum": 0.9}
    whole = train.train("mlp", **given, run_dir=str(tmp_path / "whole"))
    train.train("mlp", **given, run_dir=str(tmp_path / "stopped"), stop_at_epoch=1)
    resumed = train.resume(tmp_path / "stopped")
    assert resumed.record["history"] == whole.record["history"]
    for one, other in zip(whole.model.variables, resumed.model.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def _scaled_steps(gradients: list[list[float]], growth_steps: int) -> tuple[list, list]:
    """Weights and scale after each gradient, by Keras's optimizer and by ours."""
    variables = [keras.Variable([1.0, -2.0]) for _ in range(2)]
    inner = [keras.optimizers.SGD(0.1, momentum=0.9) for _ in range(2)]
    kerass = keras.optimizers.LossScaleOptimizer(inner[0], INITIAL, growth_steps)
    kerass.build([variables[0]])
    inner[1].build([variables[1]])
    own, steps = LossScale(1), ([], [])
    for gradient in gradients:
        kerass.apply([tf.constant(gradient) * kerass.dynamic_scale.value], [variables[0]])
        own.apply(inner[1], [tf.constant(gradient) * own.scale], [variables[1]])
        for kept, variable, scale in zip(steps, variables, (kerass.dynamic_scale, own.scale), strict=True):
            kept.append([*np.asarray(variable), float(scale)])
    return steps


def test_loss_scaling_is_keras_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerasapps.engine.loss_scale.GROWTH_STEPS", 3)
    good, bad = [0.5, -1.0], [np.inf, 1.0]
    kerass, own = _scaled_steps([good, good, bad, good, good, good, bad, bad, good], 3)
    np.testing.assert_allclose(own, kerass, rtol=1e-6)
    assert GROWTH_STEPS == 2000


@pytest.mark.parametrize("execution", ["eager", pytest.param("step", marks=pytest.mark.slow)])
def test_loss_scaling_on_several_devices(execution: str) -> None:
    given = {"precision": "mixed_float16", "hidden": (8,), "execution": execution}
    one, several = (epochs(session("mlp", **given, **devices), 1) for devices in ({}, {"devices": 2}))
    np.testing.assert_allclose(several, one, rtol=2e-3)


def test_a_full_batch_loses_no_step_to_its_own_size() -> None:
    """Gradients are sums over rows, which float16 could not hold times the first scale."""
    own = session("mlp", hidden=(64,), precision="mixed_float16", rows=None, global_batch_size=2000)
    before = own.state.arrays()
    own.program.run(Segment(0, 0, 1, 1, 0, 0))
    assert float(own.loss_scale.scale) == INITIAL
    assert not np.array_equal(own.state.arrays()["part/model/000"], before["part/model/000"])


def test_of_a_loss_of_every_token_the_mean_is_scaled() -> None:
    app = load_app("toys.tagger")
    own = session(app.name, **{**app.tiny, "data": app.default_data, "precision": "mixed_float16"})
    weights = own.task.weights(batch_of(own.data.train, own.batch_size))
    assert weights.shape[0] == own.batch_size and weights.shape[1] > 1
    assert float(own.loss_scale.factor()) == INITIAL / 2 ** round(np.log2(np.size(weights)))


def test_a_step_that_overflows_changes_nothing_but_the_scale() -> None:
    own = session("mlp", hidden=(8,), precision="mixed_float16")
    own.loss_scale.scale.assign(2.0**60)
    before = own.state.arrays()
    own.program.run(Segment(0, 0, 1, 1, 0, 0))
    changed = {name for name, values in own.state.arrays().items() if not np.array_equal(values, before[name])}
    assert changed == {"engine/sums", "loss_scale/scale"}
    assert float(own.loss_scale.scale) == 2.0**59


@pytest.mark.parametrize("changes", [{}, {"devices": 2}, pytest.param({"execution": "loop"}, marks=pytest.mark.slow)])
def test_averages_are_those_of_keras(changes: dict) -> None:
    """keras.optimizers' use_ema on the same steps; then they are what is evaluated and kept, and training goes on."""
    plain, averaged = session(), session(ema_momentum=0.8, **changes)
    optimizer = keras.optimizers.SGD(0.0, use_ema=True, ema_momentum=0.8)
    weights = [keras.Variable(variable) for variable in plain.parts["model"].trainable_variables]
    optimizer.build(weights)
    for step in range(plain.program.steps):
        last = step == plain.program.full
        plain.program.run(Segment(0, step, 1, int(not last), int(last), int(last)))
        for weight, variable in zip(weights, plain.parts["model"].trainable_variables, strict=True):
            weight.assign(variable)
        optimizer.apply([tf.zeros(weight.shape) for weight in weights], weights)
    history = averaged.program.run(Segment(0, 0, 1, averaged.program.full, 1, 1))
    for one, other in zip(plain.parts["model"].variables, averaged.parts["model"].variables, strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-6)
    averaged.state.take_best()
    for average, kept in zip(
        optimizer._model_variables_moving_average, averaged.parts["model"].trainable_variables, strict=True
    ):
        np.testing.assert_allclose(kept, average, rtol=0, atol=1e-6)
    labels = averaged.data.validation["labels"]
    logits = averaged.task.outputs(averaged.data.validation["inputs"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert history[0, averaged.metrics.index("val_loss")] == pytest.approx(float(loss), rel=1e-5)


def test_an_answer_that_half_precision_cannot_hold_fails_the_run(tmp_path: Path) -> None:
    rows = [f"{x},{2 * x}" for x in range(60)]
    rows[7] = "1e9,3"
    (tmp_path / "outlier.csv").write_text("x,y\n" + "\n".join(rows))
    given = {"data": str(tmp_path / "outlier.csv"), "hidden": (4,), "epochs": 1, "execution": "eager"}
    for split_seed in range(20):  # one that puts the outlier into the test rows
        options, _ = resolve(load_app("mlp"), {**given, "split_seed": split_seed})
        if 7 in open_rows(options)["test"].rows:
            break
    with pytest.raises(TrainingError, match="of the test rows are not finite.*mixed_float16"):
        kerasapps.train("mlp", **given, split_seed=split_seed, precision="mixed_float16", run_dir=str(tmp_path / "run"))
    assert kerasapps.load(tmp_path / "run").record["status"] == "failed"
