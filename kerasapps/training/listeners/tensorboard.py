"""What TensorBoard shows of a run: metrics of each epoch, hyperparameters, and the plots of the report."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.plugins.hparams import api

from kerasapps.engine.listeners import Call
from kerasapps.report import report
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
        with directory.written(run_dir):
            shutil.rmtree(run_dir / FOLDER, ignore_errors=True)
            folders = {split: str(run_dir / FOLDER / split) for split in ("train", "validation")}
            self._writers = {split: tf.summary.create_file_writer(folder) for split, folder in folders.items()}
            with self._writers["train"].as_default():
                api.hparams({name: _plain(value) for name, value in hparams.items()})
        self._write(history)

    def on_call_end(self, call: Call) -> None:
        """Write the metrics of the epochs that ended; raises TrainingError on a full disk."""
        self._write(call.at.history)

    def _write(self, history: Mapping[str, Sequence[float]]) -> None:
        with directory.written(self._run_dir):
            for name, values in history.items():
                split = "validation" if name.startswith("val_") else "train"
                with self._writers[split].as_default():
                    for epoch, value in enumerate(values[self._written :], self._written + 1):
                        tf.summary.scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
            for writer in self._writers.values():
                writer.flush()
        self._written = max(map(len, history.values()), default=0)


def write_plots(run: Run) -> None:
    """Add the plots of the report that are no animations; raises ConfigError where they cannot be drawn."""
    writer = tf.summary.create_file_writer(str(run.directory / FOLDER / "plots"))
    with writer.as_default(), directory.written(run.directory):
        for path in report(run):
            if path.suffix == ".png":
                tf.summary.image(path.stem, np.asarray(Image.open(path).convert("RGB"))[None], run.record["epochs"])
    writer.close()


def _plain(value: object) -> bool | int | float | str:
    """What the plugin of hyperparameters can hold."""
    if value is None:
        return NONE
    return value if isinstance(value, (bool, int, float, str)) else str(value)
