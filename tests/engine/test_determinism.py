"""Determinism: what is asked for and what is in force is in the record."""

import os
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.python.framework import config

import kerasapps
from kerasapps.engine.determinism import set_determinism

GIVEN = {"data": "line", "rows": 30, "epochs": 1, "execution": "eager"}


@pytest.mark.parametrize("given", [{}, {"deterministic": True}, {"deterministic": None}])
def test_runs_on_a_cpu_are_deterministic_without_a_switch(given: dict, tmp_path: Path) -> None:
    record = kerasapps.train("linear_regression", **GIVEN, **given, run_dir=str(tmp_path / "run")).record
    assert record["determinism"]["deterministic"] is True and not record["determinism"]["tf32"]
    assert not config.is_op_determinism_enabled()  # which would cost XLA its clusters


def test_on_a_gpu_all_switches_are_set_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device is made up; what is switched is not."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["a GPU"])
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_max_hlo_modules=1")
    assert set_determinism(None)["deterministic"] is False
    assert os.environ["XLA_FLAGS"] == "--xla_dump_max_hlo_modules=1"
    try:
        found = set_determinism(True)
        assert found["deterministic"] and not found["tf32"] and config.is_op_determinism_enabled()
        assert os.environ["XLA_FLAGS"] == found["xla_flags"]
        assert found["xla_flags"].endswith("=1 --xla_gpu_exclude_nondeterministic_ops=true")
        assert set_determinism(True) == found
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)
        config.disable_op_determinism()
