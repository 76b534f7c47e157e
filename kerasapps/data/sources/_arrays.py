"""Arrays in .npz files: images, sequences, rows of numbers, and columns of a table, with an answer for each row.

The arrays are x and y, or x_train, y_train, x_test and y_test as data sets of Keras are often saved, or have names of
their own.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasapps.data.kinds.number import is_narrow
from kerasapps.data.kinds.text import are_texts
from kerasapps.data.sources._target import MOST_INTEGER_CLASSES
from kerasapps.data.spec import LARGEST, TARGET_NAMES, Arrays, Column, Columns, Spec, is_argument
from kerasapps.errors import DataError, unknown_name

ROWS_OF_A_CLASS = 10
"""Of more whole numbers than MOST_INTEGER_CLASSES, 0 to K-1 without a gap are classes where each has so many rows."""
_SPLIT = re.compile(r"(.+)_(train|test|val|validation)")
_WANTED = (
    "Expected images as uint8 [rows, height, width] or [rows, height, width, channels], numbers [rows] or "
    "[rows, columns], sequences as floats [rows, steps, features], or words [rows]."
)


def load_file(path: Path, target: str = "", task: str = "") -> Arrays:
    """The source in an .npz file, with the splits that the names of its arrays tell, if they tell any.

    target: the array to predict; by default y, target or label, else the last one, and none where there is only one.
    Numbers [rows, n] called x are the columns x0 to x(n-1). Targets that are words or integers are classes. Other
    numbers are regression targets; so are integers with too many different values. task: "regression" or
    "classification", to decide otherwise. Raises DataError naming the array, ConfigError for an unknown target.
    """
    splits = _splits(path, _read(path))
    target = _target_name(splits["train"], target)
    inputs, parts = list[Column](), {split: Columns() for split in splits}
    for name in splits["train"]:
        if name != target:
            found = {split: _input(path, name, arrays[name]) for split, arrays in splits.items()}
            inputs += found["train"][0]
            for split, (columns, values) in found.items():
                if not _alike(columns, found["train"][0]):
                    raise DataError(f"{path}: {name} of {split} is of another kind or shape than that of train.")
                parts[split] |= values
    inputs = _with_all_classes(inputs, parts)
    answer = _target(path, target, {split: own[target] for split, own in splits.items()}, task) if target else None
    for split, labels in (answer[1] if answer else {}).items():
        parts[split][target] = labels
    return Arrays(str(path), Spec(tuple(inputs), answer[0] if answer else None), parts)


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except Exception as error:  # what NumPy raises for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole .npz file without objects.") from error
    lengths = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
    if not arrays or not all(lengths.values()):
        raise DataError(f"{path} has the arrays {shapes_of(arrays) or 'none'}. Expected at least one, all with rows.")
    wrong = [name for name in arrays if not is_argument(name)]
    if wrong:
        raise DataError(
            f"{path}: the array {wrong[0]!r} cannot be an input of an exported model. Expected names of the letters a "
            "to z, digits and _ that begin with a letter and are no words of Python."
        )
    return arrays


def shapes_of(arrays: Mapping[str, np.ndarray]) -> str:
    """Names, types and shapes, for messages."""
    return ", ".join(f"{name} {array.dtype} {list(array.shape)}" for name, array in arrays.items())


def _splits(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Split -> arrays by name; raises DataError where splits have other arrays, or arrays other numbers of rows."""
    named = {name: _SPLIT.fullmatch(name) for name in arrays}
    splits: dict[str, dict[str, np.ndarray]] = {}
    for name, match in named.items():
        split = (match[2] if match[2] != "val" else "validation") if match and all(named.values()) else "train"
        splits.setdefault(split, {})[match[1] if match and all(named.values()) else name] = arrays[name]
    for split, own in splits.items():
        if "train" not in splits or own.keys() != splits["train"].keys():
            raise DataError(
                f"{path} has {shapes_of(arrays)}. Expected the same arrays of each split, train among them."
            )
        if len({len(array) for array in own.values()}) > 1:
            raise DataError(f"{path}, {split}: {shapes_of(own)}. Expected equal numbers of rows.")
    return splits


def _target_name(arrays: Mapping[str, np.ndarray], wanted: str) -> str:
    """The array to predict, "" = none."""
    if wanted and wanted not in arrays:
        raise unknown_name("target", wanted, arrays)
    known = [name for name in ("y", *TARGET_NAMES) if name in arrays]
    return wanted or next(iter(known), "" if len(arrays) == 1 else list(arrays)[-1])


def _alike(columns: list[Column], others: list[Column]) -> bool:
    return [(c.name, c.kind, c.shape) for c in columns] == [(c.name, c.kind, c.shape) for c in others]


def _input(path: Path, name: str, array: np.ndarray) -> tuple[list[Column], Columns]:
    """The columns that an array becomes, and their values."""
    kind, dimensions = array.dtype.kind, array.ndim
    if array.dtype == np.uint8 and dimensions in (3, 4):
        images = array[..., None] if dimensions == 3 else array
        return [Column(name, "image", images.shape[1:])], {name: images}
    if kind in "fiub" and dimensions == 1:
        return _numbers({name: array})
    if kind in "fiub" and dimensions == 2:
        one = array.shape[1] == 1
        return _numbers({name if one else f"{name}{i}": array[:, i] for i in range(array.shape[1])})
    if kind in "f" and dimensions == 3:
        return [Column(name, "series", array.shape[1:])], {name: array.astype(np.float32)}
    if kind in "US" and dimensions == 1:
        words = np.array(_words(array), object)
        if are_texts(list(words)):
            return [Column(name, "text")], {name: words}
        return [Column(name, "category", classes=tuple(sorted({*words})))], {name: words.astype(str)}
    hint = " Make images in [0, 1] uint8: (255 * x).astype('uint8')." if kind in "f" and dimensions == 4 else ""
    raise DataError(f"{path}: {shapes_of({name: array})} is none of what can be an input.{hint} {_WANTED}")


def _numbers(columns: Mapping[str, np.ndarray]) -> tuple[list[Column], Columns]:
    """A column of each array [rows]: a number, or of the kind exact where float32 cannot distinguish its values."""
    wide = {name: not is_narrow(values[np.isfinite(values)].astype(np.float64)) for name, values in columns.items()}
    values = {name: array.astype(np.float64 if wide[name] else np.float32) for name, array in columns.items()}
    return [Column(name, "exact" if wide[name] else "number") for name in columns], values


def _words(array: np.ndarray) -> list[str]:
    return [word.decode() if isinstance(word, bytes) else word for word in array.tolist()]


def _with_all_classes(inputs: list[Column], parts: Mapping[str, Columns]) -> list[Column]:
    """Categories of all splits."""
    found = []
    for column in inputs:
        known = {word for columns in parts.values() for word in columns[column.name]} if column.classes else ()
        found.append(Column(column.name, column.kind, column.shape, tuple(sorted(map(str, known)))))
    return found


def _target(path: Path, name: str, arrays: Mapping[str, np.ndarray], task: str) -> tuple[Column, Columns]:
    """The column to predict, and its values by split; raises DataError where they do not fit the task."""
    arrays = {split: _flat(path, name, array) for split, array in arrays.items()}
    whole = np.concatenate(list(arrays.values()))
    number = whole.dtype.kind in "fiu"
    if (task == "regression" and not number) or (task == "classification" and number and (whole % 1 != 0).any()):
        wanted = "numbers" if task == "regression" else "whole numbers, truth values or words"
        raise DataError(f"{path}, {name}: {shapes_of({name: whole})}. Expected {wanted}, as task={task} needs them.")
    if number and task != "classification" and (task or whole.dtype.kind == "f" or not _are_classes(whole)):
        bad = np.flatnonzero(~(np.abs(whole.astype(np.float64)) <= LARGEST))
        if len(bad):
            raise DataError(
                f"{path}, {name}: {whole[bad[0]]}. Expected finite numbers, at most {LARGEST:.0e} in size. Leave out "
                "rows without an answer: known = numpy.isfinite(y); x, y = x[known], y[known]."
            )
        return Column(name, "number"), {split: array.astype(np.float32) for split, array in arrays.items()}
    if whole.dtype.kind in "US":
        arrays = {split: np.array(_words(array)) for split, array in arrays.items()}
    if whole.dtype.kind == "f":
        arrays = {split: array.astype(np.int64) for split, array in arrays.items()}
    classes = np.unique(np.concatenate(list(arrays.values())))
    labels = {split: np.searchsorted(classes, array).astype(np.int32) for split, array in arrays.items()}
    names = (str(one).lower() if classes.dtype == bool else str(one) for one in classes)
    return Column(name, "category", classes=tuple(names)), labels


def _flat(path: Path, name: str, array: np.ndarray) -> np.ndarray:
    """[rows] of [rows] or [rows, 1]; raises DataError for what is no single answer a row."""
    if array.shape[1:] in ((), (1,)) and array.dtype.kind in "fiubUS":
        return array.reshape(-1)
    one_hot = " Give class numbers: y.argmax(axis=1)." if array.ndim == 2 and array.dtype.kind in "fiu" else ""
    raise DataError(f"{path}: {shapes_of({name: array})} is the target. Expected a number or a word a row.{one_hot}")


def _are_classes(numbers: np.ndarray) -> bool:
    """Whether whole numbers [rows] are classes."""
    different = np.unique(numbers)
    if len(different) <= MOST_INTEGER_CLASSES:
        return True
    dense = different[0] == 0 and different[-1] == len(different) - 1
    return bool(dense and len(numbers) >= ROWS_OF_A_CLASS * len(different))
