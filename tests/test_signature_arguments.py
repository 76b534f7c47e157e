"""What a signature's arguments may be: the same answer from NumPy and from a graph, and words that say it."""

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.arguments import Argument, asserted, checked, class_numbers
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError

CLASSES = Target("classes", 3, ("bag", "shoe", "hat"))
ARGUMENTS = {
    "seed": Argument(np.int32(7)),
    "number": Argument(np.int32(64), least=1, most=100),
    "scale": Argument(np.float32(1.5), least=-2.0),
    "labels": class_numbers(np.array([0, 1], np.int32), CLASSES),
    "latents": Argument(np.zeros((4, 2), np.float32)),
}
GOOD = {
    "seed": [0, 5, 2**31 - 1],
    "number": [1, 100, np.int64(3)],
    "scale": [-2, 3e38, np.float64(0.1)],
    "labels": [[0], [2, 1, 0, 2], np.array([1], np.uint8)],
    "latents": [[[1.0, -3e38]], np.zeros((0, 2)), np.arange(6).reshape(3, 2)],
}
OUTSIDE = {
    "seed": [(-1, "seed=-1. Expected whole numbers from 0 to 2147483647, one alone.")],
    "number": [
        (0, "number=0. Expected whole numbers from 1 to 100, one alone."),
        (101, "number=101. Expected whole numbers from 1 to 100"),
    ],
    "scale": [(-2.5, "scale=-2.5. Expected numbers from -2.0 to 3.4"), (np.inf, "scale=inf"), (np.nan, "scale=nan")],
    "labels": [
        ([0, 3], r"labels\[1\] is 3. Expected the numbers of classes, 0 \(bag\) to 2 \(hat\), of the shape \(rows\)."),
        ([-1], r"labels\[0\] is -1"),
    ],
    "latents": [
        ([[0, 0], [0, np.nan]], r"latents\[1, 1\] is nan. Expected finite numbers, of the shape \(rows, 2\)."),
        ([[-np.inf, 0]], r"latents\[0, 0\] is -inf"),
    ],
}
MISSHAPEN = [
    ("seed", 1.5, "seed=1.5. Expected whole numbers"),
    ("seed", 2**31, "seed=2147483648"),
    ("seed", 10**30, "seed=1000000000000000000000000000000"),
    ("seed", True, "seed=True"),
    ("number", [3], r"number is int64 of the shape \(1,\).*one alone"),
    ("labels", 1, "labels=1. Expected the numbers of classes.*shape"),
    ("labels", ["hat"], "labels is <U3"),
    ("latents", [[1.0], [1.0, 2.0]], r"latents=\[\[1.0\], \[1.0, 2.0\]\]"),
    ("latents", np.zeros((2, 3)), r"latents is float64 of the shape \(2, 3\)"),
    ("latents", [[1e39, 0.0]], r"latents\[0, 0\] is 1e\+39"),
]


@pytest.mark.parametrize(("name", "given"), [(name, value) for name, values in GOOD.items() for value in values])
def test_what_can_be_is_taken_in_the_type_of_the_example(name: str, given: object) -> None:
    taken, example = checked(name, given, ARGUMENTS[name]), ARGUMENTS[name].example
    assert taken.dtype == example.dtype
    np.testing.assert_array_equal(taken, np.asarray(given).astype(example.dtype))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [*MISSHAPEN, *((name, *pair) for name, pairs in OUTSIDE.items() for pair in pairs)],
)
def test_what_cannot_be_is_refused(name: str, given: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked(name, given, ARGUMENTS[name])


@pytest.mark.parametrize("name", list(ARGUMENTS))
def test_a_graph_takes_and_refuses_the_same(name: str) -> None:
    argument = ARGUMENTS[name]
    asked = {name: argument}
    same = tf.function(lambda given: asserted(asked, {name: given})[name], autograph=False, reduce_retracing=True)
    for given in GOOD[name]:
        tensor = tf.constant(np.asarray(given).astype(argument.example.dtype))
        np.testing.assert_array_equal(same(tensor), tensor)
    for given, _ in OUTSIDE[name]:
        with pytest.raises(tf.errors.InvalidArgumentError) as refused:
            same(tf.constant(np.asarray(given).astype(argument.example.dtype)))
        assert f"{name}: expected {argument.wanted}; given was" in refused.value.message


def test_nothing_is_made_of_what_is_refused() -> None:
    made = tf.Variable(0)

    @tf.function(autograph=False)
    def make(number: tf.Tensor) -> tf.Tensor:
        given = asserted({"number": ARGUMENTS["number"]}, {"number": number})
        return made.assign_add(given["number"])

    assert make(tf.constant(3)) == 3
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"number: expected whole numbers from 1 to 100.*\[101\]"):
        make(tf.constant(101))
    assert made.numpy() == 3
