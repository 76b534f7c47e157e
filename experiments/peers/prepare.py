"""Writes what all sides of a case share, counts operations and measures the machine; trains nothing."""

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.peers import worker
from experiments.peers.flops import forward_flops, peak_flops
from experiments.peers.handover import Shared, read_task, write_shared
from experiments.peers.sessions import open_session
from kerasapps.layers.recurrent import Bidirectional, Recurrent
from kerasapps.training.evaluate import EVALUATION_BATCH
from kerasapps.training.optimizer import make_optimizer

CHECKED_ROWS = 16


class Preparation:
    """The case of a folder."""

    def __init__(self, folder: Path) -> None:
        task = read_task(folder)
        self.folder = folder
        # eager compiles nothing, and only what is functional can be handed over.
        self.session = open_session(task.case, task.rows, execution="eager", builder="functional")

    def prepare(self) -> dict[str, Any]:
        """Write; returns what is known of the case. forward_flops: operations for one row. peak_flops: in a second."""
        shared, session = share(self.session), self.session
        write_shared(self.folder, shared)
        known = {"rows": len(session.rows["train"]), "batch_size": shared.batch_size, "epochs": session.hparams.epochs}
        return {**known, "forward_flops": forward_flops(session.parts["model"]), "peak_flops": peak_flops()}


def share(session: Any) -> Shared:
    """What peers need of a Session."""
    layout, model = session.preprocess.layout, session.parts["model"]
    kind = "reals" if layout.target.kind == "reals" else "binary" if model.output_shape[-1] == 1 else "classes"
    return Shared(
        app=session.app.name,
        kind=kind,
        shape=layout.shape,
        units=model.output_shape[-1],
        vocabulary=layout.vocabulary,
        batch_size=session.batch_size,
        evaluation_batch=EVALUATION_BATCH,
        steps=session.program.steps,
        hparams=dataclasses.asdict(session.hparams),
        precision=session.options.precision,
        model=keras.models.clone_model(model, clone_function=stock_layer).to_json(),
        optimizer=keras.optimizers.serialize(make_optimizer(session.hparams, session.program.steps)),
        arrays=_arrays(session, model),
    )


def stock_layer(layer: keras.Layer) -> keras.Layer:
    """The layer as Keras itself has it, where kerasapps has its own of the same name, weights and numbers.

    Fit is what it would be without kerasapps, and other interpreters do not have its layers. Raises TypeError.
    """
    if isinstance(layer, Recurrent):
        own = {"name": layer.name, "return_sequences": layer.return_sequences, "go_backwards": layer.reverse}
        return type(layer.keras_layer).from_config({**layer.keras_layer.get_config(), **own})
    if isinstance(layer, Bidirectional):
        return keras.layers.Bidirectional(stock_layer(layer.forward), name=layer.name)
    kind = type(layer)
    if kind.__module__.startswith("kerasapps."):
        kind = getattr(keras.layers, kind.__name__, None)
    if kind is None:
        raise TypeError(
            f"{layer.name} is a {type(layer).__name__}: Keras has no such layer, so that fit cannot be asked."
        )
    return kind.from_config(layer.get_config())


def _arrays(session: Any, model: keras.Model) -> dict[str, np.ndarray]:
    splits = {"train": session.train, "validation": session.validation}
    rows = {f"{split}_{name}": values for split, data in splits.items() for name, values in data.items()}
    weights = {f"weight_{i:04d}": weight for i, weight in enumerate(model.get_weights())}
    outputs = model(session.validation["inputs"][:CHECKED_ROWS], training=False)
    return {**rows, **weights, "outputs": np.asarray(outputs, np.float32)}


if __name__ == "__main__":
    worker.serve(lambda folder, words: Preparation(folder))
