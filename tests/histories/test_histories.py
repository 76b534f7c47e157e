"""Numbers that a change of structure must not change: recorded histories, bit for bit on the machine that wrote them.

On another processor the last bits differ, and sums of many of them: there histories agree to 2%.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from histories.recorded import FILE, cases, history, machine

from kerasapps.app import load_app

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
ALWAYS = [f"{name} {load_app(name).default_data}" for name in ("linear_regression",)]
"""Quick to compile; the others are slow tests."""


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Equal bit for bit where the machine is the one that recorded `expected`; test rows may have further scores."""
    found = {**found, "test": {name: value for name, value in found["test"].items() if name in expected["test"]}}
    if machine() == RECORDED["machine"]:
        assert found == expected
        return
    assert found["history"].keys() == expected["history"].keys()
    for name, values in expected["history"].items():
        np.testing.assert_allclose(found["history"][name], values, rtol=0.02, atol=0.02, err_msg=name)


@pytest.mark.parametrize("case", ALWAYS)
def test_history_of_the_default_data(case: str, tmp_path: Path) -> None:
    assert_same(history(*case.split()[:2], True, tmp_path), RECORDED["histories"][case])


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(RECORDED["histories"].keys() - set(ALWAYS)))
def test_history(case: str, tmp_path: Path) -> None:
    app, data, *without = case.split()
    assert_same(history(app, data, not without, tmp_path), RECORDED["histories"][case])


@pytest.mark.slow
def test_every_application_and_source_is_recorded() -> None:
    assert {f"{case}{end}" for case in cases() for end in ("", " without noise")} == RECORDED["histories"].keys()


def test_another_learning_rate_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = load_app("linear_regression")
    monkeypatch.setitem(app.tiny, "learning_rate", 0.02)
    with pytest.raises(AssertionError):
        assert_same(history(app.name, "line", True, tmp_path), RECORDED["histories"]["linear_regression line"])
