"""The scripts that measure: they count what they say, and the tables of the pages are what they recorded."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts import ROOT, script

from experiments.claims.claim import Claim
from experiments.claims.known import claims_of
from experiments.claims.listed import LISTED
from experiments.claims.measures import mean_over_runs, score, solved
from experiments.claims.table import CLAIMS
from experiments.shown import accuracy
from experiments.shown.markdown import markdown
from kerasapps.app import load_app
from kerasapps.errors import ConfigError
from kerasapps.names import APPS, names_in

RECORDED = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))


def test_the_tables_of_the_pages_are_those_recorded() -> None:
    tables = script("tables")
    assert tables.filled() == {page: (ROOT / page).read_text(encoding="utf-8") for page in tables.PAGES}


def test_every_application_and_bound_is_in_the_record() -> None:
    claims = {(claim.experiment, claim.shown): (claim.at_least, claim.at_most) for claim in CLAIMS}
    known = {(row["experiment"], row["quantity"]): (row["at_least"], row["at_most"]) for row in RECORDED}
    assert known.items() <= claims.items()
    speeds = json.loads((ROOT / "docs" / "speed.json").read_text(encoding="utf-8"))
    measured = {row["case"] for row in speeds}
    cases = [(case.name, case.at_least) for case in script("bench").CASES if case.name in measured]
    assert [(row["case"], bounds(row)) for row in speeds] == cases


def test_every_claim_has_a_row_and_says_so_where_it_is_not_recorded() -> None:
    recorded = [{"experiment": "cnn_mnist_5k", "quantity": "test accuracy", "seeds": 3, "value": 0.98, "least": 0.97,
                 "most": 0.99, "at_least": 0.982, "at_most": None, "holds": False}]  # fmt: skip
    rows = [line for table in accuracy.ACCURACY.values() for line in table(recorded).splitlines()]
    assert len(rows) == len(CLAIMS) + 2 * len(accuracy.SECTIONS)
    assert len([row for row in rows if "not recorded" in row]) == len(CLAIMS) - 1
    assert "| `cnn_mnist_5k` | test accuracy | 3 | 0.98 | 0.97 to 0.99 | ≥ 0.982 **missed** |" in rows


def test_every_application_has_a_row_that_leads_to_its_page() -> None:
    assert [*accuracy.APPLICATIONS] == names_in(APPS)
    assert [page for page, *_ in accuracy.APPLICATIONS.values() if not (ROOT / f"docs/tasks/{page}.md").exists()] == []


def test_an_application_that_was_not_measured_has_a_row() -> None:
    (measured,) = [row for row in RECORDED if (row["experiment"], row["quantity"]) == ("mlp_digits", "test accuracy")]
    rows = [line for line in accuracy.apps([measured]).splitlines() if "docs/tasks" in line]
    assert len(rows) == len(names_in(APPS))
    assert [row for row in rows if "not recorded |  |" not in row] == [row for row in rows if "[mlp]" in row]


def test_a_table_has_no_empty_column() -> None:
    assert markdown(("a", "b", "c"), [["1", "", ""], ["", "", "2"]]) == "| a | c |\n| --- | --- |\n| 1 |  |\n|  | 2 |"


def test_the_bound_of_defaults_is_the_goal_of_the_application() -> None:
    """Each experiment with default hyperparameters on a source with a goal claims it, with its bound and its metric."""
    held = [each for each in LISTED if each.fields.keys() == {"data"} and each.fields["data"] in goals(each.app)]
    assert len(held) > 20
    for each in held:
        goal = goals(each.app)[each.fields["data"]]
        (claim, *_) = [claim for own, claim in zip(each.claims, claims_of(each), strict=True) if own.measure is None]
        assert (claim.at_least, claim.at_most) == (goal.at_least, goal.at_most) != (None, None)
        assert claim.measure(SimpleNamespace(record={"test": {goal.metric: 0.25}})) == 0.25


def goals(app: str) -> dict:
    return load_app(app).goals


def bounds(row: dict) -> dict[str, float]:
    return {name: ratio["at_least"] for name, ratio in row["ratios"].items() if "at_least" in ratio}


def test_accuracy_takes_medians_and_counts(capsys: pytest.CaptureFixture) -> None:
    accuracy = script("accuracy")
    runs = {seed: {"test": {"accuracy": value}, "seconds": {"train": seed, "compile": 0.0}} for seed, value in
            enumerate((0.5, 1.0, 0.7))}  # fmt: skip

    class Run:
        def __init__(self, seed: int) -> None:
            self.record = runs[seed]

    median = Claim("test accuracy", score("accuracy"), at_least=0.71, seeds=3)
    row = accuracy.measure(median, 10, lambda experiment, seed, split: Run(seed))
    assert (row["value"], row["least"], row["most"], row["holds"]) == (0.7, 0.5, 1.0, False)
    counted = Claim("solved", solved, at_least=1, seeds=3, counts=True)
    row = accuracy.measure(counted, 10, lambda experiment, seed, split: Run(seed))
    assert (row["value"], row["holds"]) == (1.0, True)


def test_an_experiment_of_several_runs_is_measured_as_a_whole() -> None:
    accuracy = script("accuracy")

    def runs_of(experiment: str, seed: int, split: int) -> list[SimpleNamespace]:
        values = ((seed, 1.0), (seed + 2, 3.0))
        return [
            SimpleNamespace(record={"test": {"auc": v}, "seconds": {"train": s, "compile": 0.5}}) for v, s in values
        ]

    claim = Claim("auc", mean_over_runs("auc"), seeds=3)
    row = accuracy.measure(claim, 10, runs_of)
    assert (row["values"], row["value"], row["train"], row["compile"]) == ([1, 2, 3], 2, 4, 1)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--rounds", "0"], "--rounds 0: expected at least 1"),
        (["--json", "missing/speed.json"], "missing. Make it"),
        (["--execution", "bogus"], "bogus"),
    ],
)
def test_bad_flags_are_refused_before_anything_is_measured(
    flags: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        script("bench").main(flags)
    assert ended.value.code == 2 and words in capsys.readouterr().err


def test_an_interpreter_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not run Python"):
        script("bench").main(["--torch-python", "/bin/true", "--only", "linear"])


def test_what_was_not_measured_now_stays_recorded(tmp_path: Path) -> None:
    accuracy, file = script("accuracy"), tmp_path / "accuracy.json"
    first, *_, last = accuracy.CLAIMS
    rows = [{"experiment": c.experiment, "quantity": c.shown, "value": value} for c, value in ((last, 1), (first, 2))]
    file.write_text(json.dumps(rows))
    kept = accuracy._with_recorded([{**rows[0], "value": 3}], file)
    assert [(row["experiment"], row["value"]) for row in kept] == [(first.experiment, 2), (last.experiment, 3)]


def test_a_tpus_compiler_was_asked_of_every_application() -> None:
    recorded = json.loads((ROOT / "docs" / "tpu.json").read_text(encoding="utf-8"))
    assert [row["app"] for row in recorded if row["program"] == "step"] == names_in(APPS)
    assert [row for row in recorded if "error" in row] == []


def test_programs_are_lowered_for_a_tpu_and_a_python_that_cannot_compile_is_named(tmp_path: Path) -> None:
    tpu = script("tpu")
    assert tpu.lower("linear_regression", tmp_path) == ["step", "end of epoch"]
    assert all((tmp_path / f"linear_regression.{name}.pb").stat().st_size for name in ("step", "end of epoch"))
    with pytest.raises(SystemExit, match="cannot compile for a TPU: .*No module named 'nosuch'"):
        list(tpu.compile_all(_python_without_jax(tmp_path), ["linear_regression"]))


def _python_without_jax(folder: Path) -> str:
    """A program that fails as one does."""
    program = folder / "python"
    program.write_text("#!/bin/sh\necho No module named \\'nosuch\\' >&2\nexit 1\n")
    program.chmod(0o755)
    return str(program)
