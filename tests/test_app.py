"""What is asked of an application before it is trained."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from toys.tagger import APP, Tagger

import kerasapps
from kerasapps.app import Signature, signatures_of
from kerasapps.arguments import argument
from kerasapps.errors import ConfigError


class Clashing(Tagger):
    """A tagger with an argument that is called as a column of toys.phrases."""

    def signatures(self) -> dict[str, Signature]:
        return {"say": Signature(self._say, self.layout.columns, {"sign": argument(np.float32(1))})}


def test_a_column_that_is_called_as_an_argument_is_refused_before_training(tmp_path: Path) -> None:
    app = dataclasses.replace(APP, task=Clashing)
    with pytest.raises(ConfigError, match=r"column sign has the name .* signature say.* Rename the column, or leave"):
        kerasapps.train(app, **{**app.tiny, "execution": "eager"}, run_dir=str(tmp_path / "run"))
    assert not list(tmp_path.iterdir())


def test_a_row_of_zeros_stands_in_for_none() -> None:
    """Whatever a signature computes sees a row, in a graph of any number of rows, and one more is never answered."""
    seen: list[np.ndarray] = []

    def doubled(fields: dict[str, tf.Tensor], shift: tf.Tensor, scale: tf.Tensor) -> dict[str, tf.Tensor]:
        tf.numpy_function(lambda *values: seen.append(values), [fields["x"], shift], [])
        return {"doubled": scale * fields["x"] + shift[:, None]}

    arguments = {"shift": argument(np.zeros(1, np.float32)), "scale": argument(np.float32(2))}
    asked = signatures_of(
        SimpleNamespace(signatures=lambda: {"serving_default": Signature(doubled, ("x",), arguments)})
    )
    function = tf.function(asked["serving_default"].function, autograph=False, reduce_retracing=True)
    for rows in (0, 1, 3):
        x, shift = np.ones((rows, 2), np.float32), np.arange(rows, dtype=np.float32)
        answer = function({"x": tf.constant(x)}, shift=tf.constant(shift), scale=tf.constant(2.0))["doubled"]
        np.testing.assert_array_equal(answer, 2 * x + shift[:, None])
    assert [[len(values) for values in given] for given in seen] == [[1, 1], [1, 1], [3, 3]]
    assert not seen[0][0].any()


@pytest.mark.slow
def test_the_laws_refuse_an_application_that_there_is_not() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--collect-only", "tests/conformance", "--app", "cnnn"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --app cnnn: Unknown app 'cnnn'. Did you mean 'cnn'?" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
