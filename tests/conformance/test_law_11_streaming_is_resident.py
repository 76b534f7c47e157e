"""Law 11: rows streamed by tf.data train exactly as rows that lie in memory."""

import numpy as np
import pytest
from harness import run_epochs, session

from kerasapps.app import App, load_app

LAW = "streaming = resident"


def history(app: App, pipeline: str, seed: int = 0, execution: str = "eager", epochs: int = 1) -> np.ndarray:
    """Metrics per epoch."""
    return run_epochs(session(app, pipeline=pipeline, execution=execution, seed=seed), epochs)


def assert_same(first: np.ndarray, second: np.ndarray) -> None:
    """The law itself."""
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_law(app: App) -> None:
    assert_same(history(app, "streaming"), history(app, "resident"))


def test_compiled_streaming_is_the_compiled_loop() -> None:
    app = load_app("softmax_regression")
    loop = history(app, "resident", execution="loop", epochs=2)
    for execution in ("step", "graph"):
        np.testing.assert_allclose(history(app, "streaming", execution=execution, epochs=2), loop, rtol=1e-5)


def test_another_order_is_caught() -> None:
    app = load_app("softmax_regression")
    with pytest.raises(AssertionError):
        assert_same(history(app, "streaming", seed=1), history(app, "resident"))
