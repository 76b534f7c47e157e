"""Everything that training changes, as variables: what a checkpoint holds and what a compiled loop moves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from kerasapps.app import Batch, Parts, Sums, Task, Update
from kerasapps.engine.evaluation import stack_sums, training_names
from kerasapps.engine.loss_scale import LossScale
from kerasapps.engine.optimizer import Optimizer, changed_by
from kerasapps.errors import CheckpointError, unknown_name
from kerasapps.tensors import Integer

_Result = TypeVar("_Result")


class State:
    """The parts' variables (they hold the seeds of Keras's own dropout, too), the optimizers', and the engine's own.

    None of the engine's own is int32: TensorFlow keeps such variables in the host's memory, and XLA on a GPU refuses a
    program that changes them.

    metrics: names of the metrics of an epoch, those of training and then `validation`, those of the validation rows.
    direction: of the monitored one, whose best value decides which weights are kept, unless hparams.keep is "last".
    With hparams.ema_momentum there are averages of the trainable weights, which then are evaluated and kept.
    """

    def __init__(
        self,
        task: Task,
        updates: Sequence[Update],
        optimizers: Mapping[str, Optimizer],
        row: Batch,
        loss_scale: LossScale | None = None,
    ) -> None:
        """row: a batch that shows which metrics there are; raises ConfigError where the monitored one is none."""
        parts, hparams = task.parts, task.hparams
        training = training_names(updates, parts, row)
        self.validation = [f"val_{name}" for name in task.evaluate(row)]
        self.metrics = [*training, *self.validation]
        if hparams.monitor not in self.metrics:
            raise unknown_name("monitor", hparams.monitor, self.metrics)
        self.direction = task.directions[hparams.monitor.removeprefix("val_")]
        self._hparams, self._further = hparams, loss_scale.variables if loss_scale else {}
        self.weights = _weights(parts)
        kept = {name: variable for name, variable in self.weights.items() if variable.dtype != "uint32"}
        self._best = {name: tf.Variable(variable.value, trainable=False) for name, variable in kept.items()}
        trainable = {id(variable) for part in parts.values() for variable in part.trainable_variables}
        averaged = {name: v for name, v in self.weights.items() if hparams.ema_momentum and id(v) in trainable}
        self._averages = {name: tf.Variable(variable.value, trainable=False) for name, variable in averaged.items()}
        own = {name: changed_by(optimizer) for name, optimizer in optimizers.items()}
        self._optimizers = {f"optimizer/{name}/{number}": v for name in own for number, v in own[name].items()}
        self._sums = tf.Variable(tf.zeros([len(training), 2]), trainable=False)
        self._best_value = tf.Variable(np.inf, dtype=tf.float32, trainable=False)
        self._best_epoch = tf.Variable(-1, dtype=tf.int64, trainable=False)
        self._bad_step = tf.Variable(-1, dtype=tf.int64, trainable=False)
        self._bad_metric = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._monitored = self.metrics.index(hparams.monitor)
        self._sign = -1.0 if self.direction == "max" else 1.0

    def add(self, sums: Sums, step: Integer) -> None:
        """Add one cycle's sums to the epoch's, and remember the first step and metric that is not finite."""
        values = stack_sums(sums)
        self._sums.assign_add(values)
        bad = tf.reduce_any(~tf.math.is_finite(values), axis=1)
        is_first = tf.logical_and(self._bad_step < 0, tf.reduce_any(bad))
        self._bad_step.assign(tf.where(is_first, tf.cast(step, tf.int64), self._bad_step))
        first = tf.argmax(tf.cast(bad, tf.int32))
        self._bad_metric.assign(tf.where(is_first, first, self._bad_metric))

    def average(self, step: Integer) -> None:
        """Move the averages towards the weights after a step; the first step's are the weights, as in Keras."""
        momentum = tf.where(tf.equal(step, 0), 0.0, self._hparams.ema_momentum or 0.0)
        for name, average in self._averages.items():
            average.assign(momentum * average + (1 - momentum) * self.weights[name].value)

    def with_averages(self, function: Callable[[], _Result]) -> _Result:
        """function() while the averages, where there are any, are the weights."""
        before = {name: tf.identity(self.weights[name].value) for name in self._averages}
        self._take(self._averages)
        result = function()
        self._take(before)
        return result

    def end_epoch(self, validation: tf.Tensor, epoch: Integer) -> tf.Tensor:
        """The epoch's mean metrics, training then validation ([metrics]); keeps the weights if it should."""
        sums = tf.concat([self._sums, validation], axis=0)
        means = sums[:, 0] / sums[:, 1]
        value = self._sign * means[self._monitored]
        chosen = value < self._best_value if self._hparams.keep == "best" else True
        better = tf.logical_and(chosen, self._bad_step < 0)
        self._best_value.assign(tf.where(better, value, self._best_value))
        self._best_epoch.assign(tf.where(better, tf.cast(epoch, tf.int64), self._best_epoch))
        for name, best in self._best.items():
            best.assign(tf.where(better, self.weights[name].value, best))
        self._sums.assign(tf.zeros_like(self._sums))
        return means

    @property
    def bad(self) -> tuple[int, str]:
        """First step with a metric that was not finite, or -1, and the name of the metric."""
        return int(self._bad_step.numpy()), self.metrics[int(self._bad_metric.numpy())]

    @property
    def best_epoch(self) -> int:
        """Epoch (from 0) of the best weights, or -1."""
        return int(self._best_epoch.numpy())

    def take_best(self) -> None:
        """Put the best weights seen into the parts; without a finished epoch the current ones stay."""
        if self.best_epoch >= 0:
            self._take(self._best)

    def _take(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.weights[name].assign(value)

    def _all(self) -> dict[str, Any]:
        best = {f"best/{name}": variable for name, variable in self._best.items()}
        averages = {f"average/{name}": variable for name, variable in self._averages.items()}
        own = {
            "engine/sums": self._sums,
            "engine/best_value": self._best_value,
            "engine/best_epoch": self._best_epoch,
            "engine/bad_step": self._bad_step,
            "engine/bad_metric": self._bad_metric,
        }
        return {**self.weights, **self._optimizers, **best, **averages, **own, **self._further}

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable as a NumPy array, by name."""
        return {name: np.array(variable.numpy()) for name, variable in self._all().items()}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """The inverse of `arrays`; raises CheckpointError where names or shapes differ."""
        assign_all(self._all(), arrays)


def _weights(parts: Parts) -> dict[str, Any]:
    return {f"part/{name}/{i:03d}": v for name, part in parts.items() for i, v in enumerate(part.variables)}


def assign_all(variables: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Assign arrays to variables of the same names; raises CheckpointError where they do not fit."""
    # Earlier versions had best seeds of layers and an optimizer's placeholders, too, and counted in int32.
    obsolete = {("best", np.dtype(np.uint32)), ("optimizer", np.dtype(np.int32))}
    arrays = {name: x for name, x in arrays.items() if (name.partition("/")[0], x.dtype) not in obsolete}
    missing = sorted(set(variables) ^ set(arrays))
    if missing:
        raise CheckpointError(f"The checkpoint does not fit the model: {missing[0]} is only in one of them.")
    for name, variable in variables.items():
        if tuple(variable.shape) != arrays[name].shape:
            raise CheckpointError(
                f"The checkpoint does not fit the model: {name} is {arrays[name].shape}, "
                f"expected {tuple(variable.shape)}."
            )
        variable.assign(arrays[name].astype(np.int64) if arrays[name].dtype == np.int32 else arrays[name])


def assign_best(parts: Parts, arrays: Mapping[str, np.ndarray]) -> None:
    """Put the best weights of a checkpoint's arrays (the current ones before a first epoch) into `parts`."""
    kept = {name: values for name, values in arrays.items() if name.startswith("part/")}
    if arrays["engine/best_epoch"] >= 0:
        kept = {name: arrays.get(f"best/{name}", values) for name, values in kept.items()}
    assign_all(_weights(parts), kept)
