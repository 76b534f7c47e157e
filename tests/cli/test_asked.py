"""Arguments of a signature on the command line."""

import numpy as np
import pytest

from kerasapps.cli._asked import read_arguments
from kerasapps.errors import ConfigError

ARGUMENTS = {
    "seed": np.int32(7),
    "number": np.int32(64),
    "scale": np.float32(1.5),
    "labels": np.array([0, 1], np.int32),
}
CLASSES = ("bag", "shoe", "hat")


def test_what_is_not_given_is_the_example() -> None:
    values = read_arguments(ARGUMENTS, CLASSES, ["scale=-0.25"])
    assert values["seed"] == 7 and values["scale"] == np.float32(-0.25) and values["labels"].tolist() == [0, 1]
    assert values["scale"].dtype == np.float32


def test_labels_are_names_of_classes() -> None:
    assert read_arguments(ARGUMENTS, CLASSES, ["labels=hat,bag,hat"])["labels"].tolist() == [2, 0, 2]


def test_what_is_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="seed=1 seed=2: expected each argument once"):
        read_arguments(ARGUMENTS, CLASSES, ["seed=1", "seed=2"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("7", ["takes no inputs", "seed, number, scale, labels"]),
        ("sed=1", ["sed", "Did you mean 'seed'"]),
        ("seed=1.5", ["seed=1.5", "whole numbers from 0"]),
        ("seed=-1", ["seed=-1", "whole numbers from 0"]),
        ("seed=9999999999", ["seed=9999999999", "2147483647"]),
        ("scale=nan", ["scale=nan", "finite"]),
        ("number=0", ["number=0", "from 1 to 10000"]),
        ("number=10001", ["number=10001", "from 1 to 10000"]),
        ("scale=x", ["scale=x", "finite"]),
        ("labels=boot", ["class", "boot"]),
    ],
)
def test_what_cannot_be_is_refused(given: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        read_arguments(ARGUMENTS, CLASSES, [given])
    assert all(word in str(refused.value) for word in words), refused.value
