"""Metrics and outputs over a whole split, every row counted once."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, Batch, Parts, Sums, Task, Update
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.thinning import KEPT_BYTES, Kept
from kerasapps.distribute.replicas import ONE_DEVICE, Replicas
from kerasapps.engine.batches import batch_from
from kerasapps.engine.step import Answers, Division, gradients, metric_name
from kerasapps.errors import TrainingError
from kerasapps.noise import NO_STEP
from kerasapps.tensors import Integer

EVALUATION_BATCH = 256


def stack_sums(sums: Sums) -> tf.Tensor:
    """Sums as one float32 tensor [metrics, 2]."""
    return tf.stack([tf.stack([tf.cast(x, tf.float32) for x in pair]) for pair in sums.values()])


def add_up(
    function: Callable[[Batch], Sums], data: Mapping[str, Any], names: list[str], batch_size: int, first: Integer = 0
) -> tf.Tensor:
    """Sums [metrics, 2] of `function` over resident `data` ([rows, ...] each), in batches and an exact tail.

    first: 0, maybe as a tensor, on which the sums then depend.
    """
    rows = number_of_rows(data)
    batch_size = min(batch_size, rows)
    full, tail = divmod(rows, batch_size)

    def sums_at(start: Integer, size: int) -> tf.Tensor:
        def rows_of(x: tf.Tensor) -> tf.Tensor:
            return tf.slice(x, [first + start] + [0] * (len(x.shape) - 1), [size, *x.shape[1:]])

        batch = tf.nest.map_structure(rows_of, data)
        return stack_sums(function({"weights": tf.ones([size]), **batch}))

    def add_batch(index: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return index + 1, total + sums_at(index * batch_size, batch_size)

    total = tf.zeros([len(names), 2])
    _, total = tf.while_loop(lambda index, _: index < full, add_batch, (tf.constant(0), total), parallel_iterations=1)
    return total + sums_at(full * batch_size, tail) if tail else total


@runtime_checkable
class TellsClasses(Protocol):
    """A task that may have results of each class."""

    def by_class(self, answered: Answered) -> dict[str, dict[str, float]]:
        """Name of a class -> its precision, recall, f1 and rows; {} for tasks other than classification."""


@dataclass(frozen=True)
class Results:
    """Of a split: means of the task's metrics and its scores of all outputs together; and of each class by_class."""

    metrics: dict[str, float]
    classes: dict[str, dict[str, float]]


class Evaluation:
    """Metrics of a task over whole splits, of the weights that its parts have when they are asked for.

    The replicas share the rows of each batch.
    """

    def __init__(self, task: Task, replicas: Replicas = ONE_DEVICE) -> None:
        self._task, self._division = task, Division(replicas)
        self._measure: Callable | None = None

    def of(self, data: Mapping[str, Any]) -> dict[str, float]:
        """Of a split, [rows, ...] each array: means of the task's metrics, and its scores of all outputs together."""
        return self.of_pieces(number_of_rows(data), [data])

    def finite(self, data: Mapping[str, Any], split: str, precision: str) -> Results:
        """Metrics of a split, and results by class.

        Raises TrainingError, which names split and precision, if a metric is not finite.
        """
        found = self.results(number_of_rows(data), [data])
        bad = [name for name, value in found.metrics.items() if not math.isfinite(value)]
        if bad:
            raise TrainingError(
                f"{', '.join(bad)} of the {split} rows are not finite, though the weights are. Expected inputs that "
                f"{precision} can hold: look for outliers, or give --precision float32."
            )
        return found

    def of_pieces(self, rows: int, pieces: Iterable[Mapping[str, Any]], limit: float = KEPT_BYTES) -> dict[str, float]:
        """Metrics of a split that comes in pieces; see `results`."""
        return self.results(rows, pieces, limit).metrics

    def results(self, rows: int, pieces: Iterable[Mapping[str, Any]], limit: float = KEPT_BYTES) -> Results:
        """Of a split that comes in pieces, `rows` rows in all; none is held for long.

        Where inputs and outputs together take more than `limit` bytes, scores are those of every n-th row.
        """
        sums, kept = [], Kept(rows, limit)
        for data in pieces:
            outputs, measure = Kept(number_of_rows(data), math.inf), self._traced(data)
            for start in range(0, number_of_rows(data), EVALUATION_BATCH):
                batch_sums, batch_outputs = measure(batch_from(data, start, EVALUATION_BATCH))
                sums.append({name: np.array([float(x) for x in pair]) for name, pair in batch_sums.items()})
                outputs.add(batch_outputs.numpy())
            labels = {"labels": data["labels"]} if "labels" in data else {}
            kept.add({"inputs": data["inputs"], **labels, "outputs": outputs.whole()})
        totals = {name: sum((one[name] for one in sums), np.zeros(2)) for name in sums[0]}
        whole = kept.whole()
        answered = Answered(whole["inputs"], whole.get("labels"), whole["outputs"])
        means = {name: float(total / count) for name, (total, count) in totals.items()}
        by_class = self._task.by_class(answered) if isinstance(self._task, TellsClasses) else {}
        return Results({**means, **self._task.score(answered)}, by_class)

    def _traced(self, data: Mapping[str, Any]) -> Callable:
        """A batch -> the task's sums and outputs.

        Traced once for batches of any size of any split: tracing, not arithmetic, is what evaluation costs. But once
        for each size where several replicas share them.
        """
        if self._measure is None:

            def answers(batch: Batch) -> Answers:
                return self._task.evaluate(batch), self._task.outputs(batch["inputs"])

            def measure(batch: Batch) -> Answers:
                return self._division.answers(answers, batch)

            if self._division.replicas.number > 1:  # which divide batches of known sizes
                self._measure = tf.function(measure, autograph=False)
                return self._measure
            shapes = tf.nest.map_structure(lambda x: tf.TensorSpec([None, *x.shape[1:]], x.dtype), dict(data))
            batch = {"weights": tf.TensorSpec([None]), **shapes}
            self._measure = tf.function(measure, autograph=False).get_concrete_function(batch)
        return self._measure


def training_names(updates: Sequence[Update], parts: Parts, batch: Batch) -> list[str]:
    """Names of the metrics of a cycle of updates, found without leaving a trace in the parts' variables."""
    variables = [variable for part in parts.values() for variable in part.variables]
    before = [variable.numpy() for variable in variables]
    names = [metric_name(updates, u, metric) for u in updates for metric in gradients(u, batch, NO_STEP)[2]]
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    return list(dict.fromkeys(names))
