"""Law 9: an app overfits one batch: the loss falls to a tenth.

Asked of one app of each family in every run, of all others in slow tests.
"""

import numpy as np
import pytest
from harness import run_epochs, session, without_noise

from kerasapps.app import App, load_app

LAW = "can learn"
EPOCHS, AT_ONCE = 150, 10


def losses(app: App, learning_rate: float) -> np.ndarray:
    """Training losses on a single batch of twelve rows, until they are low enough."""
    settings = {"optimizer": "adam", "optimizer_settings": {}, "schedule": "constant", "l1": 0.0, "l2": 0.0}
    settings |= {"learning_rate": learning_rate, "epochs": EPOCHS, **without_noise(app)}
    small = session(app, rows=12, execution="graph", **settings)
    found = run_epochs(small, 1)[:, 0]
    while len(found) < EPOCHS and not low(found):
        found = np.append(found, run_epochs(small, AT_ONCE, done=len(found))[:, 0])
    return found


def low(losses: np.ndarray) -> bool:
    """Whether the last one is below a tenth of the first."""
    return losses[-1] < 0.1 * losses[0]


def assert_learns(losses: np.ndarray) -> None:
    """The law itself."""
    assert low(losses)


@pytest.mark.one_of_each_family
def test_law(app: App) -> None:
    assert_learns(losses(app, learning_rate=0.03))


def test_a_model_that_does_not_move_is_caught() -> None:
    with pytest.raises(AssertionError):
        assert_learns(losses(load_app("softmax_regression"), learning_rate=1e-9))
