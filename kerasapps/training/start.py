"""Starting from another run: its weights and its preprocessing are taken over, and nothing else."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from kerasapps.app import App, Parts
from kerasapps.data.fingerprint import check_same
from kerasapps.errors import CheckpointError, ConfigError, DataError
from kerasapps.hparams import Hparams
from kerasapps.training import directory
from kerasapps.training.options import Options
from kerasapps.training.run import Run
from kerasapps.training.session import Session
from kerasapps.training.state import copy_weights


def check_start(start: Run, app: App, options: Options) -> None:
    """Raise ConfigError where a run of `app` with these options cannot start from `start`."""
    if start.app.name != app.name:
        raise ConfigError(f"The run {options.from_run} is of {start.app.name!r}; {app.name!r} cannot start from it.")
    if start.options.data == options.data and start.options.split_seed != options.split_seed:
        raise ConfigError(
            f"The run {options.from_run} was trained on rows that split_seed={options.split_seed} has for test. Give "
            f"split_seed={start.options.split_seed}, which is its own."
        )


def with_preprocessing_of(start: Run, options: Options, given: Mapping[str, Any]) -> Options:
    """The options, with those that made the preprocessing of `start`; raises ConfigError where others were given."""
    texts = {"max_tokens": start.options.max_tokens, "sequence_length": start.preprocess.tokens}
    windows = {}
    if start.layout.forecast:
        windows = {"history": start.preprocess.spec.inputs[0].shape[0], "horizon": start.layout.target.size}
    for name, own in {**texts, **windows}.items():
        if given.get(name) not in (None, own):
            raise ConfigError(
                f"{name}={given[name]} was given, but {start.directory}, whose preprocessing is taken over, was "
                f"trained with {name}={own}. Give {name}={own}, or train without starting from that run."
            )
    return dataclasses.replace(options, **texts)


def refuse_other_test_rows(start: Run, session: Session) -> None:
    """Raise ConfigError where the same data have other rows for test than when `start` was trained.

    Rows that were added since then move others from one split to another.
    """
    if start.options.data != session.options.data:
        return
    try:
        expected = directory.read_fingerprints(start.directory)["test"]
        check_same(start.options.data, "test", session.fingerprints["test"], expected)
    except DataError as error:
        raise ConfigError(
            f"{start.directory} cannot be started from: {error} Rows of the test split may have been trained on."
        ) from error


def take_weights(start: Run, hparams: Hparams, parts: Parts) -> None:
    """Copy the weights of `start` to parts that `hparams` made; raises ConfigError where they do not fit."""
    try:
        copy_weights(start.parts, parts)
    except CheckpointError as error:
        theirs, own = dataclasses.asdict(start.hparams), dataclasses.asdict(hparams)
        different = [f"{name}={theirs[name]!r} (given {own[name]!r})" for name in own if own[name] != theirs[name]]
        raise ConfigError(
            f"The weights of {start.directory} do not fit: {error} Hyperparameters are not taken over; its own that "
            f"differ are {', '.join(different) or 'none'}."
        ) from error
