"""Law 14: XLA lowers every step, and every end of an epoch, with static shapes, to what a TPU can run.

Asked of a few applications in every run, of all in slow tests. experiments/tpu.py has a TPU's own compiler compile it.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from harness import SHORT, session

from kerasapps.app import App, Loss, load_app
from kerasapps.distribute.replicas import Replicas
from kerasapps.engine.lowered import lowered, not_for_tpu
from kerasapps.engine.plan import Conditions, candidates, refusals
from kerasapps.errors import ConfigError
from kerasapps.tasks.plans import CONVOLUTIONS

LAW = "a TPU could run it"


def assert_obeys(app: App) -> None:
    """The law itself."""
    programs = lowered(session(app, execution="eager", **SHORT))
    assert len(programs) == 2
    for program in programs.values():
        hlo = program(stage="hlo")
        assert "ENTRY" in hlo and not_for_tpu(hlo) == []


@pytest.mark.slow
def test_law(app: App) -> None:
    assert_obeys(app)


@pytest.mark.parametrize("name", ["cnn", "rnn", "vae"])
def test_law_on_a_few(name: str) -> None:
    assert_obeys(load_app(name))


def of_shape_of_the_run(x: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.where(x > 0), tf.float32)


def of_128_bits(x: tf.Tensor) -> tf.Tensor:
    return tf.math.real(tf.signal.fft(tf.cast(x, tf.complex128)))


def lowered_with(planted: Callable) -> str:
    """HLO of a step of the smallest app, whose loss has the function of its values in it."""
    small = session(load_app("linear_regression"), execution="eager", **SHORT)
    update = small.updates[0]

    def loss(*given: object) -> Loss:
        own = update.loss(*given)
        return own._replace(values=own.values + 1e-9 * tf.reduce_sum(tf.cast(planted(own.values), tf.float32)))

    small.updates = [dataclasses.replace(update, loss=loss)]
    return lowered(small)["step"](stage="hlo")


@pytest.mark.parametrize(
    ("planted", "said"), [(of_shape_of_the_run, "only the run knows"), (of_128_bits, "complex128")]
)
def test_what_a_tpu_cannot_run_is_caught(planted: Callable, said: str) -> None:
    assert any(said in one for one in not_for_tpu(lowered_with(planted)))


def test_what_xla_has_no_operation_for_is_named() -> None:
    with pytest.raises(ValueError, match="PyFunc"):
        lowered_with(lambda values: tf.numpy_function(np.sin, [values], tf.float32))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("  ROOT %add.1 = f32[4,2]{1,0} add(%a, %b)", []),
        ("  %call.3 = (f32[4]{0}, s32[]) custom-call(%a)", ["call.3: custom-call"]),
        ("  %out.3 = token[] outfeed(%a, %t)", ["out.3: outfeed"]),
        ("  %w.1 = s64[<=4,1]{1,0} slice(%a)", ["w.1: slice of shape s64[<=4,1]{1,0}"]),
        ("  %f.1 = c128[4]{0} fft(%a), fft_type=FFT", ["f.1: fft of complex128"]),
    ],
)
def test_instructions_are_told_apart(line: str, found: list[str]) -> None:
    told = not_for_tpu(line)
    assert len(told) == len(found) and all(one.startswith(start) for one, start in zip(told, found, strict=True))


@pytest.mark.parametrize("require_xla", [False, True])
def test_a_tpu_compiles_what_replicas_run_by_itself(require_xla: bool) -> None:
    conditions = Conditions(replicas=Replicas("tpu", 8), require_xla=require_xla)
    assert candidates("auto", CONVOLUTIONS, conditions) == ["graph"]
    assert refusals(conditions).keys() == {"loop", "step", "halves", "eager"}
    with pytest.raises(ConfigError, match="strategy=tpu: TensorFlow compiles for the TPU .* Use execution=graph"):
        candidates("step", CONVOLUTIONS, conditions)
