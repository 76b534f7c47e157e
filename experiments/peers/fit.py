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
from experiments.peers.keras_transformers import MODELS


def open_model(shared: Shared) -> keras.Model:
    """The model with the weights to begin with: the application's, or its parts as Keras's guides put them together."""
    if shared.app in MODELS:
        model = MODELS[shared.app](shared.hparams, shared.shape, shared.units, shared.vocabulary)
        model.set_weights(shared.weights())
        return model
    parts = {name: keras.models.model_from_json(text) for name, text in shared.models.items()}
    for name, part in parts.items():
        part.set_weights(shared.weights(name))
    if "model" in parts:
        return parts["model"]
    from experiments.peers import generative  # of TensorFlow, which not every interpreter has

    if shared.app == "autoencoder":
        return generative.Autoencoder(parts)
    if shared.app == "vae":
        return generative.Vae(parts, shared.hparams["binarize"])
    return generative.Gan(parts, {name: keras.optimizers.deserialize(o) for name, o in shared.optimizers.items()})


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
        self.model, self.learns_inputs = open_model(shared), shared.app == "autoencoder"
        checked = self.rows["outputs"]
        outputs = self.model(self.rows["validation_inputs"][: len(checked)], training=False)
        worker.check_outputs(keras.ops.convert_to_numpy(outputs), checked, shared.precision)
        self._compile(shared, bare)
        self.fields = {"batch_size": shared.batch_size, "verbose": 0}
        if not bare:
            held_out = self._rows("validation")
            self.fields |= {"validation_data": held_out, "validation_batch_size": shared.evaluation_batch}
        self.first_state = [keras.ops.convert_to_numpy(variable.value) for variable in self._variables()]

    def _compile(self, shared: Shared, bare: bool) -> None:
        own = [keras.optimizers.deserialize(optimizer) for optimizer in shared.optimizers.values()]
        if shared.kind != "none":
            loss, metric = losses(shared.kind)
            self.model.compile(own[0], loss, metrics=None if bare else [metric])
        elif len(own) == 1:
            self.model.compile(own[0], keras.losses.MeanSquaredError())
        else:
            self.model.compile()
        if len(own) == 1:
            self.model.optimizer.build(self.model.trainable_variables)

    def _rows(self, split: str) -> tuple[Any, Any]:
        """What fit is given: inputs and labels; of an autoencoder the inputs twice."""
        inputs = self.rows[f"{split}_inputs"]
        return inputs, inputs if self.learns_inputs else self.rows[f"{split}_labels"]

    def _variables(self) -> list[Any]:
        optimizers = getattr(self.model, "optimizers", {"": self.model.optimizer}).values()
        return [*self.model.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]

    def train(self, epochs: int, **fields: Any) -> None:
        """Train so many epochs."""
        inputs, labels = self._rows("train")
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
