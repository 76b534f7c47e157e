"""Data of a Python process: written into a file that a run reads as any other, also once the process is gone."""

import hashlib
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kerasapps.data.datasets import read_once
from kerasapps.data.given import are_records, array_of, check_dense, columns_of_records, flat_frame
from kerasapps.errors import ConfigError, shown

if TYPE_CHECKING:
    import pandas

ANSWER = "target"
"""What the column to predict is called where it comes without a name."""
_WANTED = (
    "Expected the name or path of a source, a pandas.DataFrame, a pair (X, y), a dict of arrays by name, a list of "
    "rows as dicts, or a finite tf.data.Dataset of rows"
)


class Written(NamedTuple):
    """Where data were written, and the column to predict where they say it themselves, else ""."""

    path: Path
    target: str


def lies_in_memory(data: object) -> bool:
    """Whether these are data themselves, and no name or path of a source."""
    return data is not None and not isinstance(data, (str, os.PathLike))


def write(data: object, folder: Path) -> Written:
    """Write data into `folder`, as data-HASH.csv or data-HASH.npz: equal data lie in one file, whoever writes them.

    A DataFrame and columns [rows] become a table, arrays of more axes an .npz file. Raises ConfigError for what is no
    such data, and where they cannot be written.
    """
    if hasattr(data, "element_spec") and hasattr(data, "as_numpy_iterator"):
        data = read_once(data, ANSWER)
    for each in data if isinstance(data, (tuple, list)) else (data,):
        check_dense(each)  # a sparse matrix has no length
    table = _as_table(data)
    arrays = {} if table else _as_arrays(data)
    temporary = folder / f".data-{os.getpid()}-{threading.get_ident()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if table:
            table.frame.to_csv(temporary, index=False)
            return Written(_settled(temporary, ".csv"), table.target)
        with temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        return Written(_settled(temporary, ".npz"), "")
    except OSError as error:
        raise ConfigError(f"The data cannot be written into {folder}: {error}. Give another run directory.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def on_disk(data: object, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Arguments with `data` among them; data in memory are written into `folder` before. Raises ConfigError."""
    if not lies_in_memory(data):
        return {**given} if data is None else {**given, "data": data}
    if given.get("data_dir") is not None:
        raise ConfigError(f"data_dir={shown(given['data_dir'])}, but the data are given themselves. Leave it out.")
    written = write(data, folder)
    own = {"target": written.target} if written.target else {}
    return {**own, **given, "data": str(written.path)}


def _settled(temporary: Path, suffix: str) -> Path:
    """The file under the name that its content gives it."""
    with temporary.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = temporary.with_name(f"data-{digest[:12]}{suffix}")
    temporary.replace(path)
    return path


class _Table(NamedTuple):
    frame: "pandas.DataFrame"
    target: str


def _as_table(data: Any) -> _Table | None:
    """Data that are columns [rows] alone, as a frame; None of others."""
    import pandas

    if are_records(data):
        data = pandas.DataFrame(columns_of_records(data))
    if isinstance(data, pandas.DataFrame):
        return _Table(flat_frame(data), "")
    if isinstance(data, Mapping):
        columns = {str(name): _array(values) for name, values in data.items()}
        flat = len({len(values) for values in columns.values() if values.ndim == 1}) == 1
        return _Table(pandas.DataFrame(columns), "") if flat and all(x.ndim == 1 for x in columns.values()) else None
    if not _is_pair(data) or data[1] is None or _has_test(data) or len(data[0]) != len(data[1]):
        return None
    return _table_of_pair(*data)


def _table_of_pair(inputs: Any, answers: Any) -> _Table | None:
    """A table of inputs and the answer to each of them, where both are columns; of one name they are refused."""
    name, answers = str(getattr(answers, "name", None) or ANSWER), _array(answers).squeeze()
    if not (are_records(inputs) or isinstance(inputs, Mapping) or hasattr(inputs, "items")):
        inputs = _columns_of_array(_array(inputs), answers)
    table = None if inputs is None else _as_table(inputs.to_frame() if hasattr(inputs, "to_frame") else inputs)
    if table is None or answers.ndim != 1:
        return None
    if name in table.frame:
        raise ConfigError(f"X has a column called {name!r}, as y is. Leave it out of X, or name y: y.rename('answer').")
    return _Table(table.frame.assign(**{name: answers}), name)


def _columns_of_array(inputs: np.ndarray, answers: np.ndarray) -> dict[str, np.ndarray] | None:
    """An array [rows] as a column, and one [rows, n] as n where values are missing or words: tables may have these."""
    if inputs.ndim == 1:
        return {"text" if inputs.dtype.kind in "OUS" else "x": inputs}
    if inputs.ndim != 2 or inputs.dtype.kind not in "fiubO" or not (_is_mixed(inputs) or _is_mixed(answers)):
        return None
    return {f"x{i}": inputs[:, i] for i in range(inputs.shape[1])}


def _is_mixed(array: np.ndarray) -> bool:
    """Whether values are missing, or are numbers and words together."""
    if array.dtype == object:
        return all(one is None or isinstance(one, (str, Real)) for one in array.flat)
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def _is_pair(data: object) -> bool:
    return isinstance(data, (tuple, list)) and len(data) == 2 and all(one is None or _has_rows(one) for one in data)


def _has_test(data: Any) -> bool:
    """Whether a pair is one of pairs (X, y), of training and test rows."""
    return all(isinstance(one, tuple) and len(one) == 2 for one in data)


def _has_rows(data: object) -> bool:
    return hasattr(data, "__len__") and not isinstance(data, (str, bytes))


def _as_arrays(data: Any) -> dict[str, np.ndarray]:
    """Data that are no table, by name; raises ConfigError for what is no data."""
    if isinstance(data, Mapping) and data:
        return {str(name): _checked(values, data) for name, values in data.items()}
    if _is_pair(data) and _has_test(data):
        named = zip(("x_train", "y_train", "x_test", "y_test"), (*data[0], *data[1]), strict=True)
        return {name: _checked(values, data) for name, values in named}
    if _is_pair(data):
        return {name: _checked(values, data) for name, values in zip("xy", data, strict=True) if values is not None}
    if hasattr(data, "__array__"):
        return {"x": _checked(data, data)}
    raise ConfigError(f"data={shown(data)}: this is no data. {_WANTED}.")


def _checked(values: Any, data: object) -> np.ndarray:
    """An array with rows; raises ConfigError."""
    array = _array(values)
    if not array.ndim or array.dtype == object:
        lacks = array.dtype == object and any(one is None for one in array.flat)
        advice = " Leave out the rows in which it has None." if lacks else ""
        raise ConfigError(f"data={shown(data)}: {shown(array)} has no rows of numbers or words.{advice} {_WANTED}.")
    return array


def _array(values: Any) -> np.ndarray:
    """Of numbers, or of str; raises ConfigError for rows that are not alike, and as `array_of` does."""
    array = np.asarray(array_of(values))
    if array.dtype == object and array.size and array.ndim and all(isinstance(one, str) for one in array.flat):
        return array.astype(str)
    return array


def as_text(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments in which the names of columns are str, also of those that pandas has as whole numbers."""
    found = dict(given)
    if isinstance(given.get("target"), Integral):
        found["target"] = str(given["target"])
    if isinstance(given.get("features"), (list, tuple)):
        found["features"] = tuple(map(str, given["features"]))
    return found
