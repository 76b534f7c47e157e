"""Replicas: what is refused before training, what the record says, resume; and accumulation of micro-batches."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from conformance.harness import batch_of

from kerasapps.app import load_app
from kerasapps.distribute.replicas import Replicas
from kerasapps.engine import plan
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.engine.step import Division, gradients
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise
from kerasapps.runs.config import resolve
from kerasapps.training import train
from kerasapps.training.prepare import open_session

SMALL = {"data": "iris", "rows": 50, "global_batch_size": 12, "epochs": 2, "execution": "eager", "seed": 3}


def session(app: str = "softmax_regression", **changes: object) -> Session:
    """A small session in memory."""
    loaded = load_app(app)
    return open_session(loaded, *resolve(loaded, {**SMALL, **changes}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"devices": 100}, ["devices=100", "TensorFlow runs in this process already"]),
        ({"strategy": "one_device", "devices": 2}, ["one_device", "devices=2"]),
        ({"strategy": "mirrored"}, ["no GPU", "devices=N"]),
        ({"devices": 2, "global_batch_size": 1}, ["A batch of 1 rows", "2 devices"]),
        ({"devices": 2, "rows": 1}, ["A batch of 1 rows", "2 devices"]),
        ({"gradient_accumulation_steps": 5}, ["A batch of 12 rows", "gradient_accumulation_steps=5", "divisor"]),
        ({"devices": 2, "gradient_accumulation_steps": 12}, ["2 devices with 12 micro-batches", "at least 24"]),
        ({"devices": 2, "execution": "loop"}, ["execution=loop", "2 replicas", "step or graph"]),
        ({"require_xla": True, "execution": "graph"}, ["require_xla", "execution=graph"]),
    ],
)
def test_what_cannot_be_is_refused_before_training(changes: dict, words: list[str]) -> None:
    tf.constant(0)  # from here on TensorFlow's devices are what they are
    with pytest.raises(ConfigError) as refused:
        session(**changes)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("changes", [{"execution": "step"}, {"execution": "auto", "require_xla": True}])
def test_xla_round_a_reduction_between_replicas_is_refused(changes: dict) -> None:
    with pytest.raises(ConfigError, match="reduces between them in the forward pass"):
        session("resnet", data="digits", devices=2, width=2, depth=8, stem_strides=1, **changes)


def test_a_layer_without_reductions_may_have_xla_on_replicas() -> None:
    several = plan.Conditions(require_xla=True, replicas=Replicas("mirrored", 2))
    assert plan.refusals(several).keys() == {"loop", "halves", "graph", "eager"}
    synchronized = plan.Conditions(require_xla=True, synchronizes=True)
    assert plan.refusals(synchronized).keys() == {"halves", "graph", "eager"}
    assert plan.refusals(plan.Conditions(micro_batches=2)).keys() == {"halves"}
    assert plan.refusals(plan.Conditions()).keys() == set()


def test_the_record_says_where_it_ran(tmp_path: Path) -> None:
    run = train.train("softmax_regression", **SMALL, devices=2, run_dir=str(tmp_path / "run"))
    assert run.record["strategy"] == {"name": "mirrored", "replicas": 2, "workers": 1}
    assert not run.record["execution"]["xla"]


@pytest.mark.slow
def test_a_process_of_its_own_makes_the_devices_before_it_loads_the_run_to_start_from(tmp_path: Path) -> None:
    train.train("softmax_regression", **SMALL, run_dir=str(tmp_path / "first"))
    given = ["--data", "iris", "--rows", "50", "--epochs", "1", "--execution", "graph", "--devices", "2"]
    more = ["--from", str(tmp_path / "first"), "--run-dir", str(tmp_path / "second")]
    command = [sys.executable, "-m", "kerasapps", "train", "softmax_regression", "--no-report", *given, *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_resumed_run_on_replicas_ends_with_the_bits_of_one_that_was_not_stopped(tmp_path: Path) -> None:
    given = {**SMALL, "devices": 2}
    whole = train.train("softmax_regression", **given, run_dir=str(tmp_path / "whole"))
    train.train("softmax_regression", **given, run_dir=str(tmp_path / "stopped"), stop_at_epoch=1)
    resumed = train.resume(tmp_path / "stopped")
    assert resumed.record["history"] == whole.record["history"]
    for one, other in zip(whole.model.variables, resumed.model.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_on_replicas_starts_from_one_of_one_device(tmp_path: Path) -> None:
    first = train.train("softmax_regression", **SMALL, run_dir=str(tmp_path / "first"))
    still = {**SMALL, "learning_rate": 1e-30, "devices": 2, "from_run": str(first.directory)}
    second = train.train("softmax_regression", **still, run_dir=str(tmp_path / "second"))
    assert second.record["test"]["loss"] == pytest.approx(first.record["test"]["loss"], rel=1e-6)


@pytest.mark.parametrize(
    "clip",
    [
        *(pytest.param(clip, marks=pytest.mark.slow) for clip in ({}, {"clipnorm": 0.05}, {"clipvalue": 0.01})),
        {"global_clipnorm": 0.05},
    ],
)
@pytest.mark.parametrize("changes", [{"devices": 2}, {"gradient_accumulation_steps": 3}])
def test_clipping_is_of_the_whole_batch(clip: dict, changes: dict) -> None:
    settings = {"optimizer": "sgd", "optimizer_settings": clip, "learning_rate": 1.0}
    weights = []
    for own in (session(**settings), session(**settings, **changes)):
        own.program.run(Segment(0, 0, 1, 2, 0, 0))
        weights.append([np.asarray(variable) for variable in own.parts["model"].variables])
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-6)


def test_clipping_does_what_it_says() -> None:
    """From weights w a step of SGD with learning rate 1 and global_clipnorm c ends at the distance c."""
    own = session(optimizer="sgd", optimizer_settings={"global_clipnorm": 0.05}, learning_rate=1.0)
    before = [np.asarray(variable) for variable in own.parts["model"].variables]
    own.program.run(Segment(0, 0, 1, 1, 0, 0))
    moved = [np.asarray(v) - w for v, w in zip(own.parts["model"].variables, before, strict=True)]
    assert np.sqrt(sum(np.sum(m**2) for m in moved)) == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize("rows", [12, 10])
def test_micro_batches_make_one_batch(rows: int) -> None:
    """Noise included, also where they do not divide; 3 micro-batches of a model with dropout."""
    own = session("mlp", hidden=(8,), dropout=0.4, l2=1e-3)
    batch = batch_of(own.data.train, rows)
    noise, update = Noise(3, 5), own.updates[0]
    whole, parts = (Division(micro_batches=k).totals(gradients, update, batch, noise) for k in (1, 3))
    for expected, got in zip(tf.nest.flatten(whole), tf.nest.flatten(parts), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_micro_batches_of_padding_alone_do_no_harm_to_batch_normalization() -> None:
    """The last batch has one row, and so three of its four micro-batches none."""
    given = {"data": "digits", "rows": 33, "global_batch_size": 16, "width": 2, "depth": 8, "stem_strides": 1}
    own = session("resnet", **given, gradient_accumulation_steps=4, execution="eager")
    moving = [v for v in own.parts["model"].variables if v.name.startswith("moving")]
    own.program.run(Segment(0, 0, 1, 2, 0, 0))
    whole = own.program.run(Segment(0, 2, 1, 0, 1, 1))
    assert np.isfinite(whole).all()
    assert all(np.isfinite(np.asarray(v)).all() for v in moving)


@pytest.mark.parametrize("execution", ["graph", pytest.param("loop", marks=pytest.mark.slow)])
def test_micro_batches_in_a_compiled_program(execution: str) -> None:
    histories = []
    for changes in ({}, {"gradient_accumulation_steps": 4}):
        own = session(execution=execution, **changes)
        histories.append(own.program.run(Segment(0, 0, 2, own.program.full, 1, 1)))
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-5)
