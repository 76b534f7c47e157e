"""Law 5: the same seed gives the same history and weights bit for bit; another seed gives others.

In one process, eagerly; law 6 shows the same for the default plan and between processes.
"""

import itertools

import numpy as np
import pytest
from harness import run_epochs, session, weights

from kerasapps.app import App, load_app
from kerasapps.data import pipeline

LAW = "same seed = same history"
EPOCHS = 1


def trained(app: App, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """History and weights after an epoch."""
    small = session(app, seed=seed, epochs=EPOCHS, execution="eager")
    return run_epochs(small, EPOCHS), weights(small)


def assert_same(first: tuple, second: tuple) -> None:
    """The law itself."""
    np.testing.assert_array_equal(first[0], second[0])
    for name, values in first[1].items():
        np.testing.assert_array_equal(values, second[1][name])


def test_law(app: App) -> None:
    first = trained(app, seed=3)
    assert_same(first, trained(app, seed=3))
    with pytest.raises(AssertionError):
        assert_same(first, trained(app, seed=4))


def test_an_order_that_forgets_its_seed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    app, calls, order = load_app("linear_regression"), itertools.count(), pipeline.order
    first = trained(app, seed=3)
    monkeypatch.setattr(pipeline, "order", lambda seed, epoch, rows: order(next(calls), 99, rows))
    with pytest.raises(AssertionError):
        assert_same(first, trained(app, seed=3))
