"""Arrays in .npz files: which kinds of columns they become, and what of them is refused."""

from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays
from kerasapps.errors import ConfigError, DataError

RANDOM = np.random.default_rng(5)
LABELS = np.arange(40) % 4


def read(folder: Path, target: str = "", **arrays: np.ndarray) -> Arrays:
    """The source of a file with these arrays."""
    np.savez(folder / "rows.npz", **arrays)
    return open_source(str(folder / "rows.npz"), target=target)


@pytest.mark.parametrize(
    ("array", "columns"),
    [
        (RANDOM.integers(0, 256, (40, 6, 5), np.uint8), [("x", "image", (6, 5, 1))]),
        (RANDOM.integers(0, 256, (40, 6, 5, 3), np.uint8), [("x", "image", (6, 5, 3))]),
        (RANDOM.normal(size=(40, 2)), [("x0", "number", ()), ("x1", "number", ())]),
        (RANDOM.integers(0, 9, (40, 1)), [("x", "number", ())]),
        (np.arange(40) + 1.6e9, [("x", "exact", ())]),
        (RANDOM.normal(size=(40, 7, 2)), [("x", "series", (7, 2))]),
        (np.array(["red", "green"] * 20), [("x", "category", ())]),
        (np.array([f"the number {i}" for i in range(40)]), [("x", "text", ())]),
    ],
    ids=["grey", "colours", "rows", "column", "seconds", "sequences", "words", "texts"],
)
def test_an_array_becomes_columns_of_its_kind(array: np.ndarray, columns: list, tmp_path: Path) -> None:
    source = read(tmp_path, x=array, y=LABELS)
    assert [(column.name, column.kind, column.shape) for column in source.spec.inputs] == columns
    values = source.splits["train"]
    found = np.stack([values[name] for name, *_ in columns], axis=-1).reshape(array.shape)
    if array.dtype.kind == "f":
        np.testing.assert_allclose(found, array, rtol=1e-6)
    else:
        np.testing.assert_array_equal(found.astype(array.dtype), array)


@pytest.mark.parametrize(
    ("answers", "kind", "classes"),
    [
        (LABELS, "category", ("0", "1", "2", "3")),
        (LABELS.reshape(-1, 1).astype(np.uint8), "category", ("0", "1", "2", "3")),
        (np.array(["b", "a"] * 20), "category", ("a", "b")),
        (np.arange(40) % 2 == 0, "category", ("false", "true")),
        (LABELS * 0.5, "number", ()),
        (np.arange(40), "number", ()),
        (np.arange(300) % 30, "category", tuple(map(str, range(30)))),
        (np.arange(300) % 30 + 1, "number", ()),
    ],
)
def test_answers_are_classes_or_reals(answers: np.ndarray, kind: str, classes: tuple, tmp_path: Path) -> None:
    source = read(tmp_path, x=np.zeros([len(answers), 2]), y=answers)
    assert (source.spec.target.kind, source.spec.target.classes) == (kind, classes)
    found, flat = source.splits["train"]["y"], answers.reshape(-1)
    if classes:
        assert [classes[label] for label in found] == [str(one).lower() for one in flat]
    else:
        np.testing.assert_array_equal(found, flat.astype(np.float32))


@pytest.mark.parametrize(
    ("answers", "task", "classes", "values"),
    [
        (np.array([2.0, 0, 2]), "classification", ("0", "2"), [1, 0, 1]),
        (np.array([2, 0, 2]), "regression", (), [2, 0, 2]),
        (np.array([0.5, 0, 2]), "classification", None, []),
        (np.array(["a", "b", "a"]), "regression", None, []),
    ],
)
def test_the_task_may_be_said(
    answers: np.ndarray, task: str, classes: tuple | None, values: list, tmp_path: Path
) -> None:
    np.savez(tmp_path / "data.npz", x=np.zeros((3, 2)), y=answers)
    if classes is None:
        with pytest.raises(DataError, match=f"Expected (whole )?numbers.*, as task={task} needs them"):
            open_source(str(tmp_path / "data.npz"), task=task)
        return
    source = open_source(str(tmp_path / "data.npz"), task=task)
    assert source.spec.required_target.classes == classes
    assert source.read("train", np.arange(3))["y"].tolist() == values


def test_splits_are_told_by_names(tmp_path: Path) -> None:
    x, y = RANDOM.normal(size=(9, 2)), np.array(list("aabbaacab"))
    parts = {"train": slice(0, 4), "val": slice(4, 6), "test": slice(6, 9)}
    source = read(tmp_path, **{f"{n}_{s}": a[rows] for n, a in (("x", x), ("y", y)) for s, rows in parts.items()})
    assert source.sizes == {"train": 4, "validation": 2, "test": 3} and source.spec.target.classes == ("a", "b", "c")
    np.testing.assert_allclose(source.splits["test"]["x1"], x[6:, 1], rtol=1e-6)


def test_the_target_is_named_or_the_last_and_a_single_array_has_none(tmp_path: Path) -> None:
    x, numbers = RANDOM.normal(size=(40, 2)), np.arange(40) * 0.1
    assert read(tmp_path, size=x, digit=LABELS).spec.target.name == "digit"
    assert read(tmp_path, label=LABELS, size=x).spec.target.name == "label"
    assert read(tmp_path, "price", price=numbers, label=LABELS).spec.target.name == "price"
    assert read(tmp_path, x=x).spec.target is None
    with pytest.raises(ConfigError, match="Unknown target 'prize'. Did you mean 'price'"):
        read(tmp_path, "prize", price=numbers, x=x)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros([4, 6, 6, 1]), "y": LABELS[:4]}, r"x float64 \[4, 6, 6, 1\] is none .*Make images .* uint8"),
        ({"x": np.zeros([4, 2, 2, 2, 2], np.uint8)}, "is none of what can be an input"),
        ({"x": np.zeros([4, 2]), "y": np.eye(4)}, r"y float64 \[4, 4\] is the target.*y.argmax\(axis=1\)"),
        ({"x": np.zeros([4, 2]), "y": np.array([1.0, np.nan, 2, 3])}, "y: nan. Expected finite numbers"),
        ({"x": np.zeros([4, 2]), "y": LABELS[:3]}, "Expected equal numbers of rows"),
        ({"x_train": np.zeros([4, 2]), "x_test": np.zeros([4, 3])}, "x of test is of another kind or shape"),
        ({"x_train": np.zeros([4, 2]), "y_test": np.zeros([4])}, "Expected the same arrays of each split"),
        ({"x": np.zeros([0, 2])}, "Expected at least one, all with rows"),
        ({"class": np.zeros([3, 2])}, "the array 'class' cannot be an input"),
        ({"x": np.array([{}, {}], object)}, "cannot be read: .* without objects"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_by_its_shape(arrays: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=words):
        read(tmp_path, **arrays)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.npz").write_bytes(b"PK no")
    with pytest.raises(DataError, match=r"rows.npz cannot be read: .* Expected a whole .npz file"):
        open_source(str(tmp_path / "rows.npz"))
