"""Law 4: several devices and several workers train as one does, noise included, on sizes that do not divide.

Every run asks it of the gradients of one app of each family, on three devices, eagerly, and of the smallest app as a
whole, on two devices and on two workers. Slow tests ask it as a whole of every app: on two and three devices, on two
workers of one and of two devices, with its own optimizer, of compiled programs.
"""

from pathlib import Path

import cluster
import numpy as np
import pytest
import tensorflow as tf
from harness import SHORT, batch_of, label, run_epochs, session

from kerasapps.app import App, Batch, Update, load_app
from kerasapps.distribute import replicas as strategy
from kerasapps.engine import compiler, plan
from kerasapps.engine.evaluation import Evaluation
from kerasapps.engine.parts import synchronizes
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.engine.step import Division, gradients
from kerasapps.layers import batch_normalization
from kerasapps.noise import Noise

LAW = "1 device = several devices"
DEVICES = (2, 3)
PLAIN = {"optimizer": "sgd", "optimizer_settings": {}, "schedule": "constant", "learning_rate": 0.01, "seed": 1}
"""With seed 0 one value in resnet lies 7e-7 from the bend of a ReLU, where rounding moves gradients by 1e-2."""


def assert_same_gradients(one: Session, several: Session) -> None:
    """Gradients and metrics' sums of eight rows agree to 1e-5 of their largest element.

    `one` may be `several` itself: its weights are the same on every device, and the host has one of their copies.
    """
    batch = batch_of(one.data.train)
    pairs = zip(totals_of(one, strategy.ONE_DEVICE, batch), totals_of(several, several.replicas, batch), strict=True)
    for expected, got in pairs:
        assert_close(expected, got)


def assert_close(expected: np.ndarray, got: np.ndarray) -> None:
    """To 1e-5 of the largest element."""
    scale = max(float(np.max(np.abs(expected))), 1e-3)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * scale)


def totals_of(own: Session, replicas: strategy.Replicas, batch: Batch) -> list[tf.Tensor]:
    """Gradients and metrics' sums of every update."""
    function, division = compiler.Compiler(own.plan).gradients, Division(replicas, layout=own.task.layout)
    noise = Noise(3, tf.constant(5))
    return [x for update in own.updates for x in tf.nest.flatten(division.totals(function, update, batch, noise))]


def one_step(own: Session) -> list[np.ndarray]:
    """The weights after the first batch."""
    own.program.run(Segment(0, 0, epochs=1, full=1, tail=0, ends=0))
    return [np.asarray(variable) for part in own.parts.values() for variable in part.trainable_variables]


def assert_obeys(app: App, execution: str, devices: int) -> None:
    """The law itself: gradients, one step of SGD, the rest of an epoch with a batch that does not divide."""
    given = {**PLAIN, **SHORT, "execution": execution, "l2": 1e-3}
    one, several = session(app, **given), session(app, **given, devices=devices)
    assert several.replicas.number == devices and one.replicas.number == 1
    assert_same_gradients(one, several)
    for expected, got in zip(one_step(one), one_step(several), strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * max(np.max(np.abs(expected)), 1.0))
    rest = Segment(0, 1, epochs=1, full=one.program.full - 1, tail=1, ends=1)
    np.testing.assert_allclose(several.program.run(rest), one.program.run(rest), rtol=1e-3)


def assert_trains_alike(app: App, execution: str, devices: int) -> None:
    """The metrics of an epoch with the app's own optimizer."""
    one, several = session(app, execution=execution), session(app, execution=execution, devices=devices)
    np.testing.assert_allclose(run_epochs(several, 1), run_epochs(one, 1), rtol=1e-3)


@pytest.mark.one_of_each_family
def test_gradients_on_three_devices(app: App) -> None:
    several = session(app, **PLAIN, **SHORT, execution="eager", l2=1e-3, devices=3)
    assert several.replicas.number == 3
    assert_same_gradients(several, several)


@pytest.mark.slow
@pytest.mark.parametrize("devices", DEVICES)
def test_law(app: App, devices: int) -> None:
    assert_obeys(app, "eager", devices)


@pytest.mark.slow
@pytest.mark.parametrize("devices", DEVICES)
def test_law_with_the_optimizer_of_the_app(app: App, devices: int) -> None:
    assert_trains_alike(app, "eager", devices)


@pytest.mark.parametrize(
    "execution", ["eager", *(pytest.param(plan, marks=pytest.mark.slow) for plan in ("graph", "step"))]
)
def test_law_on_two_devices_of_the_smallest_app(execution: str) -> None:
    assert_obeys(load_app("linear_regression"), execution, 2)
    assert_trains_alike(load_app("linear_regression"), execution, 2)


@pytest.mark.slow
@pytest.mark.parametrize("devices", DEVICES)
def test_law_on_compiled_programs(app: App, devices: int) -> None:
    replicas = strategy.open_replicas("mirrored", devices)
    reduces = synchronizes(session(app, execution="eager").parts)
    plans = plan.refusals(plan.Conditions(replicas=replicas, synchronizes=reduces))
    for execution in {"graph", "step"} - plans.keys():
        assert_obeys(app, execution, devices)
        assert_trains_alike(app, execution, devices)


@pytest.mark.parametrize("name", ["softmax_regression", "vae"])
def test_law_of_what_is_reported(name: str) -> None:
    assert_evaluates_alike(load_app(name), 3)


@pytest.mark.slow
def test_law_of_what_is_reported_of_all(app: App) -> None:
    assert_evaluates_alike(app, 3)


def evaluated(own: Session) -> np.ndarray:
    """Metrics and scores of the validation rows, [metrics]."""
    return np.array(list(Evaluation(own.task, own.replicas).of(own.data.validation).values()))


def assert_evaluates_alike(app: App, devices: int) -> None:
    """The law for what is reported of a split, of new weights; the last batch does not divide."""
    given = {**SHORT, "execution": "eager"}
    one, several = session(app, **given), session(app, **given, devices=devices)
    np.testing.assert_allclose(evaluated(several), evaluated(one), rtol=1e-5, atol=1e-6)


def epoch_of(own: Session) -> list[np.ndarray]:
    """Gradients and metrics' sums, what is reported, the weights after a step, and last the metrics of the epoch."""
    batch = batch_of(own.data.train or own.data.validation)
    found = [*(np.asarray(x) for x in totals_of(own, own.replicas, batch)), evaluated(own)]
    rest = Segment(0, 1, epochs=1, full=own.program.full - 1, tail=1, ends=1)
    return [*found, *one_step(own), own.program.run(rest)]


def assert_obeys_on_workers(apps: list[App], folder: Path, **changes: object) -> None:
    """The law for two workers, `devices` of each; what they compute is equal bit for bit."""
    given = {**PLAIN, **SHORT, "execution": "graph", "l2": 1e-3, **changes}
    group = cluster.start(2, cluster.measure, list(map(label, apps)), given, str(folder), log=folder / "logs")
    assert cluster.finish(group) == [0, 0], (folder / "logs" / "1").read_text()
    for app in apps:
        *expected, metrics = epoch_of(session(app, **{**given, "devices": None}))
        with np.load(folder / f"{label(app)}-0.npz") as chief, np.load(folder / f"{label(app)}-1.npz") as other:
            *found, own_metrics = chief.values()
            for value, own in zip(expected, found, strict=True):
                assert_close(value, own)
            np.testing.assert_allclose(own_metrics, metrics, rtol=1e-3)
            for name in chief:
                np.testing.assert_array_equal(chief[name], other[name])


def test_law_on_two_workers_of_the_smallest_app(tmp_path: Path) -> None:
    assert_obeys_on_workers([load_app("linear_regression")], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("devices", [1, 2])
def test_law_on_two_workers(app: App, devices: int, tmp_path: Path) -> None:
    assert_obeys_on_workers([app], tmp_path, devices=devices)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cnn", "translation"])
def test_law_on_two_workers_that_read_their_own_rows(name: str, tmp_path: Path) -> None:
    """translation cuts its batches to the longest row, whoever reads it."""
    assert_obeys_on_workers([load_app(name)], tmp_path, devices=2, pipeline="streaming")


def test_noise_that_is_the_same_on_every_device_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Noise, "_integers", Noise._philox)
    with pytest.raises(AssertionError):
        assert_obeys(load_app("cnn"), "eager", 2)


def test_statistics_of_each_device_alone_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_normalization, "_over_replicas", lambda total: total)
    with pytest.raises(AssertionError):
        assert_obeys(load_app("resnet"), "eager", 2)


def test_rows_of_padding_that_count_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_count(update: Update, batch: Batch, noise: Noise, loss_scale: None) -> tuple:
        return gradients(update, {**batch, "weights": tf.ones_like(batch["weights"])}, noise)

    monkeypatch.setattr(compiler, "gradients", all_count)
    with pytest.raises(AssertionError):
        assert_obeys(load_app("softmax_regression"), "eager", 3)
