"""Batches: resident rows gathered by index, or the same batches streamed by tf.data."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.data.fingerprint import Fingerprint
from kerasapps.data.kinds import kind_of
from kerasapps.data.preprocess import Preprocess, raw
from kerasapps.data.spec import Batch
from kerasapps.data.split import READ_ROWS, Rows
from kerasapps.errors import DataError
from kerasapps.tensors import Integer

_THREADS = min(2, os.cpu_count() or 1)


def order(seed: int, epoch: int, rows: int) -> np.ndarray:
    """Order of the rows in an epoch: a permutation, int32 [rows], and a pure function of its arguments.

    Where batches are cut to lengths, it is what PreparedData.order begins with.
    """
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, epoch], np.uint64)))
    return generator.permutation(rows).astype(np.int32)


def number_of_rows(values: object) -> Integer:
    """Rows of nested tensors or arrays [rows, ...]: an int, or where it is not known before it is run, a tensor."""
    first = tf.nest.flatten(values)[0]
    return first.shape[0] if first.shape[0] is not None else tf.shape(first)[0]


def materialise(
    rows: Rows, preprocess: Preprocess, batch_size: int = READ_ROWS, fingerprint: Fingerprint | None = None
) -> dict[str, Any]:
    """The resident form: all rows preprocessed, in their order; `fingerprint` takes in what they are made of.

    inputs {field: [rows, *stored_shape] of its dtype}; labels as of Preprocess.answers, left out where there is no
    target. Raises DataError.
    """
    data: dict[str, Any] = {}
    for i, columns in enumerate(rows.pieces(batch_size)):
        if fingerprint is not None:
            fingerprint.add(columns)
        piece = {"inputs": preprocess.apply(columns), **preprocess.answers(columns)}
        data = data or tf.nest.map_structure(lambda x: np.empty((len(rows), *x.shape[1:]), x.dtype), piece)
        for whole, values in zip(tf.nest.flatten(data), tf.nest.flatten(piece), strict=True):
            whole[i * batch_size : (i + 1) * batch_size] = values
    return data


def batch_at(resident: Batch, index: tf.Tensor) -> Batch:
    """The batch of the rows `index` (int32 [batch]): inputs, labels, and weights, ones float32 [batch]."""
    batch = tf.nest.map_structure(lambda values: tf.gather(values, index), resident)
    return {**batch, "weights": tf.ones_like(index, tf.float32)}


def stream(rows: Rows, preprocess: Preprocess, index: np.ndarray, batch_size: int) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of the rows `index` (int32 [rows]), bit for bit those that batch_at gathers.

    Each is read by row number, all its rows at once; the last may be partial. Raises DataError for bad rows.
    """
    problems: list[DataError] = []
    try:
        yield from _dataset(rows, preprocess, index, batch_size, problems)
    except tf.errors.OpError as error:
        # Batches are read ahead: the problem of a later one may have been met, too.
        met = [problem for problem in problems if str(problem) in error.message]
        if not met:
            raise
        raise met[0] from None


def _dataset(
    rows: Rows, preprocess: Preprocess, index: np.ndarray, batch_size: int, problems: list[DataError]
) -> tf.data.Dataset:
    """The batches of the rows `index`; what TensorFlow reports as its own error is added to `problems`."""
    options = tf.data.Options()
    options.threading.private_threadpool_size = _THREADS
    options.deterministic = True
    # Nothing is left to tune, and where several iterators end at a time each tuner takes up to a second to end.
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_tensor_slices(index).batch(batch_size)
    dataset = dataset.map(_reader(rows, preprocess, problems), num_parallel_calls=_THREADS)
    dataset = dataset.map(_preprocessor(preprocess), num_parallel_calls=_THREADS)
    return dataset.prefetch(2).with_options(options)


def _reader(rows: Rows, preprocess: Preprocess, problems: list[DataError]) -> Callable[[tf.Tensor], dict[str, Any]]:
    """Function of a batch's index -> its raw columns and its answers, in tf.data; a DataError goes to `problems`."""
    answers = preprocess.layout.target.arrays
    inputs = preprocess.spec.inputs
    types, shapes = zip(*((kind_of(c).dtype, c.shape) for c in inputs), *answers.values(), strict=True)

    def read_numpy(index: np.ndarray) -> list[np.ndarray]:
        different, places = np.unique(index, return_inverse=True)  # of several workers each reads its own rows
        try:
            columns = rows.take(different).read()
        except DataError as error:
            problems.append(error)
            raise
        found = preprocess.answers(columns)
        values = [raw(c, columns[c.name]) for c in inputs] + [found[name] for name in answers]
        return [value[places] for value in values]

    def read(index: tf.Tensor) -> dict[str, Any]:
        values = tf.numpy_function(read_numpy, [index], [tf.as_dtype(dtype) for dtype in types], stateful=False)
        for value, shape in zip(values, shapes, strict=True):
            value.set_shape([index.shape[0], *shape])
        columns = {column.name: value for column, value in zip(inputs, values, strict=False)}
        return {"columns": columns, **dict(zip(answers, values[len(inputs) :], strict=True))}

    return read


def _preprocessor(preprocess: Preprocess) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Function of {"columns", "labels"} -> {"inputs", "labels", "weights"}, in tf.data."""
    model = preprocess.traced

    def finish(batch: dict[str, Any]) -> dict[str, Any]:
        inputs = model(batch.pop("columns"))
        return {**batch, "inputs": inputs, "weights": tf.ones([number_of_rows(inputs)])}

    return finish
