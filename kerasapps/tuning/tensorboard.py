"""What TensorBoard's page HParams shows of a search: a session group for each trial, with values and metrics."""

import shutil
import time
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api, api_pb2, summary

from kerasapps.training.listeners.tensorboard import FOLDER, file_errors, plain
from kerasapps.tuning.found import Found
from kerasapps.tuning.outcomes import Outcome


def write_summaries(found: Found) -> Path:
    """Write DIR/tensorboard anew, a folder for each trial; raises OSError.

    Metrics are those of the validation rows, at the epoch that the trial ended with.
    """
    folder = found.directory / FOLDER
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir()
    for trial, outcome in sorted(found.outcomes.items()):
        with file_errors():
            writer = tf.summary.create_file_writer(str(folder / f"{trial:04d}"))
            with writer.as_default():
                _write(outcome)
            writer.flush()  # which says what could not be written; close() does not
            writer.close()
    return folder


def _write(outcome: Outcome) -> None:
    """One trial, by its number; a failed one has no metrics."""
    now = time.time()
    values = {name: plain(value) for name, value in outcome.values.items()}
    api.hparams(values, trial_id=f"{outcome.trial:04d}", start_time_secs=now - outcome.seconds)
    for name, value in outcome.metrics.items():
        tf.summary.scalar(f"val_{name}", value, outcome.epochs)
    status = api_pb2.STATUS_FAILURE if outcome.score is None else api_pb2.STATUS_SUCCESS
    tf.summary.experimental.write_raw_pb(summary.session_end_pb(status, now).SerializeToString(), step=0)
