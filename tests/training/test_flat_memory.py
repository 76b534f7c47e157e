"""A set ten times larger than a cap on memory trains within the cap: rows are made when a batch is, and forgotten."""

import resource
from pathlib import Path

import numpy as np
import pytest
from conformance import workers
from toys.generated import Generated

import kerasapps
from kerasapps.data import rows as data_rows

CAP = 400 << 20
"""Bytes that a process may grow by while it trains."""
SIDE = 128
ROWS = 10 * CAP // (SIDE * SIDE * 3) + 1
GENERATED = Generated(ROWS, SIDE)


def train(file: Path) -> None:
    """Write by how many bytes this process has grown at most, and how many steps it did."""
    data_rows.open_source = lambda *named: GENERATED
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    given = {"pipeline": "streaming", "epochs": 1, "global_batch_size": 32, "execution": "graph"}
    run = kerasapps.train(
        "logistic_regression", data="generated", learning_rate=1e-4, run_dir=str(file.parent / "run"), **given
    )
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    np.save(file, [grown, run.record["steps"]])


@pytest.mark.slow
def test_a_set_ten_times_larger_than_the_cap_trains_within_it(tmp_path: Path) -> None:
    assert workers.finish(workers.start(train, tmp_path / "grown.npy")) == 0
    grown, steps = np.load(tmp_path / "grown.npy")
    assert steps == -(-ROWS // 32)
    assert grown < CAP
