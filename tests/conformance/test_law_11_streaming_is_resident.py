"""Law 11: rows streamed by tf.data train exactly as rows that lie in memory.

Asked of one app of each family in every run, of all others in slow tests.
"""

import numpy as np
import pytest
from harness import run_epochs, session

from kerasapps.app import App, load_app

LAW = "streaming = resident"


def history(app: App, pipeline: str, seed: int = 0, execution: str = "eager", epochs: int = 1) -> np.ndarray:
    """Metrics per epoch."""
    given = {"optimizer": "sgd", "optimizer_settings": {}, "schedule": "constant", "learning_rate": 0.01}
    return run_epochs(session(app, pipeline=pipeline, execution=execution, seed=seed, **given), epochs)


def assert_same(first: np.ndarray, second: np.ndarray) -> None:
    """The law itself."""
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.one_of_each_family
def test_law(app: App) -> None:
    assert_same(history(app, "streaming"), history(app, "resident"))


@pytest.mark.parametrize("execution", ["graph", pytest.param("step", marks=pytest.mark.slow)])
def test_compiled_streaming_is_resident(execution: str) -> None:
    app = load_app("softmax_regression")
    compiled = history(app, "streaming", execution=execution, epochs=2)
    np.testing.assert_allclose(compiled, history(app, "resident", epochs=2), rtol=1e-5)


def test_another_order_is_caught() -> None:
    app = load_app("softmax_regression")
    with pytest.raises(AssertionError):
        assert_same(history(app, "streaming", seed=1), history(app, "resident"))
