"""What an application samples while it trains: after which epochs, and kept in the run directory."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from kerasapps.training import directory
from kerasapps.training.loop import Progress
from kerasapps.training.monitor import Monitor
from kerasapps.training.session import Session


def epochs_to_sample(epochs: int) -> tuple[int, ...]:
    """1, 2, 3, ..., each at least 1.1 times the one before, and the last: of many epochs ever fewer."""
    chosen, epoch = [], 1
    while epoch < epochs:
        chosen.append(epoch)
        epoch += -(-epoch // 10)
    return (*chosen, epochs)


def sampler(session: Session, path: Path, at: Progress, monitor: Monitor) -> tuple[tuple[int, ...], Callable[[], None]]:
    """The epochs of the run after which the app samples, and a function that does it if training is after one of them.

    It does so, too, after the epoch at which the monitor stopped the run. No epochs where there is nothing to sample.
    """
    if session.task.samples is None:
        return (), lambda: None
    epochs = epochs_to_sample(session.hparams.epochs)
    traced = tf.function(lambda: session.state.with_averages(session.task.samples), autograph=False)

    def keep() -> None:
        if at.cycle == 0 and (at.epoch in epochs or monitor.stopped):
            with directory.written(path):
                directory.write_samples(path, at.epoch, traced().numpy())

    return epochs, keep
