"""Law 13: every metric that a run records says whether lower or higher is better; nothing is guessed from its name."""

import dataclasses
import itertools

import pytest
from harness import session

from kerasapps.app import App, load_app
from kerasapps.engine.evaluation import Evaluation
from kerasapps.engine.session import Session
from kerasapps.tasks.supervised import Supervised

LAW = "every metric has a direction"


def recorded(own: Session) -> set[str]:
    """Names of the metrics of the history, and of those of whole splits."""
    splits = map(Evaluation(own.task).of, (own.data.validation, own.data.test))
    return {name.removeprefix("val_") for name in itertools.chain(own.metrics, *splits)}


def assert_directed(own: Session) -> None:
    """The law itself."""
    names = recorded(own)
    assert "loss" in names or len(own.updates) > 1
    assert names <= own.task.directions.keys()
    assert set(own.task.directions.values()) <= {"min", "max"}


@pytest.mark.one_of_each_family
def test_law(app: App) -> None:
    assert_directed(session(app, execution="eager"))


@pytest.mark.parametrize("missing", ["accuracy", "f1"])
def test_a_metric_without_a_direction_is_caught(missing: str) -> None:
    class Forgetful(Supervised):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)
            self.directions = {name: way for name, way in self.directions.items() if name != missing}

    app = dataclasses.replace(load_app("softmax_regression"), task=Forgetful)
    with pytest.raises(AssertionError):
        assert_directed(session(app, execution="eager"))
