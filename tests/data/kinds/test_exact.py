"""Numbers beside whose size float32 loses what they differ by: standardised in float64, or refused."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.app import Signature
from kerasapps.data.preprocess import raw
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import DataError
from kerasapps.exporters import exported

SECONDS = 1_600_000_000 + np.array([0, 20, 40, 100, 20, 0])


def table(path: Path, cells: list, target: str = "a") -> str:
    path.write_text("when,size,y\n" + "".join(f"{cell},{i}.5,{target}{i % 2}\n" for i, cell in enumerate(cells)))
    return str(path)


def test_seconds_are_standardised_in_float64_in_python_and_in_exported_files(tmp_path: Path) -> None:
    source = open_source(table(tmp_path / "t.csv", list(SECONDS)))
    assert [column.kind for column in source.spec.inputs] == ["exact", "number"]
    columns = source.read("train", np.arange(6))
    preprocess = adapt(source.spec, "vector", columns)
    expected = (SECONDS - SECONDS.mean()) / SECONDS.std()
    got = preprocess.apply(columns)["features"]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got[:, 0], expected, rtol=1e-6, atol=1e-7)
    function = exported(Signature(lambda inputs: inputs, ("when", "size")), preprocess)
    answer = function(when=tf.constant(SECONDS, tf.float64), size=tf.constant(columns["size"]))
    np.testing.assert_allclose(answer["features"], got, rtol=1e-6)


@pytest.mark.parametrize("cells", [["0.1", "0.2", "1e7"], ["2001", "2002", "2003"], [SECONDS[0]] * 3, ["", "1", "2"]])
def test_numbers_that_float32_holds_stay_as_they_are(cells: list, tmp_path: Path) -> None:
    source = open_source(table(tmp_path / "t.csv", cells))
    assert source.spec.inputs[0].kind == "number"
    assert source.read("train", np.arange(1))["when"].dtype == np.float32


def test_runs_of_earlier_versions_read_what_they_read_then(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", list(SECONDS))
    source = open_source(path, missing="refuse", kinds={"number"})
    assert [column.kind for column in source.spec.inputs] == ["number", "number"]
    np.testing.assert_array_equal(source.read("train", np.arange(6))["when"], np.float32(SECONDS))
    target = open_source(
        table(tmp_path / "h.csv", list(SECONDS + 0.5)), target="when", missing="refuse", kinds={"number"}
    )
    assert target.read("train", np.arange(1))["when"].dtype == np.float32


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        (Column("x", "number"), SECONDS, "a column of the kind exact, or numbers nearer to 0"),
        (Column("x", "series", (2,)), SECONDS.reshape(3, 2), "Expected numbers nearer to 0"),
    ],
)
def test_what_float32_cannot_tell_apart_is_refused_elsewhere(column: Column, values: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=f"Column x: the numbers differ by less than float32 .*{words}"):
        adapt(Spec((column,), None), "vector", {"x": values})
    rounded = {"x": raw(column, values)}
    assert adapt(Spec((column,), None), "vector", rounded).statistics["x"][1] > 0


def test_a_target_that_float32_cannot_tell_apart_is_refused(tmp_path: Path) -> None:
    many = table(tmp_path / "t.csv", [f"{second}.5" for second in SECONDS])
    source = open_source(many, target="when")
    with pytest.raises(DataError, match="Column when: .*Expected numbers nearer to 0: subtract a constant"):
        adapt(source.spec, "vector", source.read("train", np.arange(6)))
