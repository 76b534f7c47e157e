"""What TensorBoard shows of a run: metrics of each epoch, hyperparameters, and the plots of the report."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.plugins.hparams import api

from kerasapps.engine.listeners import Call
from kerasapps.report import draw
from kerasapps.runs import directory
from kerasapps.runs.run import Run
from kerasapps.settings import NONE

FOLDER = "tensorboard"


class TensorBoard:
    """Writes the metrics as keras.callbacks.TensorBoard names them: epoch_loss in train/ and in validation/.

    Epochs count from 1. A resumed run writes all of its history anew, so that nothing is missing or there twice.
    """

    def __init__(self, run_dir: Path, hparams: Mapping[str, Any], history: Mapping[str, Sequence[float]]) -> None:
        """history: of the epochs before. Raises TrainingError where the folder cannot be written."""
        self._run_dir, self._written = run_dir, 0
        with _written(run_dir):
            if (run_dir / FOLDER).is_dir():
                shutil.rmtree(run_dir / FOLDER)
            folders = {split: str(run_dir / FOLDER / split) for split in ("train", "validation")}
            self._writers = {split: tf.summary.create_file_writer(folder) for split, folder in folders.items()}
            with self._writers["train"].as_default():
                api.hparams({name: plain(value) for name, value in hparams.items()})
        self._write(history)

    def on_call_end(self, call: Call) -> None:
        """Write the metrics of the epochs that ended; raises TrainingError on a full disk."""
        self._write(call.at.history)

    def _write(self, history: Mapping[str, Sequence[float]]) -> None:
        with _written(self._run_dir):
            for name, values in history.items():
                split = "validation" if name.startswith("val_") else "train"
                with self._writers[split].as_default():
                    for epoch, value in enumerate(values[self._written :], self._written + 1):
                        tf.summary.scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
            for writer in self._writers.values():
                writer.flush()
        self._written = max(map(len, history.values()), default=0)


def write_plots(run: Run) -> None:
    """Add the plots of the report that are no animations.

    Raises ConfigError where they cannot be drawn, TrainingError where they cannot be written.
    """
    with _written(run.directory):
        writer = tf.summary.create_file_writer(str(run.directory / FOLDER / "plots"))
        with writer.as_default():
            for path, _ in draw(run):
                if path.suffix == ".png":
                    tf.summary.image(path.stem, np.asarray(Image.open(path).convert("RGB"))[None], run.record["epochs"])
        writer.flush()  # which says what could not be written; close() does not
        writer.close()


@contextmanager
def _written(run_dir: Path) -> Iterator[None]:
    """directory.written, also of TensorFlow's own errors."""
    with directory.written(run_dir), file_errors():
        yield


@contextmanager
def file_errors() -> Iterator[None]:
    """TensorFlow's own errors of files as OSError."""
    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(error.message) from error


def plain(value: object) -> bool | int | float | str:
    """What the plugin of hyperparameters can hold."""
    if value is None:
        return NONE
    return value if isinstance(value, (bool, int, float, str)) else str(value)
