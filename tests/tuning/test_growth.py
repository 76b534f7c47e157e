"""What a search itself takes of memory, beside the processes of its trials."""

import os
from pathlib import Path

import numpy as np
import pytest

from kerasapps.tuning.memory import resident_bytes
from kerasapps.tuning.tune import tune

MOST = 0.1
"""MB a trial."""


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["random", "bayesian"])
def test_a_search_does_not_grow(tuner: str, tmp_path: Path) -> None:
    """The slope of a line through the last 50 of 60 trials."""
    sizes: list[float] = []
    given = {"data": "iris", "rows": 60, "epochs": 1, "execution": "eager", "hidden": (8,), "learning_rate": 0.01}
    space = ["learning_rate=log:1e-4:1e-1", "dropout=0:0.5"]
    tune(
        "mlp",
        **given,
        search=space,
        tuner=tuner,
        trials=60,
        jobs=2,
        directory=str(tmp_path / "search"),
        show=lambda outcome: sizes.append(resident_bytes(os.getpid()) / 1e6),
    )
    slope = np.polyfit(np.arange(50), sizes[-50:], 1)[0]
    assert len(sizes) == 60 and slope <= MOST, f"{slope:.3f} MB a trial: {sizes}"
