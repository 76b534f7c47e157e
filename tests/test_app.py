"""What is asked of an application before it is trained."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from toys.tagger import APP, Tagger

import kerasapps
from kerasapps.app import Signature
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
