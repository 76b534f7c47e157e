"""Calls: however training is cut into them, every row is met once an epoch and the bits are the same."""

import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from kerasapps.app import load_app
from kerasapps.engine.loop import _check_finite, _interruptible
from kerasapps.engine.segments import Limits, Pace, Progress, Segment, next_segment
from kerasapps.errors import TrainingError
from kerasapps.runs.config import resolve
from kerasapps.training.prepare import open_session


def walk(program: SimpleNamespace, limits: Limits, steps: list[int]) -> list[Segment]:
    """All segments of a training whose calls ask for these numbers of steps in turn."""
    at, segments = Progress(), []
    while at.epoch < limits.last_epoch:
        segment = next_segment(at, program, limits, steps[len(segments) % len(steps)])
        segments.append(segment)
        at.move(segment, {})
    return segments


def batches(program: SimpleNamespace, segments: list[Segment]) -> list[tuple[int, int]]:
    """(epoch, batch) in the order in which they are met; the partial batch is number `full`."""
    met = []
    for s in segments:
        for epoch in range(s.epoch, s.epoch + s.epochs):
            met += [(epoch, s.cycle + i) for i in range(s.full)] + [(epoch, program.full)] * s.tail
    return met


@pytest.mark.parametrize("full, tail_rows", [(1, 0), (3, 5), (40, 0), (41, 7), (0, 4)])
@pytest.mark.parametrize("every_steps", [0, 1, 4, 50])
@pytest.mark.parametrize("steps", [[1], [2, 7, 30], [1000]])
def test_every_batch_is_met_once_and_in_order(full: int, tail_rows: int, every_steps: int, steps: list) -> None:
    a_epoch = full + (tail_rows > 0)
    program = SimpleNamespace(
        full=full, tail_rows=tail_rows, steps=a_epoch, cycles_a_call=min(full, 16), epochs_a_call=3
    )
    limits = Limits(last_epoch=5, every_epoch=False, every_steps=every_steps)
    segments = walk(program, limits, steps)
    assert batches(program, segments) == [(e, b) for e in range(5) for b in range(a_epoch)]
    if every_steps:
        done = np.cumsum([s.epochs * (s.full + s.tail) for s in segments])
        assert set(range(every_steps, 5 * a_epoch + 1, every_steps)) <= set(done.tolist())


def test_calls_end_with_every_epoch_where_listeners_need_it() -> None:
    program = SimpleNamespace(full=2, tail_rows=0, steps=2, cycles_a_call=2, epochs_a_call=100)
    segments = walk(program, Limits(6, every_epoch=True, every_steps=0), [1000])
    assert [s.epochs for s in segments] == [1] * 6


def test_calls_end_after_epochs_that_are_asked_for_and_nothing_else_cuts_them() -> None:
    program = SimpleNamespace(full=2, tail_rows=0, steps=2, cycles_a_call=2, epochs_a_call=100)
    limits = Limits(20, every_epoch=False, every_steps=0, epochs=(3, 7, 25))
    assert [s.epochs for s in walk(program, limits, [1000])] == [3, 4, 13]
    assert [s.epochs for s in walk(program, limits, [8])] == [3, 4, 4, 4, 4, 1]


def test_the_same_bits_however_it_is_cut() -> None:
    app = load_app("linear_regression")
    options, hparams = resolve(app, {"rows": 50, "epochs": 4, "global_batch_size": 16})
    session = open_session(app, options, hparams)
    start = session.state.arrays()
    session.program.run(Segment(0, 0, 4, 3, 1, 1))
    whole = session.state.arrays()
    session.state.restore(start)
    for epoch in range(4):
        session.program.run(Segment(epoch, 0, 1, 1, 0, 0))
        session.program.run(Segment(epoch, 1, 1, 2, 1, 1))
    for name, values in session.state.arrays().items():
        np.testing.assert_array_equal(values, whole[name], err_msg=name)
    assert not np.array_equal(whole["part/model/000"], start["part/model/000"])


def test_adafactor_goes_on_with_a_state_of_an_earlier_version() -> None:
    """It held the placeholders that Keras's Adafactor has in place of moments of biases, too."""
    given = {"data": "line", "optimizer": "adafactor", "optimizer_settings": {}, "execution": "eager"}
    own, again = (open_session(app, *resolve(app, given)) for app in [load_app("linear_regression")] * 2)
    own.program.run(Segment(0, 0, 1, own.program.full, 1, 1))
    variables, state = own.optimizers["model"].variables, own.state.arrays()
    placeholders = [f"optimizer/model/{i:03d}" for i, variable in enumerate(variables) if variable.dtype == "int32"]
    assert len(placeholders) == 2 and not state.keys() & set(placeholders)
    again.state.restore(state | dict.fromkeys(placeholders, np.array(0, np.int32)))
    for session in (own, again):
        session.program.run(Segment(1, 0, 1, session.program.full, 1, 1))
    for name, values in own.state.arrays().items():
        np.testing.assert_array_equal(again.state.arrays()[name], values, err_msg=name)


def test_a_call_evaluates_only_where_an_epoch_ends_and_is_compiled_only_once() -> None:
    """XLA takes what does not change in a loop out of it, also where the loop makes no turn; and compiles constants."""
    app = load_app("mlp")
    given = {"data": "mnist_5k", "hidden": (2048,), "rows": 32, "global_batch_size": 32, "execution": "loop"}
    session = open_session(app, *resolve(app, given))

    def seconds(epoch: int, ends: int) -> float:
        started = time.process_time()
        session.program.run(Segment(epoch, 0, 1, 0, 0, ends))
        return time.process_time() - started

    evaluating = min(seconds(0, 1) for _ in range(5))
    assert min(seconds(0, 0) for _ in range(5)) < 0.5 * evaluating
    assert min(seconds(epoch, 1) for epoch in range(1, 6)) < 5 * evaluating


def test_what_is_not_finite_is_named_with_epoch_and_step() -> None:
    finite, diverged = (SimpleNamespace(bad=bad, metrics=["loss", "val_loss"]) for bad in ((-1, "loss"), (9, "mae")))
    rows = np.array([[1.0, 2.0], [1.0, np.inf]])
    with pytest.raises(TrainingError, match="mae is not finite in epoch 3, step 10"):
        _check_finite(Progress(), diverged, rows[:1], 4)
    with pytest.raises(TrainingError, match="val_loss is not finite after epoch 7, step 28"):
        _check_finite(Progress(epoch=5), finite, rows, 4)
    _check_finite(Progress(), finite, rows[:1], 4)


@pytest.fixture
def _ctrl_c_as_python_has_it() -> Iterator[None]:
    """Processes that were started in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_as_python_has_it")
def test_a_second_ctrl_c_is_not_held_back_but_a_second_sigterm_is() -> None:
    with _interruptible() as interrupted:
        assert not interrupted()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert interrupted()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with _interruptible() as interrupted:
            signal.raise_signal(signal.SIGINT)
            assert not interrupted()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("execution", ["graph", "loop"])
def test_the_state_remembers_the_first_step_and_metric_that_is_not_finite(execution: str) -> None:
    app = load_app("linear_regression")
    options, hparams = resolve(app, {"rows": 50, "global_batch_size": 16, "execution": execution})
    session = open_session(app, options, hparams)
    assert session.state.bad[0] == -1
    session.program.run(Segment(0, 0, 1, 3, 1, 1))
    assert session.state.bad[0] == -1
    session.state.add({"loss": (1.0, 2.0), "mae": (np.nan, 2.0)}, 6)
    session.state.add({"loss": (np.inf, 1.0), "mae": (1.0, 1.0)}, 7)
    assert session.state.bad == (6, "mae")


def test_pace_is_the_median_without_the_first_call() -> None:
    pace = Pace()
    for seconds in (10.0, 1.0, 2.0, 4.0):
        pace.observe(8, seconds)
    assert pace.median() == 4.0
    assert pace.steps() == 1
