"""The linear model that texts are compared with."""

import numpy as np
import pytest

from kerasapps.data import baselines
from kerasapps.data.baselines import linear_baseline
from kerasapps.data.spec import Arrays, Column, Spec
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
