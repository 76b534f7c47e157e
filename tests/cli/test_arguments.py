"""Flags and YAML become typed values, and only those that were given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from kerasapps.cli._arguments import check_names, explain, group_flags, read_yaml, typed
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.settings import check, setting, settings


@dataclass(frozen=True)
class Example:
    rows_a_step: int = setting(32, "rows a step", minimum=1)
    rate: float = setting(0.1, "step size", above=0, maximum=1)
    filters: tuple[int, ...] = setting((8, 16), "filters")
    names: tuple[str, ...] = setting((), "columns")
    ranges: tuple[str, ...] = setting((), "whose commas part nothing", parted=False)
    mode: Literal["auto", "manual"] = setting("auto", "how")
    label: str = setting("", "words")
    strict: bool = setting(False, "be strict")
    extra: dict[str, Any] = setting({"a": 1}, "more")
    limit: int | None = setting(None, "most rows")

    def __post_init__(self):
        check(self)


FIELDS = settings(Example)


def parse(*arguments):
    return typed(group_flags(arguments), FIELDS)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {}),
        (["--rows-a-step", "8"], {"rows_a_step": 8}),
        (["--rows_a_step=8"], {"rows_a_step": 8}),
        (["--rows-a-step", "8", "--rows-a-step", "9"], {"rows_a_step": 9}),
        (["--rate", "1e-3"], {"rate": 0.001}),
        (["--rate", "1"], {"rate": 1.0}),
        (["--filters", "4"], {"filters": (4,)}),
        (["--filters", "4", "8", "--rate", ".5"], {"filters": (4, 8), "rate": 0.5}),
        (["--filters", "[4, 8]"], {"filters": (4, 8)}),
        (["--filters", "[]"], {"filters": ()}),
        (["--filters", "4,8"], {"filters": (4, 8)}),
        (["--filters", "4, 8", "--filters", "[16]", "--filters", "32"], {"filters": (4, 8, 16, 32)}),
        (["--names", "a,b", "c"], {"names": ("a", "b", "c")}),
        (["--names", 'a,"b, c"'], {"names": ("a", "b, c")}),
        (["--names", '["a, b", c]'], {"names": ("a, b", "c")}),
        (["--ranges", "a=1,2", "b=[3,4]"], {"ranges": ("a=1,2", "b=[3,4]")}),
        (["--names", "1", "two"], {"names": ("1", "two")}),
        (["--names", "a", "--rate", "1", "--names", "b", "c"], {"names": ("a", "b", "c"), "rate": 1.0}),
        (["--label", "123"], {"label": "123"}),
        (["--label", "null"], {"label": "null"}),
        (["--label="], {"label": ""}),
        (["--label", "a=b"], {"label": "a=b"}),
        (["--strict"], {"strict": True}),
        (["--strict", "false"], {"strict": False}),
        (["--extra", "{momentum: 0.9, nesterov: true}"], {"extra": {"momentum": 0.9, "nesterov": True}}),
        (["--limit", "5"], {"limit": 5}),
        (["--limit", "null"], {"limit": None}),
        (["--limit", "none"], {"limit": None}),
        (["--label", "none"], {"label": "none"}),
    ],
)
def test_flags_become_typed_values(arguments, expected):
    values = parse(*arguments)
    assert values == expected
    assert {name: type(value) for name, value in values.items()} == {n: type(v) for n, v in expected.items()}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--rows-a-step", "x"], ["--rows-a-step", "'x'", "int"]),
        (["--rows-a-step", "2.5"], ["--rows-a-step=2.5", "int"]),
        (["--rows-a-step", "-3"], ["--rows-a-step=-3", "int >= 1"]),
        (["--rows-a-step"], ["--rows-a-step: no value", "int"]),
        (["--rows-a-step", "1", "2"], ["--rows-a-step=[1, 2]", "int"]),
        (["--rate", "fast"], ["--rate", "'fast'", "float"]),
        (["--filters", "4", "x"], ["--filters='x'", "int"]),
        (["--filters", "4,x"], ["--filters='x'", "int"]),
        (["--filters"], ["--filters: no value", "list[int], such as --filters 8 16."]),
        (["--filters", "[4"], ["--filters='[4'", "list[int], such as --filters 8 16."]),
        (["--names"], ["--names: no value", "such as --names a b."]),
        (["--strict", "maybe"], ["--strict", "maybe", "bool"]),
        (["--extra", "momentum"], ["--extra", "momentum", "dict"]),
        (["--extra", "{a"], ["--extra='{a'", "dict"]),
        (["--mode", "atuo"], ["--mode 'atuo'", "Did you mean 'auto'"]),
    ],
)
def test_wrong_values_are_refused_by_name(arguments, named):
    with pytest.raises(ConfigError) as caught:
        parse(*arguments)
    assert all(text in str(caught.value) for text in named), caught.value


def test_a_value_without_a_flag_is_refused():
    with pytest.raises(ConfigError, match="'loose'"):
        group_flags(["loose", "--rate", "1"])


def test_unknown_and_abbreviated_flags_are_refused():
    for flag, nearest in (("--rates", "--rate"), ("--rows-a-ste", "--rows-a-step")):
        with pytest.raises(ConfigError, match=f"{flag}.*Did you mean '{nearest}'") as caught:
            check_names(group_flags([flag, "1"]), FIELDS, "app")
        assert "--filters" in str(caught.value)


def yaml_file(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_yaml_gives_defaults_and_flags_win(tmp_path):
    path = yaml_file(tmp_path, "rows-a-step: 8\nrate: 1\nfilters: [1, 2]\nstrict: true\nextra: {b: 2}\nlabel: x\n")
    given = {**read_yaml(path), **group_flags(["--rows-a-step", "9"])}
    expected = {"rows_a_step": 9, "rate": 1.0, "filters": (1, 2), "strict": True, "extra": {"b": 2}, "label": "x"}
    assert typed(given, FIELDS) == expected


def test_lists_of_a_yaml_may_be_parted_by_commas(tmp_path):
    path = yaml_file(tmp_path, "filters: 4, 8\nnames: [a, 'b,c']\n")
    assert typed(read_yaml(path), FIELDS) == {"filters": (4, 8), "names": ("a", "b,c")}


def test_common_names_stand_for_the_field(tmp_path):
    given = {**read_yaml(yaml_file(tmp_path, "lr: 1e-3\nbatch-size: 8\n")), **group_flags(["--lr", "0.5"])}
    assert typed(given, settings(Hparams)) == {"learning_rate": 0.5, "global_batch_size": 8}
    with pytest.raises(ConfigError, match=r"--batch-size='x': expected int >= 1, or none\."):
        typed(group_flags(["--batch-size", "x"]), settings(Hparams))
    with pytest.raises(ConfigError, match=r"lr and learning-rate are the same\. Give one of them\."):
        read_yaml(yaml_file(tmp_path, "lr: 1\nlearning-rate: 2\n"))
    for misspelt, nearest in (("--batchsize", "--batch-size"), ("--lrr", "--lr")):
        with pytest.raises(ConfigError, match=f"Did you mean '{nearest}'"):
            check_names(group_flags([misspelt, "1"]), settings(Hparams), "app")
    assert "  --learning-rate, --lr\n" in explain("settings", settings(Hparams))


def test_an_empty_yaml_gives_nothing(tmp_path):
    assert read_yaml(yaml_file(tmp_path, "# nothing\n")) == {}


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "3\n", "1: 2\n", "\x00"])
def test_a_yaml_that_is_no_mapping_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        read_yaml(yaml_file(tmp_path, text))


def test_a_missing_yaml_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.yaml"):
        read_yaml(str(tmp_path / "missing.yaml"))


def test_unknown_yaml_keys_and_wrong_values_name_key_and_file(tmp_path):
    with pytest.raises(ConfigError, match=r"config\.yaml.*'rowsastep'.*'rows_a_step'"):
        check_names(read_yaml(yaml_file(tmp_path, "rowsastep: 1\n")), FIELDS, "app")
    with pytest.raises(ConfigError, match=r"config\.yaml: rows_a_step='x'.*int"):
        typed(read_yaml(yaml_file(tmp_path, "rows_a_step: x\n")), FIELDS)


def test_paths_are_settings_of_text_and_kept_as_text():
    options = Options(run_dir=Path("x") / "y", data=Path("a.csv"), data_dir=Path("d"))
    assert (options.run_dir, options.data, options.data_dir) == (str(Path("x/y")), "a.csv", "d")
    assert {type(getattr(options, name)) for name in ("run_dir", "data", "data_dir")} == {str}
    with pytest.raises(ConfigError, match="run_dir=3: expected str, or none"):
        Options(run_dir=3)


def test_types_of_fields():
    names = {name: each.type_name for name, each in FIELDS.items()}
    assert names == {
        "rows_a_step": "int",
        "rate": "float",
        "filters": "list[int]",
        "names": "list[str]",
        "ranges": "list[str]",
        "mode": "str",
        "label": "str",
        "strict": "bool",
        "extra": "dict",
        "limit": "int | None",
    }


def test_help_shows_range_and_default():
    text = explain("settings", FIELDS)
    assert text.startswith("settings:\n  --rows-a-step\n")
    facts = ["rows a step [int >= 1; default 32]", "step size [float > 0 and <= 1; default 0.1]"]
    facts += [
        "filters [list[int]; default 8 16]",
        "how [str auto | manual; default auto]",
        "columns [list[str]; default []]",
    ]
    assert all(fact in text for fact in facts)
