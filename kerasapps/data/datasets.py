"""All elements of a tf.data.Dataset, rows or batches of them, as its element_spec tells."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasapps.errors import ConfigError

_WANTED = "Expected x, (x, y), or a dict of columns by name, or (such a dict, y)"


def read_once(dataset: Any, answer: str) -> Any:
    """The rows of a dataset: an array, a pair (X, y) of arrays, or a dict of them, in which y is called `answer`.

    Raises ConfigError where it has no end or no elements, for sample weights, ragged and sparse tensors, and where the
    shapes do not tell rows from batches.
    """
    if int(dataset.cardinality()) == -1:
        raise ConfigError("data is a tf.data.Dataset without an end. Expected a finite one: leave out repeat().")
    spec = dataset.element_spec
    _check_parts(spec)
    elements = list(dataset.as_numpy_iterator())
    if not elements:
        raise ConfigError("data is a tf.data.Dataset without elements. Expected rows.")
    join = np.concatenate if _are_batches(spec, elements) else np.stack
    if isinstance(spec, Mapping):
        return _columns(elements, join)
    if not isinstance(spec, tuple):
        return _joined(elements, join)
    inputs = [element[0] for element in elements]
    answers = [_joined([element[1] for element in elements], join)] if len(spec) > 1 else []
    if not isinstance(spec[0], Mapping):
        return (_joined(inputs, join), *answers) if answers else _joined(inputs, join)
    columns = _columns(inputs, join)
    if answers and answer in columns:
        raise ConfigError(f"The dataset has a column called {answer!r}, as y is. Rename the column.")
    return {**columns, answer: answers[0]} if answers else columns


def _columns(elements: Sequence[Mapping[str, np.ndarray]], join: Callable) -> dict[str, np.ndarray]:
    return {name: _joined([element[name] for element in elements], join) for name in elements[0]}


def _joined(parts: Sequence[np.ndarray], join: Callable) -> np.ndarray:
    try:
        return join(parts)
    except ValueError as error:
        raise ConfigError(f"The elements of the dataset are not alike: {error}. Expected rows of one shape.") from error


def _check_parts(spec: Any) -> None:
    """Raise ConfigError for what a dataset has beside columns and their answers."""
    if isinstance(spec, tuple) and len(spec) == 3:
        raise ConfigError(
            "The dataset has (x, y, sample weights). Weights are not taken: leave them out with "
            "dataset.map(lambda x, y, w: (x, y)), or repeat the rows that count more."
        )
    parts = spec if isinstance(spec, tuple) else (spec,)
    leaves = [leaf for part in parts for leaf in (part.values() if isinstance(part, Mapping) else (part,))]
    if len(parts) > 2 or not leaves or not all(type(leaf).__name__ == "TensorSpec" for leaf in leaves):
        raise ConfigError(f"The dataset has elements of {spec}. {_WANTED}, of dense tensors.")


def _are_batches(spec: Any, elements: Sequence[Any]) -> bool:
    """Whether elements are batches of rows; raises ConfigError where neither can be told.

    They are where the first axis of all tensors is open. Where all have as many entries there, as batches without a
    remainder have, each row must have a whole number or a word as answer, and a tensor that is more than a number.
    """
    leaves = _leaves(spec)
    ranks = [leaf.shape.rank for leaf in leaves]
    if None not in ranks:
        sizes = set() if 0 in ranks else {leaf.shape[0] for leaf in leaves}
        if sizes == {None}:
            return True
        if len(sizes) != 1 or len(leaves) == 1:
            return False
        if sizes == {1} or _have_single_answers(leaves, elements):
            return True
    raise ConfigError(
        f"The dataset has elements of {spec}: these may be rows or batches. Batch the rows: dataset.batch(32), without "
        "drop_remainder."
    )


def _have_single_answers(leaves: Sequence[Any], elements: Sequence[Any]) -> bool:
    """Whether tensors of one axis are whole numbers or words of rows, and no one-hot classes, beside larger ones."""
    flat = [i for i, leaf in enumerate(leaves) if leaf.shape.rank == 1]
    single = all(leaves[i].dtype.is_integer or leaves[i].dtype.name == "string" for i in flat)
    one_hot = any(_are_one_hot(_leaves(element)[i]) for element in elements for i in flat)
    return single and not one_hot and 0 < len(flat) < len(leaves)


def _are_one_hot(values: np.ndarray) -> bool:
    return values.dtype.kind in "iu" and set(values.tolist()) <= {0, 1} and int(values.sum()) == 1


def _leaves(spec: Any) -> list[Any]:
    """The specs of all tensors of an element, or the tensors."""
    if isinstance(spec, Mapping):
        return [leaf for one in spec.values() for leaf in _leaves(one)]
    return [leaf for one in spec for leaf in _leaves(one)] if isinstance(spec, tuple) else [spec]
