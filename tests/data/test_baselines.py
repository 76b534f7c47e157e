"""What models have to beat: one answer to everything, and the linear model that texts are compared with."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import root_mean_squared_error

from kerasapps.data import baselines
from kerasapps.data.baselines import constant_baseline, linear_baseline
from kerasapps.data.spec import Arrays, Column, Spec, Target
from kerasapps.data.split import split_rows

CLASSES = Column("liked", "category", classes=("no", "yes"))


def rows_of(texts: list[str], labels: np.ndarray, target: Column = CLASSES) -> dict:
    columns = {"said": np.array(texts, object), target.name: labels}
    return split_rows(Arrays("T", Spec((Column("said", "text"),), target), {"train": columns}), 0)


def told(labels: np.ndarray) -> list[str]:
    """Texts of the same words, of which pairs tell the class, among others."""
    random = np.random.default_rng(1)
    told = (("bad not good", "good not bad")[label] for label in labels)
    return [f"w{random.integers(9)} {pair} w{random.integers(9)}" for pair in told]


def test_pairs_of_words_tell_the_class() -> None:
    labels = np.arange(200) % 2
    rows = rows_of(told(labels), labels)
    assert linear_baseline(rows["train"].source.spec, rows) == {
        "validation": {"linear_accuracy": 1.0},
        "test": {"linear_accuracy": 1.0},
    }


def test_accuracy_is_the_share_of_rows_that_are_right() -> None:
    labels = np.arange(400) % 2
    truth = np.where(np.arange(400) % 20 < 2, 1 - labels, labels)  # as many of each class are told wrongly
    rows = rows_of(told(labels), truth)
    found = linear_baseline(rows["train"].source.spec, rows)
    for split, metrics in found.items():
        right = float(np.mean(labels[rows[split].rows] == truth[rows[split].rows]))
        assert metrics["linear_accuracy"] == pytest.approx(right, abs=0.02)


def test_it_is_fitted_on_a_part_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(200) % 2
    rows, read = rows_of(told(labels), labels), []
    take = type(rows["train"]).take
    monkeypatch.setattr(type(rows["train"]), "take", lambda self, index: read.append(len(index)) or take(self, index))
    monkeypatch.setattr(baselines, "MOST_ROWS", 50)
    assert linear_baseline(rows["train"].source.spec, rows)["test"]["linear_accuracy"] == 1.0
    assert read == [48]


@pytest.mark.parametrize("case", ["reals", "one class", "signs", "no text"])
def test_where_there_is_nothing_to_learn_there_is_no_baseline(case: str) -> None:
    labels = np.zeros(20, int) if case == "one class" else np.arange(20) % 2
    target = Column("liked", "number") if case == "reals" else CLASSES
    rows = rows_of(["?!"] * 20 if case == "signs" else told(labels), labels, target)
    spec = Spec((Column("x", "number"),), target) if case == "no text" else rows["train"].source.spec
    assert linear_baseline(spec, rows) == {}


RANDOM = np.random.default_rng(3)


def test_the_most_frequent_class_of_training_is_said_of_every_row() -> None:
    """It is not that of the other rows."""
    train, test = np.array([2, 0, 2, 1, 2, 0]), np.array([0, 0, 0, 2, 1])
    dummy = DummyClassifier(strategy="most_frequent").fit(train[:, None], train)
    found = constant_baseline(Target("classes", 3, ("a", "b", "c")), train, {"test": test})
    assert found == {"test": {"majority_accuracy": dummy.score(test[:, None], test)}}


def test_the_mean_of_training_is_said_of_every_row_in_the_units_of_the_data() -> None:
    """Of two reals, whose errors count alike; standardised by another mean, as where preprocessing is taken over."""
    train, test = RANDOM.normal(size=(2, 30, 2)) * [3, 40] + [7, -1]
    mean, scale = np.array([5.0, 1.0]), np.array([2.0, 50.0])
    target = Target("reals", 2, ("x", "y"), tuple(mean), tuple(scale))
    dummy = DummyRegressor().fit(train, train).predict(test)
    found = constant_baseline(target, (train - mean) / scale, {"test": (test - mean) / scale})
    expected = np.sqrt(np.mean((dummy - test) ** 2))
    assert found == {"test": {"mean_rmse": pytest.approx(expected)}}
    one = Target("reals", 1, ("x",), (5.0,), (2.0,))
    alone = constant_baseline(one, (train[:, :1] - 5) / 2, {"test": (test[:, :1] - 5) / 2})
    assert alone["test"]["mean_rmse"] == pytest.approx(root_mean_squared_error(test[:, 0], dummy[:, 0]))


def test_other_targets_have_no_single_answer() -> None:
    assert constant_baseline(Target("tokens", 9), np.ones((3, 2), int), {"test": np.ones((3, 2), int)}) == {}
