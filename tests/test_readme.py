"""The Python of the README runs as it stands."""

from pathlib import Path

import keras
import numpy as np
import pytest


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = readme.partition("<!-- python -->\n```python\n")[2].partition("```")[0]
    random, names = np.random.default_rng(2), {}
    names |= {"images": random.integers(0, 256, (60, 28, 28), np.uint8), "labels": random.integers(0, 2, 60)}
    monkeypatch.chdir(tmp_path)
    exec(code, names)
    assert keras.models.load_model("model.keras").input_shape == (None, 4)
    assert names["run"].predict(names["images"][0])["probabilities"].shape == (1, 2)
