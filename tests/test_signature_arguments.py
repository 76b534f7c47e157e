"""What a signature's arguments may be: the same answer from NumPy and from a graph, and words that say it."""

import numpy as np
import pytest
import tensorflow as tf

from kerasapps.arguments import argument, asserted, checked, class_numbers
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError

CLASSES = Target("classes", 3, ("bag", "shoe", "hat"))
ARGUMENTS = {
    "seed": argument(np.int32(7)),
    "number": argument(np.int32(64), minimum=1, maximum=100),
    "scale": argument(np.float32(1.5), minimum=-2.0),
    "labels": class_numbers(np.array([0, 1], np.int32), CLASSES),
    "latents": argument(np.zeros((4, 2), np.float32)),
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
def test_what_can_be_is_taken_in_the_type_of_the_default(name: str, given: object) -> None:
    taken, default = checked(name, given, ARGUMENTS[name]), ARGUMENTS[name].default
    assert taken.dtype == default.dtype
    np.testing.assert_array_equal(taken, np.asarray(given).astype(default.dtype))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [*MISSHAPEN, *((name, *pair) for name, pairs in OUTSIDE.items() for pair in pairs)],
)
def test_what_cannot_be_is_refused(name: str, given: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked(name, given, ARGUMENTS[name])


@pytest.mark.parametrize("name", list(ARGUMENTS))
def test_a_graph_takes_and_refuses_the_same(name: str) -> None:
    one = ARGUMENTS[name]
    asked = {name: one}
    same = tf.function(lambda given: asserted(asked, {name: given})[name], autograph=False, reduce_retracing=True)
    for given in GOOD[name]:
        tensor = tf.constant(np.asarray(given).astype(one.default.dtype))
        np.testing.assert_array_equal(same(tensor), tensor)
    for given, _ in OUTSIDE[name]:
        with pytest.raises(tf.errors.InvalidArgumentError) as refused:
            same(tf.constant(np.asarray(given).astype(one.default.dtype)))
        assert f"{name}: expected {one.wanted}; given was" in refused.value.message


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


@pytest.mark.parametrize(
    ("limits", "words", "held", "refused"),
    [
        ({"above": 0.0}, "numbers above 0.0 to 3.4", [1e-9, 2], [0, -1, np.nan, np.inf]),
        ({"above": 0.0, "below": 2.0}, "numbers above 0.0 and below 2.0", [1.9], [2.0, 0.0]),
        ({"minimum": 0.0, "below": 1.0}, "numbers from 0.0 and below 1.0", [0, 0.99], [1.0]),
    ],
)
def test_limits_of_arguments_are_those_of_settings(limits: dict, words: str, held: list, refused: list) -> None:
    temperature = argument(np.float32(0.5), **limits)
    for given in held:
        assert checked("temperature", given, temperature) == np.float32(given)
    for given in refused:
        with pytest.raises(ConfigError, match=f"temperature=.*Expected {words}"):
            checked("temperature", given, temperature)


TEXTS = {"prompt": argument("Once upon a time", shortest=1, longest=5), "any": argument("")}


@pytest.mark.parametrize("given", ["a", "héllo", "\U0001f600" * 5, "none", "a\0b"])
def test_a_text_is_taken_as_it_is(given: str) -> None:
    """The limit counts characters, not bytes."""
    taken = checked("prompt", given, TEXTS["prompt"])
    assert taken.shape == () and taken.item() == given
    graph = tf.function(lambda text: asserted(TEXTS, {"prompt": text, "any": text})["prompt"], autograph=False)
    assert graph(tf.constant(taken)).numpy().decode() == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", ["prompt=''", "1 to 5 characters"]),
        ("sixsix", ["prompt='sixsix'", "1 to 5 characters"]),
        (3, ["prompt=3", "a UTF-8 text of 1 to 5 characters"]),
        (["a"], ["prompt=['a']", "UTF-8 text"]),
        (b"a", ["prompt=b'a'", "UTF-8 text"]),
        (None, ["prompt=None", "UTF-8 text"]),
        ("\ud800", ["ud800", "a UTF-8 text of 1 to 5 characters"]),
    ],
)
def test_what_is_no_such_text_is_refused(given: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        checked("prompt", given, TEXTS["prompt"])
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize("given", [b"", b"sixsix", b"a\xff", "\U0001f600".encode() * 6])
def test_a_graph_refuses_a_text_that_is_too_long_or_no_utf_8(given: bytes) -> None:
    asked = {"prompt": TEXTS["prompt"]}
    graph = tf.function(lambda text: asserted(asked, {"prompt": text})["prompt"], autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="prompt: expected a UTF-8 text of 1 to 5 characters"):
        graph(tf.constant(given))


def test_a_saved_model_takes_text_and_number_together(tmp_path) -> None:
    """Written and loaded as exports are: from the default of each argument."""
    asked = {"text": argument("abc", longest=3), "times": argument(np.int32(2), minimum=1, maximum=9)}
    specs = {name: tf.TensorSpec([], each.default.dtype, name) for name, each in asked.items()}
    module = tf.Module()

    @tf.function(autograph=False)
    def repeat(given):
        given = asserted(asked, given)
        return {"out": tf.strings.reduce_join(tf.repeat(given["text"], given["times"]))}

    tf.saved_model.save(module, str(tmp_path), {"repeat": repeat.get_concrete_function(specs)})
    loaded = tf.saved_model.load(str(tmp_path)).signatures["repeat"]
    assert loaded(text=tf.constant("ab"), times=tf.constant(3))["out"].numpy() == b"ababab"
    for wrong in (
        {"text": tf.constant("abcd"), "times": tf.constant(1)},
        {"text": tf.constant("a"), "times": tf.constant(0)},
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match="expected"):
            loaded(**wrong)
