"""Arguments of a signature on the command line."""

import numpy as np
import pytest

from kerasapps.arguments import argument, class_numbers
from kerasapps.cli._inputs import read_arguments
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError

CLASSES = Target("classes", 6, ("bag", "shoe", "hat", "hat, small", "Ankle boot", "T-shirt/top"))
ARGUMENTS = {
    "seed": argument(np.int32(7)),
    "number": argument(np.int32(64), minimum=1, maximum=10_000),
    "scale": argument(np.float32(1.5)),
    "kinds": class_numbers(np.array([0, 1], np.int32), CLASSES),
    "one": class_numbers(np.int32(0), CLASSES),
    "latents": argument(np.zeros((2, 3), np.float32)),
}


def test_only_what_is_given_is_read() -> None:
    values = read_arguments(ARGUMENTS, ["scale=-0.25"])
    assert values == {"scale": np.float32(-0.25)}
    assert values["scale"].dtype == np.float32


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("hat,bag,hat", [2, 0, 2]),
        ("T-shirt/top,Ankle boot", [5, 4]),
        ("hat, small", [3]),
        ("bag, hat, small,hat,shoe", [0, 3, 2, 1]),
    ],
)
def test_classes_are_given_by_their_names_whatever_these_hold(given: str, numbers: list[int]) -> None:
    values = read_arguments(ARGUMENTS, [f"kinds={given}"])["kinds"]
    assert values.tolist() == numbers and values.dtype == np.int32


def test_a_single_class_is_no_list() -> None:
    assert read_arguments(ARGUMENTS, ["one=hat, small"])["one"].tolist() == 3
    with pytest.raises(ConfigError, match="one=hat,bag. Expected the numbers of classes.*one alone"):
        read_arguments(ARGUMENTS, ["one=hat,bag"])


def test_rows_of_numbers_are_given_one_after_the_other() -> None:
    rows = read_arguments(ARGUMENTS, ["latents=1,2,3,4,5.5,-6"])["latents"]
    np.testing.assert_array_equal(rows, np.array([[1, 2, 3], [4, 5.5, -6]], np.float32))
    with pytest.raises(ConfigError, match=r"latents=1,2. Expected finite numbers, of the shape \(rows, 3\)"):
        read_arguments(ARGUMENTS, ["latents=1,2"])


def test_what_is_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="seed=1 seed=2: expected each argument once"):
        read_arguments(ARGUMENTS, ["seed=1", "seed=2"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("7", ["takes no inputs", "seed, number, scale, kinds"]),
        ("sed=1", ["sed", "Did you mean 'seed'"]),
        ("seed=1.5", ["seed=1.5", "whole numbers from 0"]),
        ("seed=-1", ["seed=-1", "whole numbers from 0"]),
        ("seed=9999999999", ["seed=9999999999", "2147483647"]),
        ("scale=nan", ["scale=nan", "finite"]),
        ("scale=1,2", ["scale=1,2", "one alone"]),
        ("number=0", ["number=0", "from 1 to 10000"]),
        ("number=10001", ["number=10001", "from 1 to 10000"]),
        ("scale=x", ["scale=x", "finite"]),
        ("latents=1,2,nan", ["latents[0, 2] is nan", "finite"]),
        ("kinds=boot", ["class", "boot"]),
        ("kinds=hat,2", ["class '2'", "T-shirt/top"]),
        ("kinds=", ["class ''"]),
    ],
)
def test_what_cannot_be_is_refused(given: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        read_arguments(ARGUMENTS, [given])
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize("given", ["Once, upon = a time", "none", "7", "[]", ""])
def test_a_text_is_taken_whole(given: str) -> None:
    arguments = {"prompt": argument("a", longest=20)}
    assert read_arguments(arguments, [f"prompt={given}"])["prompt"].item() == given
    with pytest.raises(ConfigError, match="prompt=.*Expected a UTF-8 text of 0 to 20 characters"):
        read_arguments(arguments, [f"prompt={'a' * 21}"])
