"""Batches of rows in memory: how many rows one has, and whether there is something to learn in it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import Batch, Task
from kerasapps.data.buckets import cut
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.prepared import PreparedData
from kerasapps.errors import ConfigError, DataError
from kerasapps.hparams import Hparams


def batch_size_of(hparams: Hparams, rows: int) -> int:
    """Rows a step: no more than there are for training."""
    return min(hparams.global_batch_size or rows, rows)


def batch_from(data: Mapping[str, Any], start: int, most: int) -> Batch:
    """The batch of at most so many rows from `start` on."""
    batch = tf.nest.map_structure(lambda values: tf.constant(values[start : start + most]), dict(data))
    return {"weights": tf.ones([number_of_rows(batch)]), **batch}


def check_batch(hparams: Hparams, rows: int, devices: int) -> None:
    """Raise ConfigError where a batch is too small for the devices, or does not divide into micro-batches."""
    micro_batches, size = hparams.gradient_accumulation_steps, batch_size_of(hparams, rows)
    given = f"A batch of {size} rows (global_batch_size, or all training rows where those are fewer)"
    if size % micro_batches:
        raise ConfigError(
            f"{given} does not divide into gradient_accumulation_steps={micro_batches} equal micro-batches. "
            "Expected a divisor of it."
        )
    if size < devices * micro_batches:
        raise ConfigError(
            f"{given} is too small for {devices} devices with {micro_batches} micro-batches each. Expected at "
            f"least {devices * micro_batches} rows, or fewer devices."
        )


def check_lengths(task: Task, row: Batch) -> None:
    """Raise ConfigError where the model cannot compute with a batch that is cut to the shortest length."""
    lengths = task.layout.lengths
    try:
        if lengths:
            task.evaluate(cut(task.layout, row, lengths[0]))
    except (ValueError, tf.errors.OpError) as error:
        said = str(error).partition("\n")[0]
        raise ConfigError(
            f"The model cannot be trained on texts cut to {lengths[0]} tokens, as length_buckets makes them: {said} "
            "Expected length_buckets=1, or a model of texts of any length."
        ) from error


def check_weights(task: Task, data: PreparedData) -> None:
    """Raise DataError where an update would find nothing to learn, or nothing to be judged by."""
    for split, values in (("training", data.train), ("validation", data.validation), ("test", data.test)):
        if values is None:
            continue
        if not np.any(task.weights({"weights": np.ones(number_of_rows(values), np.float32), **values})):
            raise DataError(
                f"No {split} row of {data.name} counts with these hyperparameters. Expected at least one: give more "
                "rows, another split_seed, or other hyperparameters."
            )
