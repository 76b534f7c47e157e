"""What evaluate and report read of streamed rows is bounded, and the means are those of all rows."""

import tracemalloc

import numpy as np
import pytest
from toys.generated import Generated

import kerasapps
from kerasapps.data import rows as data_rows
from kerasapps.engine.evaluation import Evaluation
from kerasapps.report import view as report_view
from kerasapps.runs.run import Run

ROWS = 12_000
GENERATED = Generated(ROWS, side=32)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_rows, "open_source", lambda *named, **reading: GENERATED)
        given = {"data": "generated", "pipeline": "streaming", "epochs": 1, "hidden": (4,), "execution": "graph"}
        given |= {"global_batch_size": 1000, "run_dir": str(tmp_path_factory.mktemp("run") / "run")}
        done = kerasapps.train("mlp", **given)
        assert len(done.rows["train"]) == ROWS  # while the source is there
    return done


def peak_of(function: object, *arguments: object) -> tuple[object, int]:
    """What it returns, and the most bytes that Python and NumPy held while it ran."""
    tracemalloc.start()
    try:
        return function(*arguments), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def evaluated(run: Run, limit: int) -> dict[str, float]:
    """What run.evaluate says of the training rows, with another limit."""
    pieces = ({"inputs": run.preprocess.apply(p), **run.preprocess.answers(p)} for p in run.rows["train"].pieces())
    return Evaluation(run.task).of_pieces(ROWS, pieces, limit)


def test_raw_rows_are_thinned_to_the_limit(run: Run) -> None:
    """All of them would be 37 MB, a piece is 3 MB."""
    columns, peak = peak_of(run.read, "train", 2 << 20)
    assert 0.9 * (2 << 20) < columns["image"].nbytes <= 2 << 20 and peak < 16 << 20
    np.testing.assert_array_equal(columns["label"], np.arange(0, ROWS, 18) // 5 % 2)
    assert len(run.read("test")["label"]) == 64


def test_pieces_and_whole_do_not_lie_in_memory_together(run: Run) -> None:
    """18 MB of 37 MB of raw rows are kept, and 74 MB of 147 MB of preprocessed ones; a piece of those is 13 MB."""
    columns, peak = peak_of(run.read, "train", 30 << 20)
    assert columns["image"].nbytes > 18e6 and peak < 30 << 20
    found, peak = peak_of(evaluated, run, 100 << 20)
    assert peak < 125 << 20 and found["f1"] == pytest.approx(run.evaluate("train")["f1"], abs=0.1)


def test_a_report_holds_all_splits_and_what_is_made_of_them_in_the_limit(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 12 << 20
    monkeypatch.setattr(report_view, "KEPT_BYTES", limit)
    view = report_view.view_of(run)
    held = [*view.labels.values()]
    for columns in view.columns.values():
        held += [*columns.values(), view.apply(columns)]
    assert 0.9 * limit < sum(array.nbytes for array in held) <= limit
    monkeypatch.undo()
    sizes = {split: min(size, report_view.MOST_ROWS) for split, size in GENERATED.sizes.items()}
    assert {split: len(labels) for split, labels in report_view.view_of(run).labels.items()} == sizes
    np.testing.assert_array_equal(
        report_view.view_of(run).columns["train"]["label"], np.arange(0, ROWS * 10, 12) // 10 // 5 % 2
    )


def test_means_are_of_all_rows_and_memory_is_bounded(run: Run) -> None:
    """The preprocessed rows would be 147 MB."""
    whole = run.evaluate("train")
    found, peak = peak_of(evaluated, run, 8 << 20)
    assert peak < 60 << 20 and found["loss"] == whole["loss"] and found["accuracy"] == whole["accuracy"]
    assert found["f1"] == pytest.approx(whole["f1"], abs=0.1)
