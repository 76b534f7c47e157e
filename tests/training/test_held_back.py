"""Test rows that are left alone until they are asked for."""

from pathlib import Path

import kerasapps


def test_a_run_evaluates_its_test_rows_only_where_it_is_told_to(tmp_path: Path) -> None:
    given = {"data": "line", "epochs": 2, "execution": "eager"}
    plain = kerasapps.train("linear_regression", **given, run_dir=str(tmp_path / "plain"))
    held = kerasapps.train("linear_regression", **given, evaluate_test=False, run_dir=str(tmp_path / "held"))
    assert "test" not in held.record and held.record["validation"] == plain.record["validation"]
    assert held.evaluate("test") == plain.evaluate("test")
    again = kerasapps.resume(tmp_path / "held")
    assert again.record == held.record  # completed: nothing was left to do
