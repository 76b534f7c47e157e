"""How settings are declared, checked and shown, and that what is shown as a default may be given."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Optional

import numpy as np
import pytest

from kerasapps.app import load_app
from kerasapps.cli._arguments import flag, group_flags, typed
from kerasapps.errors import ConfigError
from kerasapps.names import APPS, names_in
from kerasapps.runs.options import Options
from kerasapps.settings import Limits, Setting, check, declared, setting, settings, values_of


@dataclass(frozen=True)
class Base:
    number: int = setting(3, "a number", minimum=1)
    mode: Literal["a", "b"] = setting("a", "a mode")
    extra: dict[str, Any] = setting({"x": 1}, "more")

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class Other(Base):
    number: int = 5
    mode: str = "b"
    extra: dict[str, Any] = setting({})
    own: float | None = setting(None, "its own", above=0)
    apart: int = 1


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, Setting("x", int)),
        (float | None, Setting("x", float, optional=True)),
        (Optional[bool], Setting("x", bool, optional=True)),  # noqa: UP045
        (tuple[int, ...], Setting("x", int, many=True)),
        (tuple[str, ...] | None, Setting("x", str, many=True, optional=True)),
        (Literal["a", "b"], Setting("x", str, choices=("a", "b"))),
        (Literal["a", "b"] | None, Setting("x", str, choices=("a", "b"), optional=True)),
        (dict, Setting("x", dict)),
        (dict[str, Any], Setting("x", dict)),
    ],
)
def test_annotations(annotation, expected) -> None:
    made = declared("x", annotation, None)
    assert made == Setting(**{**vars(expected), "limits": made.limits})
    assert made.limits == Limits(shortest=int(expected.optional)), "what may be None is never empty"


@pytest.mark.parametrize("annotation", [int | str, list, tuple, tuple[int, int], set[int], complex, Path, None, "int"])
def test_other_annotations_are_a_mistake_of_the_programmer(annotation) -> None:
    with pytest.raises(TypeError, match="x: .* is no type of a setting"):
        declared("x", annotation, None)


def test_a_subclass_changes_a_default_and_nothing_else() -> None:
    for name, default in {"number": 5, "mode": "b", "extra": {}}.items():
        base, other = settings(Base)[name], settings(Other)[name]
        assert other == Setting(**{**vars(base), "default": default})
    assert list(settings(Other)) == ["number", "mode", "extra", "own"]
    with pytest.raises(ConfigError, match="number=0: expected int >= 1"):
        Other(number=0)
    with pytest.raises(ConfigError, match="Unknown value of mode 'c'"):
        Other(mode="c")
    assert Base().extra is not Base().extra


GOOD = [
    (float, {}, 3, 3.0),
    (float, {"minimum": 0}, 0, 0.0),
    (float | None, {"above": 0}, None, None),
    (int | None, {"minimum": 1}, 1, 1),
    (tuple[int, ...], {}, [], ()),
    (tuple[float, ...], {"maximum": 2}, [1, 2.0], (1.0, 2.0)),
    (str, {"longest": 3}, "abc", "abc"),
    (tuple[str, ...] | None, {}, ["a"], ("a",)),
    (str | None, {}, Path("a") / "b", str(Path("a/b"))),
    (Literal["a", "b"], {}, "b", "b"),
    (float, {}, np.float64(0.5), 0.5),
    (float, {}, np.float32(0.5), 0.5),
    (float, {}, np.int16(3), 3.0),
    (int, {"minimum": 1}, np.int64(2), 2),
    (int | None, {}, np.uint8(2), 2),
    (bool, {}, np.bool_(True), True),
    (str, {}, np.str_("a"), "a"),
    (tuple[int, ...], {}, np.array([1, 2]), (1, 2)),
    (tuple[int, ...], {}, [np.int64(1), 2], (1, 2)),
    (dict[str, Any], {}, {"a": np.float32(0.5), "b": {"c": np.int64(1)}}, {"a": 0.5, "b": {"c": 1}}),
]
BAD = [
    (int, {}, True, "x=True: expected int."),
    (int, {}, 3.0, "x=3.0: expected int."),
    (int, {}, np.float32(3), "x=3.0: expected int."),
    (int, {}, np.bool_(True), "x=True: expected int."),
    (int, {}, np.array([1, 2]), "x=[1, 2]: expected int."),
    (int, {}, "3", "x='3': expected int."),
    (int, {}, None, "x=None: expected int."),
    (float, {}, True, "x=True: expected float."),
    (float, {}, math.nan, "x=nan: expected a finite number."),
    (float, {"minimum": 0}, math.inf, "x=inf: expected a finite number."),
    (float, {"minimum": 0}, math.nan, "x=nan: expected a finite number."),
    (float, {}, 1 << 2000, "expected float."),
    (float | None, {}, math.nan, "x=nan: expected a finite number, or none."),
    (int, {"maximum": 9}, 1 << 2000, "expected int <= 9."),
    (int, {"minimum": 1}, 1 << 63, "x=9223372036854775808: expected an int of 64 bits."),
    (float | None, {"above": 0, "below": 1}, 0, "x=0.0: expected float > 0 and < 1, or none."),
    (int | None, {"minimum": 1}, 0, "x=0: expected int >= 1, or none."),
    (int | None, {}, "none", "x='none': expected int, or none."),
    (bool, {}, 1, "x=1: expected bool."),
    (tuple[int, ...], {}, 3, "x=3: expected list[int], such as [1, 2]."),
    (tuple[int, ...], {}, [1, 2.5], "x=2.5: expected int."),
    (tuple[int, ...], {"minimum": 1}, [1, 0], "x=0: expected int >= 1."),
    (tuple[int, ...], {"shortest": 1}, (), "x=[]: expected at least 1 value, such as [1, 2]."),
    (tuple[str, ...] | None, {}, "ab", "x='ab': expected list[str], or none, such as [1, 2]."),
    (tuple[str, ...] | None, {}, [], "x=[]: expected at least 1 value, or none, such as [1, 2]."),
    (str | None, {}, "", "x='': expected at least 1 character, or none."),
    (str, {"longest": 2}, "abc", "x='abc': expected 0 to 2 characters."),
    (
        Literal["auto", "none"],
        {},
        "atuo",
        "Unknown value of x 'atuo'. Did you mean 'auto'? Expected one of: auto, none.",
    ),
    (dict[str, Any], {}, [], "x=[]: expected dict."),
]


@pytest.mark.parametrize(("annotation", "limits", "given", "expected"), GOOD)
def test_what_may_be_is_had_in_its_type(annotation, limits, given, expected) -> None:
    value = declared("x", annotation, None, limits=Limits(**limits)).check(given)
    assert value == expected and type(value) is type(expected)
    assert type(given) is not dict or all(type(each) in (int, float, dict) for each in value.values())


@pytest.mark.parametrize(("annotation", "limits", "given", "message"), BAD)
def test_what_may_not_be_is_refused(annotation, limits, given, message) -> None:
    with pytest.raises(ConfigError) as caught:
        declared("x", annotation, (1, 2), limits=Limits(**limits)).check(given)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize("kind", ["options", *names_in(APPS)])
def test_what_is_shown_as_a_default_may_be_given(kind: str) -> None:
    """By a flag, as help shows it; and by Python, as the defaults of the class are."""
    cls = Options if kind == "options" else load_app(kind).hparams
    for name, each in settings(cls).items():
        texts = each.default_text.split(" ") if each.many else [each.default_text]
        given = typed(group_flags([flag(name), *texts]), settings(cls))
        assert given == {name: each.default}, name
        assert getattr(cls(**given), name) == each.default
        assert each.help


def test_every_setting_of_none_can_be_given_none_and_no_default_is_a_sentinel() -> None:
    for name, each in settings(Options).items():
        assert each.default != "" and each.default != (), name
        if each.optional:
            assert typed(group_flags([flag(name), "none"]), settings(Options)) == {name: None}


def test_fields_that_are_no_settings_are_left_alone() -> None:
    @dataclass(frozen=True)
    class Mixed:
        plain: list = field(default_factory=list)
        rate: float = setting(1.0, "step size")

        def __post_init__(self):
            check(self)

    assert list(settings(Mixed)) == ["rate"] and Mixed(plain=[3], rate=2).rate == 2.0


def test_the_values_of_an_instance_are_those_of_its_settings() -> None:
    @dataclass(frozen=True)
    class Given:
        one: int = setting(1, "one")
        plain: bool = False
        two: tuple[int, ...] = setting((2,), "two")

    assert values_of(Given(3, True)) == {"one": 3, "two": (2,)}
