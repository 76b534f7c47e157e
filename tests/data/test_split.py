"""Splits: whole, disjoint, stratified, repeatable."""

from collections import Counter

import numpy as np
import pytest

from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.data.split import Fold, split_rows
from kerasapps.errors import ConfigError, DataError


def source(labels: np.ndarray, **others: int) -> Arrays:
    """A source with these class labels for train, and further splits of so many rows."""
    classes = tuple(str(i) for i in range(int(labels.max()) + 1))
    spec = Spec((Column("x", "number"),), Column("y", "category", classes=classes))
    splits = {"train": {"x": np.arange(len(labels), dtype=np.float32), "y": labels.astype(np.int32)}}
    splits |= {name: {"x": np.zeros(n, np.float32), "y": np.zeros(n, np.int32)} for name, n in others.items()}
    return Arrays("made", spec, splits)


@pytest.mark.parametrize("rows", [3, 10, 392, 1797])
def test_parts_are_disjoint_and_together_everything(rows: int) -> None:
    parts = split_rows(source(np.random.default_rng(rows).integers(0, 3, rows)), seed=4)
    together = np.concatenate([part.rows for part in parts.values()])
    np.testing.assert_array_equal(np.sort(together), np.arange(rows))
    test = max(1, round(0.2 * rows))
    assert len(parts["test"]) == test
    assert len(parts["validation"]) == max(1, round(0.1 * (rows - test)))


@pytest.mark.parametrize("name", ["iris", "wine", "digits", "breast_cancer"])
def test_every_class_gives_its_share(name: str) -> None:
    parts = split_rows(open_source(name), seed=1)
    target = open_source(name).spec.target.name
    whole = Counter(np.concatenate([part.read()[target] for part in parts.values()]).tolist())
    rows = sum(whole.values())
    for part in parts.values():
        found = Counter(part.read()[target].tolist())
        # One for the rounding of the test part, one more for that of the validation part.
        assert all(abs(found[label] - count * len(part) / rows) < 2 for label, count in whole.items())


def test_a_class_too_small_to_share_does_not_stop_the_split() -> None:
    parts = split_rows(source(np.array([0] * 50 + [1] * 49 + [2])), seed=0)
    assert [len(part) for part in parts.values()] == [72, 8, 20]


def test_the_split_depends_on_the_seed_alone() -> None:
    digits = open_source("digits")
    first, again, other = (split_rows(digits, seed) for seed in (7, 7, 8))
    for name in first:
        np.testing.assert_array_equal(first[name].rows, again[name].rows)
    assert not np.array_equal(first["test"].rows, other["test"].rows)


def test_rows_are_drawn_evenly() -> None:
    made = source(np.zeros(50))
    times = np.zeros(50)
    for seed in range(400):
        times[split_rows(made, seed)["test"].rows] += 1
    # Binomial with 400 draws and probability 0.2: mean 80, standard deviation 8.
    assert times.sum() == 4000
    assert np.abs(times - 80).max() < 5 * 8


def test_splits_that_the_source_has_are_kept() -> None:
    parts = split_rows(source(np.arange(100) % 4, test=9), seed=0)
    assert (parts["test"].split, parts["validation"].split) == ("test", "train")
    np.testing.assert_array_equal(parts["test"].rows, np.arange(9))
    assert (len(parts["train"]), len(parts["validation"])) == (90, 10)
    xor = split_rows(open_source("xor"), seed=0)
    assert {name: (part.split, len(part)) for name, part in xor.items()} == {
        name: (name, 4) for name in ("train", "validation", "test")
    }


def test_labels_are_read_only_to_divide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sounds and images, reading all training rows takes seconds."""
    made, reads = source(np.arange(30) % 3, validation=5, test=5), []
    read = Arrays.read
    monkeypatch.setattr(Arrays, "read", lambda self, *asked: reads.append(asked) or read(self, *asked))
    whole = split_rows(made, 0)
    assert not reads and {name: len(part) for name, part in whole.items()} == {"train": 30, "validation": 5, "test": 5}
    assert len(split_rows(made, 0, limit=10)["train"]) == 10 and len(reads) == 1


def test_limit_keeps_fewer_training_rows_and_nothing_else_changes() -> None:
    digits = open_source("digits")
    whole, limited = split_rows(digits, 3), split_rows(digits, 3, limit=100)
    assert len(limited["train"]) == 100
    assert set(limited["train"].rows) < set(whole["train"].rows)
    assert np.bincount(limited["train"].read()["label"]).min() >= 9
    for name in ("validation", "test"):
        np.testing.assert_array_equal(whole[name].rows, limited[name].rows)


def test_reals_are_split_without_classes() -> None:
    parts = split_rows(open_source("diabetes"), seed=0)
    assert [len(part) for part in parts.values()] == [319, 35, 88]


def test_rows_read_what_they_name() -> None:
    made = source(np.arange(30) % 3)
    part = split_rows(made, 0)["train"]
    np.testing.assert_array_equal(part.read()["x"], part.rows)
    np.testing.assert_array_equal(part.take(np.array([4, 1])).read()["x"], part.rows[[4, 1]])


@pytest.mark.parametrize("rows", [1, 2])
def test_too_few_rows_are_refused(rows: int) -> None:
    with pytest.raises(DataError, match="too few"):
        split_rows(source(np.zeros(rows)), seed=0)


def test_bad_rows_are_refused_by_their_own_number() -> None:
    made = source(np.arange(30) % 3)
    made.splits["train"]["x"][17] = np.nan
    part = next(part for part in split_rows(made, 0).values() if 17 in part.rows)
    with pytest.raises(DataError, match=r"made, train, row 17 \(from 0\), column x: nan"):
        part.read()


@pytest.mark.parametrize(("rows", "folds"), [(10, 2), (150, 5), (1797, 7)])
def test_folds_validate_every_row_once_and_leave_test_alone(rows: int, folds: int) -> None:
    made = source(np.random.default_rng(rows).integers(0, 3, rows))
    usual = split_rows(made, seed=4)
    parts = [split_rows(made, seed=4, fold=Fold(number, folds)) for number in range(1, folds + 1)]
    validated = np.concatenate([part["validation"].rows for part in parts])
    np.testing.assert_array_equal(np.sort(validated), np.setdiff1d(np.arange(rows), usual["test"].rows))
    for part in parts:
        np.testing.assert_array_equal(part["test"].rows, usual["test"].rows)
        assert len(part["validation"]) in (len(validated) // folds, -(-len(validated) // folds))
        together = np.concatenate([part["train"].rows, part["validation"].rows])
        np.testing.assert_array_equal(np.sort(together), np.sort(validated))


def test_every_fold_has_its_share_of_every_class() -> None:
    made = source(np.repeat([0, 1, 2], [100, 40, 10]))
    for number in range(1, 5):
        found = Counter(split_rows(made, seed=0, fold=Fold(number, 4))["validation"].read()["y"].tolist())
        assert all(abs(found[label] - count * 0.8 / 4) <= 1 for label, count in enumerate((100, 40, 10)))


def test_folds_of_a_source_with_validation_rows_are_refused() -> None:
    with pytest.raises(DataError, match="made has validation rows of its own.*fold=1/2 was given"):
        split_rows(source(np.arange(100) % 4, validation=9), seed=0, fold=Fold(1, 2))


def test_more_folds_than_rows_are_refused() -> None:
    with pytest.raises(DataError, match="too few to set some aside for validation"):
        split_rows(source(np.arange(10) % 2), seed=0, fold=Fold(9, 9))


def test_a_fold_is_read() -> None:
    assert Fold.read("2/5") == (2, 5)
    for text in ("", "2", "0/5", "6/5", "1/1", "-1/5", "a/b", "1/2/3"):
        with pytest.raises(ConfigError, match="expected a part and the number of parts"):
            Fold.read(text)
