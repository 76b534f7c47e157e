"""Functions of equal graphs run as one, each on its own variables; those that differ in anything do not."""

import gc
import resource
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.engine import reuse
from kerasapps.engine.plan import PLANS
from kerasapps.engine.reuse import reusing


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    before = dict(reuse._kept)
    reuse._kept.clear()
    yield
    reuse._kept.clear()
    reuse._kept.update(before)


def compiled(function: Callable, jit: bool = True) -> Callable:
    """It as the engine compiles it."""
    return reusing(tf.function(function, jit_compile=jit, autograph=False))


def adding(variable: tf.Variable, times: int = 3, factor: float = 2.0, jit: bool = True) -> Callable:
    """x -> factor * x + variable, after x was added to the variable so many times, in a loop."""

    def body(turn: tf.Tensor, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        variable.assign_add(x)
        return turn + 1, x

    def add(x: tf.Tensor) -> tf.Tensor:
        tf.while_loop(lambda turn, _: turn < times, body, (0, x))
        return factor * x + variable

    return compiled(add, jit)


@pytest.mark.parametrize("jit", [True, False])
def test_equal_functions_are_one_and_change_their_own_variables(jit: bool) -> None:
    first, second = (tf.Variable([start, 0.0], name=f"v{start}") for start in (1.0, 5.0))
    results = [adding(variable, jit=jit)(tf.constant([1.0, 2.0])) for variable in (first, second, first)]
    np.testing.assert_array_equal(results, [[6.0, 10.0], [10.0, 10.0], [9.0, 16.0]])
    np.testing.assert_array_equal([first, second], [[7.0, 12.0], [8.0, 6.0]])
    assert len(reuse._kept) == 1


def test_each_shape_is_a_function_of_its_own() -> None:
    add = adding(tf.Variable(1.0))
    assert float(add(tf.constant(2.0))) == 11.0
    other = adding(tf.Variable([1.0, 1.0]))
    np.testing.assert_array_equal(other(tf.constant([2.0, 3.0])), [11.0, 16.0])
    assert len(reuse._kept) == 2


@pytest.mark.parametrize("given, expected", [({"times": 4}, 13.0), ({"factor": 3.0}, 13.0), ({}, 11.0)])
def test_another_number_anywhere_is_another_function(given: dict[str, float], expected: float) -> None:
    """The turns of the loop are in a function of their own, which the first calls."""
    adding(tf.Variable(1.0))(tf.constant(2.0))
    assert float(adding(tf.Variable(1.0), **given)(tf.constant(2.0))) == expected
    assert len(reuse._kept) == (2 if given else 1)


def test_the_order_of_inputs_and_outputs_counts() -> None:
    a, b = tf.constant(7.0), tf.constant(4.0)
    functions = (lambda x, y: (x - y, x), lambda x, y: (y - x, x), lambda x, y: (x, x - y))
    results = [tuple(map(float, compiled(function)(a, b))) for function in functions]
    assert results == [(3.0, 7.0), (-3.0, 7.0), (7.0, 3.0)]


def test_the_order_of_variables_that_are_captured_counts() -> None:
    a, b = tf.Variable(7.0), tf.Variable(4.0)
    assert [float(compiled(lambda x=x, y=y: x - y)()) for x, y in ((a, b), (b, a))] == [3.0, -3.0]


def test_control_dependencies_count() -> None:
    """Whether a variable is read before or after it is assigned."""

    def reading(late: bool) -> float:
        variable = tf.Variable(2.0)

        def read() -> tf.Tensor:
            before = variable.read_value()
            variable.assign(9.0)
            return variable.read_value() if late else before

        return float(compiled(read)())

    assert [reading(late) for late in (True, False, True)] == [9.0, 2.0, 9.0]


def test_nothing_that_was_captured_is_held() -> None:
    variable = tf.Variable(np.zeros(1000, np.float32))
    add = adding(variable)
    add(tf.constant(np.ones(1000, np.float32)))
    gone = weakref.ref(variable)
    del variable, add
    gc.collect()
    assert gone() is None
    np.testing.assert_array_equal(adding(tf.Variable(np.ones(1000, np.float32)))(tf.ones([1000])), np.full(1000, 6.0))
    assert len(reuse._kept) == 1


def test_few_are_kept_and_what_is_dropped_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "KEPT_FUNCTIONS", 2)
    functions = [adding(tf.Variable(1.0), factor=factor) for factor in (1.0, 2.0, 3.0)]
    assert [float(function(tf.constant(2.0))) for function in functions] == [9.0, 11.0, 13.0]
    assert len(reuse._kept) == 2
    gc.collect()
    assert [float(function(tf.constant(0.0))) for function in functions] == [7.0, 7.0, 7.0]


def test_what_fails_is_not_kept() -> None:
    def refused(x: tf.Tensor) -> tf.Tensor:
        return tf.strings.to_number(tf.strings.as_string(x))

    with pytest.raises(tf.errors.InvalidArgumentError):
        compiled(refused)(tf.constant(1.0))
    assert not reuse._kept


def trained(folder: Path, name: str, execution: str = "graph", **given: object) -> np.ndarray:
    """The weights of a small run, in a row."""
    run_dir = str(folder / name)
    run = kerasapps.train("mlp", data="iris", epochs=1, run_dir=run_dir, execution=execution, **given)
    return np.concatenate([weights.ravel() for weights in run.model.get_weights()])


def test_a_run_that_differs_in_numbers_compiles_nothing(tmp_path: Path) -> None:
    """And its weights are those that it has where it is the first."""
    before = trained(tmp_path, "faster", learning_rate=0.1)
    reuse._kept.clear()
    first = trained(tmp_path, "first", learning_rate=0.001)
    after = trained(tmp_path, "after", learning_rate=0.1)
    np.testing.assert_array_equal(after, before)
    assert not np.array_equal(after, first)
    assert len(reuse._kept) == 1


@pytest.mark.slow
@pytest.mark.parametrize("execution", PLANS)
def test_memory_does_not_grow_with_runs(execution: str, tmp_path: Path) -> None:
    """By at most one megabyte a run, after the tenth."""
    sizes = []
    for number in range(41):
        trained(tmp_path, str(number), execution)
        gc.collect()
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert (sizes[-1] - sizes[10]) / 30 < 1e6
