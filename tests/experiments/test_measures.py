"""The scripts that measure: they count what they say, and README's tables are what they recorded."""

import json

import pytest
from scripts import ROOT, script


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
    assert [(row["case"], bounds(row)) for row in speeds] == [(c.name, c.at_least) for c in script("bench").CASES]


def bounds(row: dict) -> dict[str, float]:
    return {name: ratio["at_least"] for name, ratio in row["ratios"].items() if "at_least" in ratio}


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
