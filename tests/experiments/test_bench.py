"""The benchmark as a whole: real processes, made quick."""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from scripts import script

from experiments.shown import speed
from kerasapps.errors import ConfigError

MACS = {"linear": 1, "cnn 32-64-64": 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 3 * 3 * 9 * 64 * 64 + 576 * 64 + 640}
BOUNDS = {"linear": {"fit": 300}, "cnn 32-64-64": {"fit": 1.4, "torch": 1.5}}


def python_without_packages(folder: Path) -> Path:
    """An interpreter in which nothing is installed."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in ("linear", "cnn 32-64-64")]
)
def quick(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The row of a case, and the table, of the command itself. PyTorch is wanted but absent, JAX is not wanted."""
    folder, table = tmp_path_factory.mktemp("bench"), io.StringIO()
    flags = ["--torch-python", str(python_without_packages(folder)), "--json", str(folder / "speed.json")]
    with contextlib.redirect_stdout(table):
        script("bench").main(["--quick", "--only", request.param, "--sides", "fit", "torch", *flags])
    (row,) = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
    assert row["case"] == request.param
    return row, table.getvalue()


def test_a_case_has_all_its_figures(quick: tuple) -> None:
    row = quick[0]
    assert (row["rows"], row["batch_size"], row["rounds"]) == (64, 32, 2)
    assert row["training_flops"] == 3 * 2 * MACS[row["case"]] and row["peak_flops"] > 1e8 and row["load"] >= 0
    for name in ("ours", "fit"):
        side = row["sides"][name]
        assert side["examples_per_second"] == pytest.approx(64 / (1e-6 * side["epoch_us"]))
        assert side["compile_seconds"] >= 0 and side["memory_mib"] > 100 and side["versions"]["tensorflow"]
        assert side["to_target"]["trainings"] == 1 and side["to_target"]["limit"] == 2
    assert row["sides"]["ours"]["plan"] == {"linear": "loop", "cnn 32-64-64": "graph"}[row["case"]]


def test_ratios_have_a_range_and_bounds_a_verdict(quick: tuple) -> None:
    row = quick[0]
    ratios, fit = row["ratios"], row["ratios"]["fit"]
    assert 0 < fit["least"] <= fit["median"] <= fit["most"]
    assert {name: ratio["at_least"] for name, ratio in ratios.items()} == BOUNDS[row["case"]]
    assert fit["holds"] is (fit["median"] >= fit["at_least"])


def test_absent_sides_are_named(quick: tuple) -> None:
    row, table = quick
    assert row["sides"]["torch"]["absent"].startswith("torch and numpy: not installed in ")
    assert row["sides"]["jax"] == {"absent": "jax: left out by --sides"}
    assert row["sides"]["bare_fit"] == {"absent": "bare_fit: left out by --sides"}
    text = " ".join(table.split())
    assert "torch and numpy: not" in text and "left out by" in text
    if "torch" in BOUNDS[row["case"]]:
        assert row["ratios"]["torch"]["holds"] is None and ">= 1.5 not measured" in text


def test_the_tables_show_the_case(quick: tuple) -> None:
    row, table = quick
    kind = next(kind for kind, apps in speed.KINDS.items() if row["app"] in apps)
    tables = [speed.speed([row]), speed.ratios(kind, [row]), speed.costs("memory_mib", [row]), speed.targets([row])]
    assert row["case"] in table and all(f"| {row['case']} |" in text for text in tables)
    assert ("PyTorch ≥ 1.5 not measured" in tables[1]) is ("torch" in BOUNDS[row["case"]])
    assert all(len({line.count(" | ") for line in text.splitlines()}) == 1 for text in tables)


def test_an_interpreter_that_is_none_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "python")
    with pytest.raises(ConfigError, match=f"{path} does not run Python"):
        script("bench").main(["--quick", "--torch-python", path])
