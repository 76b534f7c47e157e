"""The side of keras.Model.fit, on the backend that KERAS_BACKEND says: the same model, optimizer and rows.

fit has its default settings (shuffling, jit_compile="auto") without the progress bar; with the same metric and
validation rows, which is the same work, or, with the word `bare`, without either.
Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

import time
from typing import Any

import keras

from experiments.peers import worker
from experiments.peers.cases import Target
from experiments.peers.handover import Shared, read_shared


def losses(kind: str) -> tuple[Any, Any]:
    """Loss and metric, as Keras objects, of reals, of one logit or of several."""
    if kind == "reals":
        return keras.losses.MeanSquaredError(), keras.metrics.MeanAbsoluteError(name="mae")
    if kind == "binary":
        return keras.losses.BinaryCrossentropy(from_logits=True), keras.metrics.BinaryAccuracy("accuracy", threshold=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss, keras.metrics.SparseCategoricalAccuracy(name="accuracy")


class Stop(keras.callbacks.Callback):
    """Stops at the target, and remembers when."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target, self.epochs, self.reached = target, 0, False

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Look at the metric."""
        self.epochs, self.reached = epoch + 1, self.target.met(logs[f"val_{self.target.metric}"])
        self.model.stop_training = self.reached


class Fit(worker.Side):
    """Trains with fit."""

    def __init__(self, shared: Shared, bare: bool) -> None:
        self.rows = shared.arrays
        self.model = keras.models.model_from_json(shared.model)
        self.model.set_weights(shared.weights)
        checked = self.rows["outputs"]
        outputs = self.model(self.rows["validation_inputs"][: len(checked)], training=False)
        worker.check_outputs(keras.ops.convert_to_numpy(outputs), checked, shared.precision)
        loss, metric = losses(shared.kind)
        self.model.compile(keras.optimizers.deserialize(shared.optimizer), loss, metrics=None if bare else [metric])
        self.fields = {"batch_size": shared.batch_size, "verbose": 0}
        if not bare:
            held_out = (self.rows["validation_inputs"], self.rows["validation_labels"])
            self.fields |= {"validation_data": held_out, "validation_batch_size": shared.evaluation_batch}
        self.model.optimizer.build(self.model.trainable_variables)
        self.first_state = [keras.ops.convert_to_numpy(variable.value) for variable in self._variables()]

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def train(self, epochs: int, **fields: Any) -> None:
        """Train so many epochs."""
        inputs, labels = self.rows["train_inputs"], self.rows["train_labels"]
        self.model.fit(inputs, labels, epochs=epochs, **self.fields, **fields)

    def reach(self, metric: str, value: float, limit: int, turn: int) -> dict[str, float] | None:
        """Seconds and epochs until a validation metric is as good as `value`."""
        for variable, first in zip(self._variables(), self.first_state, strict=True):
            variable.assign(first)
        keras.utils.set_random_seed(turn)
        stop = Stop(Target(metric, value))
        started = time.perf_counter()
        self.train(limit, callbacks=[stop])
        return {"seconds": time.perf_counter() - started, "epochs": stop.epochs} if stop.reached else None


if __name__ == "__main__":
    worker.serve(lambda folder, words: Fit(read_shared(folder), "bare" in words))
