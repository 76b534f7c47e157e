"""Law 5: the same seed gives the same state bit for bit, the history's sums in it; another seed gives another.

Asked in one process, eagerly: of one app of each family in every run, of all others in slow tests. Law 6 shows the
same for the default plan and between processes.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from harness import SHORT, session

from kerasapps.app import App, load_app
from kerasapps.data import pipeline
from kerasapps.engine.segments import Segment

LAW = "same seed = same history"


def trained(app: App, seed: int) -> dict[str, np.ndarray]:
    """Weights, the optimizers' variables and the metrics' sums after the steps of an epoch, which does not end."""
    small = session(app, seed=seed, execution="eager", **SHORT)
    small.program.run(Segment(epoch=0, cycle=0, epochs=1, full=1, tail=1, ends=0))
    return small.state.arrays()


def assert_same(first: dict, second: dict) -> None:
    """The law itself."""
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


@pytest.mark.one_of_each_family
def test_law(app: App) -> None:
    first = trained(app, seed=3)
    assert_same(first, trained(app, seed=3))
    with pytest.raises(AssertionError):
        assert_same(first, trained(app, seed=4))


def test_law_in_threads_of_one_process() -> None:
    assert_same_in_threads(load_app("mlp"))


@pytest.mark.slow
def test_law_in_threads(app: App) -> None:
    assert_same_in_threads(app)


def assert_same_in_threads(app: App) -> None:
    """The law for four trainings at a time."""
    alone = trained(app, seed=3)
    with ThreadPoolExecutor(4) as threads:
        for together in threads.map(lambda _: trained(app, seed=3), range(4)):
            assert_same(alone, together)


def test_an_order_that_forgets_its_seed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    app, calls, order = load_app("linear_regression"), itertools.count(), pipeline.order
    first = trained(app, seed=3)
    monkeypatch.setattr(pipeline, "order", lambda seed, epoch, rows: order(next(calls), 99, rows))
    with pytest.raises(AssertionError):
        assert_same(first, trained(app, seed=3))
