"""Values as Python gives them: arrays, frames and records; what can be none of these is refused."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.errors import ConfigError, shown

if TYPE_CHECKING:
    import pandas


def array_of(values: Any) -> np.ndarray:
    """An array of what a user gives, bytes decoded as UTF-8 to str; a mask is kept.

    Strings become objects: NumPy's own would lose zeros at their ends. Raises ConfigError for complex numbers, sparse
    matrices, bytes of another encoding, and rows that are not alike.
    """
    check_dense(values)
    try:
        array = np.asanyarray(values)
    except UnicodeDecodeError:  # of bytes beside str
        array = np.array(values, object)
    except (ValueError, TypeError) as error:
        wanted = "Expected rows of one shape."
        raise ConfigError(f"{shown(values)}: no array can be made of it: {error}. {wanted}") from error
    if array.dtype.kind == "c":
        raise ConfigError(f"{shown(array)}: complex numbers. Expected real ones, such as their .real or abs(...).")
    if array.dtype.kind == "S" or (array.dtype == object and any(isinstance(one, bytes) for one in array.flat)):
        return _decoded(array)
    return array if array.dtype.kind != "U" or isinstance(values, np.ndarray) else np.array(values, object)


def _decoded(array: np.ndarray) -> np.ndarray:
    decoded = np.frompyfunc(lambda one: one.decode() if isinstance(one, bytes) else one, 1, 1)
    try:
        return np.asarray(decoded(array.astype(object)), object)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown(array)}: bytes that are no UTF-8: {error}. Expected str, or UTF-8.") from error


def check_dense(values: Any) -> None:
    """Raise ConfigError for a sparse matrix of SciPy or TensorFlow."""
    if hasattr(values, "dense_shape") or (hasattr(values, "nnz") and hasattr(values, "toarray")):
        advice = ".toarray()" if hasattr(values, "toarray") else "tf.sparse.to_dense(...)"
        raise ConfigError(f"{type(values).__name__} {[*values.shape]} is sparse. Expected an array: {advice}.")


def are_records(values: Any) -> bool:
    """Whether these are rows, each a mapping of its columns."""
    is_list = isinstance(values, (list, tuple)) and len(values) > 0
    return is_list and all(isinstance(row, Mapping) for row in values)


def columns_of_records(records: Sequence[Mapping[Any, Any]]) -> dict[str, list]:
    """The columns [rows] of rows, each a mapping; what a row lacks is None."""
    names = dict.fromkeys(name for row in records for name in row)
    return {str(name): [row.get(name) for row in records] for name in names}


def flat_frame(frame: "pandas.DataFrame") -> "pandas.DataFrame":
    """A frame with str as names of its columns, and the named levels of its index as columns before the others.

    Dates that are an index without a name are the column date, unless there is one.
    Raises ConfigError for columns of several levels, complex numbers, and an index that is called like a column.
    """
    if frame.columns.nlevels > 1:
        raise ConfigError(
            f"The columns of the frame have {frame.columns.nlevels} levels. Expected one: "
            "frame.columns = ['_'.join(map(str, name)) for name in frame.columns]."
        )
    flat = frame.set_axis([str(name) for name in frame.columns], axis=1)
    for name, values in flat.items():
        if getattr(values.dtype, "kind", "") == "c":
            raise ConfigError(f"Column {name} has complex numbers. Expected real ones, such as their .real.")
    is_dated = type(flat.index).__name__ == "DatetimeIndex" and flat.index.name is None and "date" not in flat
    flat = flat.rename_axis("date") if is_dated else flat
    named = [str(name) for name in flat.index.names if name is not None]
    for name in named:
        if name in flat or named.count(name) > 1:
            raise ConfigError(f"The index of the frame is called {name!r}, as a column is. Rename one of them.")
    if not named:
        return flat
    without = [level for level, name in enumerate(flat.index.names) if name is None]
    whole = flat.reset_index(level=without, drop=True) if without else flat
    return whole.rename_axis(named).reset_index()
