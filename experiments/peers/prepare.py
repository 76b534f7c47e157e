"""Writes what all sides of a case share, counts operations and measures the machine; trains nothing."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.peers import worker
from experiments.peers.flops import forward_flops, peak_flops
from experiments.peers.handover import Shared, read_task, write_shared
from experiments.peers.keras_transformers import MODELS
from experiments.peers.sessions import open_session
from kerasapps.engine.evaluation import EVALUATION_BATCH
from kerasapps.engine.optimizer import make_optimizer
from kerasapps.engine.session import Session
from kerasapps.layers.heads import ProjectionHead
from kerasapps.layers.recurrent import Bidirectional, Recurrent

CHECKED_ROWS = 16


class Preparation:
    """The case of a folder."""

    def __init__(self, folder: Path) -> None:
        task = read_task(folder)
        self.folder, self.app = folder, task.case.app
        # eager compiles nothing, and only what is functional can be handed over.
        self.session = open_session(task.case, task.rows, execution="eager", builder="functional")

    def prepare(self) -> dict[str, Any]:
        """Write; returns what is known of the case. forward_flops: operations for one row. peak_flops: in a second."""
        shared, session = share(self.app, self.session), self.session
        write_shared(self.folder, shared)
        known = {
            "rows": session.data.training_rows,
            "batch_size": shared.batch_size,
            "epochs": session.hparams.epochs,
        }
        return {**known, "forward_flops": sum(map(forward_flops, session.parts.values())), "peak_flops": peak_flops()}


def share(app: str, session: Session) -> Shared:
    """What peers need of a Session of an application."""
    layout, outputs = session.data.preprocess.layout, _outputs(session)
    optimizers = {u.name: make_optimizer(session.hparams, session.program.steps, u.settings) for u in session.updates}
    return Shared(
        app=app,
        kind=_kind(session),
        shape=layout.only.shape,
        units=session.parts["model"].output_shape[-1] if "model" in session.parts else outputs.shape[-1],
        vocabulary=layout.only.vocabulary,
        batch_size=session.batch_size,
        evaluation_batch=EVALUATION_BATCH,
        steps=session.program.steps,
        hparams=dataclasses.asdict(session.hparams),
        precision=session.options.precision,
        models={} if app in MODELS else {name: _stock(part).to_json() for name, part in session.parts.items()},
        optimizers={name: keras.optimizers.serialize(optimizer) for name, optimizer in optimizers.items()},
        arrays={**_arrays(session), "outputs": outputs},
    )


def _kind(session: Session) -> str:
    """The loss of what one model answers."""
    if "model" not in session.parts:
        return "none"
    if session.data.preprocess.layout.target.kind == "reals":
        return "reals"
    return "binary" if session.parts["model"].output_shape[-1] == 1 else "classes"


def _outputs(session: Session) -> np.ndarray:
    """What the parts answer to the first validation rows: the model's, what is decoded of codes, or the critic's."""
    parts, inputs = session.parts, _inputs(session, session.data.validation)[:CHECKED_ROWS]
    if "encoder" in parts:
        codes = parts["encoder"](inputs, training=False)
        answer = parts["decoder"](codes[0] if isinstance(codes, (list, tuple)) else codes, training=False)
    else:
        answer = parts["model" if "model" in parts else "discriminator"](inputs, training=False)
    return np.reshape(np.asarray(answer, np.float32), [len(inputs), -1])


def _inputs(session: Session, data: Mapping[str, Any]) -> np.ndarray:
    """The rows of the only input; raises ConfigError where there are several."""
    return data["inputs"][session.data.preprocess.layout.only.name]


def _stock(part: keras.Model) -> keras.Model:
    return keras.models.clone_model(part, clone_function=stock_layer)


def stock_layer(layer: keras.Layer) -> keras.Layer:
    """The layer as Keras itself has it, where kerasapps has its own of the same name, weights and numbers.

    Fit is what it would be without kerasapps, and other interpreters do not have its layers. Raises TypeError.
    """
    if isinstance(layer, Recurrent):
        own = {"name": layer.name, "return_sequences": layer.return_sequences, "go_backwards": layer.reverse}
        return type(layer.keras_layer).from_config({**layer.keras_layer.get_config(), **own})
    if isinstance(layer, Bidirectional):
        return keras.layers.Bidirectional(stock_layer(layer.forward), name=layer.name)
    if isinstance(layer, ProjectionHead):
        return keras.layers.Dense(1, name=layer.name, dtype=layer.dtype_policy)
    kind = type(layer)
    if kind.__module__.startswith("kerasapps."):
        kind = getattr(keras.layers, kind.__name__, None)
    if kind is None:
        raise TypeError(
            f"{layer.name} is a {type(layer).__name__}: Keras has no such layer, so that fit cannot be asked."
        )
    return kind.from_config(layer.get_config())


def _arrays(session: Session) -> dict[str, np.ndarray]:
    splits = {"train": session.data.train, "validation": session.data.validation}
    rows = {f"{split}_inputs": _inputs(session, data) for split, data in splits.items()}
    # A model that answers something where there are no labels tells each token of a text.
    rows |= {f"{split}_labels": data.get("labels", rows[f"{split}_inputs"]) for split, data in splits.items()}
    weights = {
        f"weight_{name}_{i:04d}": weight
        for name, part in session.parts.items()
        for i, weight in enumerate(part.get_weights())
    }
    return {**rows, **weights}


if __name__ == "__main__":
    worker.serve(lambda folder, words: Preparation(folder))
