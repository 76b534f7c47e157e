"""Messages of errors: a value is cut, however much it would be when written out."""

import time
from pathlib import Path

import numpy as np
import pandas
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.errors import LONGEST_MESSAGE, LONGEST_VALUE, ConfigError, DataError, shown, unknown_name
from kerasapps.settings import declared, parse_yaml

BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30))])
"""Aliases of aliases, which would be 9^29 texts when written out."""
NINE = [f"{{{', '.join(f'k{j}: *b{i}' for j in range(9))}}}" for i in range(29)]
MAPPINGS = "\n".join(["  b0: &b0 {x: 1}", *(f"  b{i + 1}: &b{i + 1} {nine}" for i, nine in enumerate(NINE))])
"""The same of mappings."""


@pytest.mark.parametrize("value", [3, "text", [1, [2]], {"a": (None,)}, [], 0.1])
def test_a_short_value_is_as_python_writes_it(value: object) -> None:
    assert shown(value) == repr(value)


def test_a_long_value_is_cut() -> None:
    for value in ("x" * 10**6, list(range(10**6)), {i: i for i in range(10**5)}, b"x" * 10**6, 1 << 10**5):
        assert 10 < len(shown(value)) <= LONGEST_VALUE + 3


def test_aliases_of_aliases_are_cut() -> None:
    bomb, began = parse_yaml(BOMB), time.perf_counter()
    for annotation in (int, float | None, tuple[int, ...], tuple[str, ...]):
        with pytest.raises(ConfigError) as caught:
            declared("x", annotation, None).check(bomb["a29"])
        assert len(str(caught.value)) < 1000
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("settings", [" &a {x: *a}", " {momentum: &a [*a]}", f"\n{MAPPINGS}"])
def test_mappings_in_themselves_are_refused_by_the_command_and_in_python(settings: str, tmp_path: Path, capsys) -> None:
    (tmp_path / "hostile.yaml").write_text(f"optimizer_settings:{settings}")
    began = time.perf_counter()
    command = ["train", "gan", "--data", "ring", "--execution", "eager", "--run-dir", str(tmp_path / "run")]
    assert main([*command, "--config", str(tmp_path / "hostile.yaml")]) == 2
    given = parse_yaml((tmp_path / "hostile.yaml").read_text())
    with pytest.raises(ConfigError) as caught:
        kerasapps.train("gan", data="ring", execution="eager", run_dir=tmp_path / "run", **given)
    assert str(caught.value) in capsys.readouterr().err and len(str(caught.value)) < 500
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize("text", [BOMB, f"{BOMB}\nepochs: *a29", f"{BOMB}\napp: *a29", "epochs: " + "[" * 10_000])
def test_a_hostile_yaml_file_is_refused_in_a_few_words(text: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(text)
    assert main(["train", "mlp", "--config", str(path)]) == 2
    message = capsys.readouterr().err
    assert "hostile.yaml" in message and len(message) < 6000


def test_a_very_long_message_keeps_its_beginning_and_its_end() -> None:
    message = str(DataError(f"Given {'x' * 10**6}. Expected y."))
    assert message.startswith("Given x") and message.endswith(" Expected y.") and len(message) <= LONGEST_MESSAGE + 3
    assert len(str(unknown_name("app", "x" * 10**7, ["mlp"]))) < 500


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.zeros([3, 4], np.float32), "float32 [3, 4]"),
        ((np.zeros([3]), np.zeros([2], np.uint8)), "(float64 [3], uint8 [2])"),
        ({"x": np.zeros([3])}, "{'x': float64 [3]}"),
        (pandas.DataFrame({"a": [1, 2], "b": [3, 4]}), "DataFrame [2, 2] of a, b"),
        (pandas.DataFrame(np.zeros([1, 12])), "DataFrame [1, 12] of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ..."),
        (pandas.Series([1.0, 2.0]), "Series float64 [2]"),
    ],
)
def test_of_arrays_and_frames_no_values_are_shown(value: object, expected: str) -> None:
    assert shown(value) == expected
