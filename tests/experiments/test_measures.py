"""The scripts that measure: they count what they say, and README's tables are what they recorded."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"measure_{name}", ROOT / "experiments" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_readme_are_those_recorded() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script("tables").filled(text) == text


def test_every_application_and_bound_is_in_the_record() -> None:
    recorded = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))
    claims = script("accuracy").CLAIMS
    assert [(row["experiment"], row["at_least"], row["at_most"]) for row in recorded] == [
        (claim.experiment, claim.at_least, claim.at_most) for claim in claims
    ]
    speeds = json.loads((ROOT / "docs" / "speed.json").read_text(encoding="utf-8"))
    assert [(row["case"], row["at_least"]) for row in speeds] == [(c.name, c.at_least) for c in script("bench").CASES]


def test_accuracy_takes_medians_and_counts(capsys: pytest.CaptureFixture) -> None:
    accuracy = script("accuracy")
    runs = {seed: {"test": {"accuracy": value}, "seconds": {"train": seed, "compile": 0.0}} for seed, value in
            enumerate((0.5, 1.0, 0.7))}  # fmt: skip

    class Run:
        def __init__(self, seed: int) -> None:
            self.record = runs[seed]

    median = accuracy.Claim("x", "test accuracy", accuracy.accuracy, at_least=0.71, seeds=3)
    row = accuracy.measure(median, 10, lambda experiment, seed, split: Run(seed))
    assert (row["value"], row["least"], row["most"], row["holds"]) == (0.7, 0.5, 1.0, False)
    counted = accuracy.Claim("x", "solved", accuracy.solved, at_least=1, seeds=3, counts=True)
    row = accuracy.measure(counted, 10, lambda experiment, seed, split: Run(seed))
    assert (row["value"], row["holds"]) == (1.0, True)


def test_bench_measures_all_sides_in_turns(tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    (row,) = script("bench").main(["--only", "linear_regression", "--quick", "--json", str(file)])
    assert json.loads(file.read_text()) == [row]
    assert row["plan"] == "loop" and row["rounds"] == 2
    assert row["least"] <= row["ratio"] <= row["most"] and row["ratio"] > 1 and row["bare_ratio"] > 1
    assert row["fit_us"] > row["ours_us"] > 0
