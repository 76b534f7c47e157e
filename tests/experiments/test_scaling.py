"""The model of what several workers cost."""

import json
import math

import numpy as np
import pytest
from scripts import ROOT, script

scaling = script("scaling")


def test_a_ring_sends_all_bytes_but_one_part_twice() -> None:
    """Of 4 machines each sends 3 quarters of the bytes to add up, and again 3 to tell; 6 messages in all."""
    assert scaling.ring(1, 1e6, 1.0, 1e6) == 0
    assert scaling.ring(4, 1e6, 0.0, 1e6) == pytest.approx(1.5)
    assert scaling.ring(4, 0.0, 0.25, 1e6) == pytest.approx(1.5)


def test_without_a_network_machines_are_as_many_times_as_fast_until_rows_run_out() -> None:
    one = {"rows": 64, "bytes": 0, "step": 0.64, "step_of_a_quarter": 0.16}
    found = scaling.speeds(one, 0.0, math.inf)
    np.testing.assert_allclose(found["64 rows each"], [2**k for k in range(11)])
    np.testing.assert_allclose(found["64 rows together"], [2**k for k in range(7)])


def test_what_does_not_shrink_with_the_rows_and_the_network_bound_the_speed() -> None:
    one = {"rows": 64, "bytes": 4e6, "step": 0.74, "step_of_a_quarter": 0.26}  # 0.1 s, and 0.01 s a row
    found = scaling.speeds(one, 0.001, 1e9)
    assert found["64 rows together"][2] == pytest.approx(0.74 / (0.1 + 0.16 + 6 * (0.001 + 1e6 / 1e9)))
    assert found["64 rows each"][1] == pytest.approx(2 * 0.74 / (0.74 + 2 * (0.001 + 2e6 / 1e9)))


def test_a_prediction_is_compute_and_what_the_sums_take() -> None:
    one = {"app": "x", "rows": 10, "bytes": 4_000_000, "rounds": 2}
    turns = [{("alone", 1): 0.3, ("step", 3): step} for step in (0.15, 0.2)]
    many = 0.01 + 4 * (scaling.MANY - scaling.FEW) / 1e8
    median = {("alone", 3): 0.12, ("few", 3): 0.01, ("many", 3): many, ("step", 3): 0.2}
    row = scaling._row(one, 3, turns, median)
    assert row["bandwidth"] == pytest.approx(1e8) and row["predicted"] == pytest.approx(0.12 + 0.01 + 0.04)
    assert row["error"] == pytest.approx(-0.15)
    assert row["speed"] == {"median": pytest.approx(1.75), "least": pytest.approx(1.5), "most": pytest.approx(2.0)}


def test_what_is_recorded_was_predicted_to_15_percent_and_shared_at_70() -> None:
    recorded = json.loads((ROOT / "docs" / "scaling.json").read_text(encoding="utf-8"))
    assert {(row["app"], row["rows"], row["workers"]) for row in recorded} == {
        (app, rows, workers) for app, rows in scaling.CASES.items() for workers in (1, *scaling.WORKERS)
    }
    assert max(abs(row.get("error", 0)) for row in recorded) <= 0.15
    assert min(row["speed"]["median"] for row in recorded if row["workers"] == 2) >= 0.7


@pytest.mark.slow
def test_processes_are_measured_together_and_apart() -> None:
    measured = scaling.measure("linear_regression", rows=16, rounds=1, steps=2)
    assert [row["workers"] for row in measured] == [1, 2, 3]
    assert all(row["bytes"] == 8 and row["step"] > 0 for row in measured)
    assert all(row["latency"] > 0 and row["bandwidth"] > 0 for row in measured[1:])
