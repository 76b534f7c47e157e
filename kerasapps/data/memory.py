"""Data of a Python process: written into a file that a run reads as any other, also once the process is gone."""

import hashlib
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kerasapps.errors import ConfigError, shown

if TYPE_CHECKING:
    import pandas

ANSWER = "target"
"""What the column to predict is called where it comes without a name."""
_WANTED = (
    "Expected the name or path of a source, a pandas.DataFrame, a pair (X, y) of arrays or of a frame and a column, a "
    "dict of arrays by name, or a finite tf.data.Dataset of such rows"
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
        data = _read_once(data)
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

    if isinstance(data, pandas.DataFrame):
        dated = isinstance(data.index, pandas.DatetimeIndex)
        return _Table(data.reset_index(names=data.index.name or "date") if dated else data, "")
    if isinstance(data, Mapping):
        columns = {str(name): _array(values) for name, values in data.items()}
        flat = len({len(values) for values in columns.values() if values.ndim == 1}) == 1
        return _Table(pandas.DataFrame(columns), "") if flat and all(x.ndim == 1 for x in columns.values()) else None
    if not _is_pair(data) or data[1] is None or _has_test(data) or len(data[0]) != len(data[1]):
        return None
    inputs, answers = data
    if not isinstance(inputs, (pandas.DataFrame, pandas.Series, Mapping)):
        inputs = _array(inputs)
        inputs = {"text" if inputs.dtype.kind in "OUS" else "x": inputs} if inputs.ndim == 1 else None
    table = None if inputs is None else _as_table(inputs.to_frame() if hasattr(inputs, "to_frame") else inputs)
    name, answers = str(getattr(answers, "name", None) or ANSWER), _array(answers).squeeze()
    if table is None or answers.ndim != 1:
        return None
    return _Table(table.frame.assign(**{name: answers}), name)


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
        raise ConfigError(f"data={shown(data)}: {shown(array)} has no rows of numbers or words. {_WANTED}.")
    return array


def _array(values: Any) -> np.ndarray:
    """Of numbers, or of str; raises ConfigError for rows that are not alike."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"data has {shown(values)}: no array can be made of it: {error}. {_WANTED}.") from error
    if array.dtype.kind in "S" or (array.dtype == object and array.size):
        texts = [one.decode() if isinstance(one, bytes) else one for one in array.ravel().tolist()]
        words = array.ndim > 0 and all(isinstance(one, str) for one in texts)
        array = np.array(texts).reshape(array.shape) if words else array
    return array


def _read_once(dataset: Any) -> Any:
    """All elements of a tf.data.Dataset, rows or batches of them; raises ConfigError where it has no end or none."""
    if int(dataset.cardinality()) == -1:
        raise ConfigError("data is a tf.data.Dataset without an end. Expected a finite one: leave out repeat().")
    elements = list(dataset.as_numpy_iterator())
    if not elements:
        raise ConfigError("data is a tf.data.Dataset without elements. Expected rows.")
    leaves = _leaves(dataset.element_spec)
    batched = all(len(leaf.shape) for leaf in leaves) and (len(leaves) > 1 or leaves[0].shape[0] is None)
    join = np.concatenate if batched else np.stack
    first = elements[0]
    if isinstance(first, Mapping):
        return {name: join([element[name] for element in elements]) for name in first}
    if not isinstance(first, tuple):
        return join(elements)
    answers = join([element[1] for element in elements])
    if isinstance(first[0], Mapping):
        inputs = {name: join([element[0][name] for element in elements]) for name in first[0]}
        return {**inputs, ANSWER: answers}
    return join([element[0] for element in elements]), answers


def _leaves(spec: Any) -> list[Any]:
    """The specs of all tensors of an element."""
    if isinstance(spec, Mapping):
        return [leaf for one in spec.values() for leaf in _leaves(one)]
    return [leaf for one in spec for leaf in _leaves(one)] if isinstance(spec, tuple) else [spec]
