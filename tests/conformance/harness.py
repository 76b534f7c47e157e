"""Tiny sessions of any app, and what the laws do with them."""

from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import App
from kerasapps.data.augment import Augmentation
from kerasapps.hparams import settings
from kerasapps.training import train
from kerasapps.training.program import Segment
from kerasapps.training.session import Session

ROWS, BATCH = 70, 32
"""Two whole batches and a partial one of six rows."""


def arguments(app: App, **changes: Any) -> dict[str, Any]:
    """The app's tiny arguments, on sizes that do not divide."""
    return {**app.tiny, "rows": ROWS, "global_batch_size": BATCH, **changes}


def without_noise(app: App) -> dict[str, Any]:
    """Dropout and augmentation off, where the app has them."""
    off = {"dropout": 0.0, **{name: field.default for name, field in settings(Augmentation).items()}}
    return {name: value for name, value in off.items() if name in settings(app.hparams)}


def session(app: App, **changes: Any) -> Session:
    """A tiny session in memory, nothing on disk."""
    options, hparams = train.split_arguments(app, arguments(app, **changes))
    return Session(app, options, hparams, None)


def run_epochs(session: Session, epochs: int) -> np.ndarray:
    """Metrics [epochs, metrics] of whole epochs, as few calls as the plan allows."""
    program = session.program
    tail, most = int(program.tail_rows > 0), program.epochs_a_call
    calls = [(first, min(most, epochs - first)) for first in range(0, epochs, most)]
    return np.concatenate([program.run(Segment(first, 0, count, program.full, tail, 1)) for first, count in calls])


def batch_of(session: Session, rows: int = 8) -> dict[str, tf.Tensor]:
    """The first training rows as a batch."""
    batch = {name: tf.constant(values[:rows]) for name, values in session.train.items()}
    return {**batch, "counts": tf.ones([rows])}
