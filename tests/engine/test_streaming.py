"""Streamed rows: fitted in pieces, read no more than needed, refused by name."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from kerasapps.app import load_app
from kerasapps.data import split
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays, Columns, Source, Spec
from kerasapps.engine.plan import Conditions, candidates
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.config import resolve
from kerasapps.training.prepare import open_session


@dataclass
class Watched:
    """A source that remembers how many rows each read asked for."""

    source: Source
    reads: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def spec(self) -> Spec:
        return self.source.spec

    @property
    def sizes(self) -> dict[str, int]:
        return dict(self.source.sizes)

    def read(self, split: str, rows: np.ndarray) -> Columns:
        self.reads.append(len(rows))
        return self.source.read(split, rows)


def session(source: Source, pipeline: str = "streaming") -> Session:
    """A session of softmax_regression over `source`, nothing compiled."""
    app = load_app("softmax_regression")
    given = {"pipeline": pipeline, "execution": "eager", "global_batch_size": 32}
    return open_session(app, *resolve(app, given), split.split_rows(source, 0))


def test_numbers_are_fitted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split.Rows.pieces, "__defaults__", (10,))
    iris = Watched(open_source("iris"))
    streamed = session(iris)
    columns = streamed.data.rows["train"].read()
    fitted = streamed.data.preprocess.statistics
    assert len(fitted) == 4
    for name, moments in fitted.items():
        exact = columns[name].astype(np.float64)
        np.testing.assert_allclose(moments, [exact.mean(), exact.var()], rtol=1e-12)
    assert iris.reads.count(10) >= len(columns["sepal_width"]) // 10
    assert session(iris, "resident").data.preprocess == streamed.data.preprocess


def test_of_images_only_the_first_piece_is_read_before_training() -> None:
    digits = Watched(open_source("digits"))
    held_out = [len(rows) for name, rows in split.split_rows(digits, seed=0).items() if name != "train"]
    labels = list(digits.reads)
    digits.reads.clear()
    streamed = session(digits)
    assert len(streamed.data.rows["train"]) > split.READ_ROWS
    assert digits.reads == [*labels, split.READ_ROWS, *held_out]


def test_a_bad_row_is_a_data_error() -> None:
    digits = open_source("digits")
    columns = dict(digits.splits["train"])
    streamed = session(Arrays("digits", digits.spec, {"train": columns}))
    bad = streamed.data.rows["train"].rows[7]
    columns["label"][bad] = 10
    program = streamed.program
    with pytest.raises(DataError) as caught:
        program.run(Segment(0, 0, 1, program.full, int(program.tail_rows > 0), 1))
    assert str(caught.value) == (
        f"digits, train, row {bad} (from 0), column label: 10. Expected a class number from 0 to 9. "
        "Correct or remove the row."
    )
    assert caught.value.__suppress_context__


def test_loop_over_streamed_rows_says_why_they_are_streamed() -> None:
    with pytest.raises(ConfigError, match=r"pipeline=auto met more than 2 GiB.*execution=step.*pipeline=resident"):
        candidates("loop", {}, Conditions(resident=False))
