"""A run's directory on disk: it appears whole or not at all; what a resume needs is replaced whole."""

import fcntl
import hashlib
import io
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import yaml

from kerasapps.app import App
from kerasapps.data.preprocess import Preprocess
from kerasapps.distribute.cluster import is_chief
from kerasapps.errors import CheckpointError, ConfigError, TrainingError
from kerasapps.hparams import Hparams
from kerasapps.runs.checkpoint import checked, replace, sync, write_bytes, write_sums
from kerasapps.runs.found import RUNS
from kerasapps.runs.migrate import FORMAT, migrated
from kerasapps.runs.options import Options
from kerasapps.runs.scratch import scratch
from kerasapps.settings import values_of

_SUM = "sha256"
"""Key of record.json: the sum of all its other keys."""
_NOT_SAVED = ("run_dir", "stop_at_epoch", "max_seconds")


def new_directory(app: App, options: Options) -> Path:
    """Where a new run will lie; raises ConfigError where something lies there already."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"
    given = Path(options.run_dir or RUNS / app.name / f"{stamp}-{options.seed}")
    path = given.absolute()  # the process may go elsewhere
    if "\0" in str(path):
        raise ConfigError(f"run_dir={options.run_dir!r} is no path.")
    # The chief makes it once all workers have passed here; where each trains alone, it may be there by now.
    shared = options.strategy in ("auto", "multi_worker")
    if (is_chief() or shared) and os.path.exists(path):
        raise ConfigError(f"The run directory {path} exists. Give --resume to go on with it, or another directory.")
    return path


@contextmanager
def created(path: Path, constants: Mapping[str, str]) -> Iterator[Path]:
    """A temporary directory with the files `constants`; once the body has completed it, it becomes `path`.

    So a run is seen whole or not at all; the chief alone makes it. Raises ConfigError where that cannot be written.
    """
    if not is_chief():
        yield path
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch(path.parent) as temporary:
            for name, text in constants.items():
                (temporary / name).write_text(text, encoding="utf-8")
            write_sums(temporary)
            yield temporary
            sync(temporary)
            os.rename(temporary, path)
        sync(path.parent)
    except OSError as error:
        raise ConfigError(
            f"The run directory {path} cannot be made: {error}. Make room, or give another directory."
        ) from error


def read_fingerprints(path: Path) -> dict[str, dict[str, Any]]:
    """Of each split, its rows and their hash when the run began; raises CheckpointError."""
    try:
        return json.loads(checked(path / "data.json"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path / 'data.json'} is damaged: {error}") from error


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turns a full disk or a directory that cannot be written into a TrainingError."""
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be written: {error}. The checkpoints before are intact: make room, then --resume."
        ) from error


def config_of(app: App, options: Options, hparams: Hparams) -> dict[str, Any]:
    """What config.yaml holds: the resolved options and hyperparameters."""
    values = {**values_of(options), **values_of(hparams)}
    kept = {name: value for name, value in values.items() if name not in _NOT_SAVED}
    return {"app": app.name, "format": FORMAT, **json.loads(json.dumps(kept))}


def read_config(path: Path) -> dict[str, Any]:
    """A run's config.yaml, of any format in today's words; raises CheckpointError where there is no readable run."""
    if not os.path.isfile(path / "config.yaml"):
        raise CheckpointError(f"{path} is not a run directory: it has no config.yaml.")
    try:
        config = yaml.safe_load(checked(path / "config.yaml"))
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # the first for what looks like a date and is none
        raise CheckpointError(f"{path / 'config.yaml'} is damaged: {error}") from error
    names = config.keys() if isinstance(config, dict) else ()
    if "app" not in names or not all(isinstance(text, str) for text in (*names, config["app"])):
        raise CheckpointError(f"{path / 'config.yaml'} is damaged: expected a mapping with the key app.")
    try:
        return migrated(config)
    except ConfigError as error:
        raise CheckpointError(f"{path / 'config.yaml'}: {error}") from error


def write_epochs(path: Path, epochs: int) -> None:
    """Have a run's config.yaml say so many epochs; raises TrainingError where it cannot be written."""
    file = path / "config.yaml"
    config = {**yaml.safe_load(checked(file)), "epochs": epochs}
    with written(file):
        replace(file, yaml.safe_dump(config, sort_keys=False).encode())


def read_record(path: Path) -> dict[str, Any]:
    """record.json; {} where there is none, or with a warning a damaged one: the checkpoints say all that matters."""
    file = path / "record.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if not isinstance(record, dict):
            raise ValueError("expected a mapping.")
        if record.pop(_SUM, (own := _sum_of(record))) != own:  # earlier versions wrote no sum
            raise ValueError("its sha256 is not the one saved in it.")
    except (OSError, ValueError, RecursionError) as error:
        warnings.warn(f"{file} is damaged: {error} The run goes by its checkpoints.", stacklevel=3)
        return {}
    return record


@contextmanager
def locked(path: Path) -> Iterator[IO[str] | None]:
    """Only one process trains a run at a time, for as long as it lives; raises ConfigError where another does.

    A process that inherits the file has the lock, too. Of a cluster only the chief is asked.
    """
    if not is_chief():
        yield None
        return
    with written(path):
        file = (path / ".lock").open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"{path} is being trained by another process; wait for it to end.") from error
        yield file


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """record.json, replaced whole, with its sha256; raises TrainingError where it cannot be written."""
    summed = {**record, _SUM: _sum_of(record)}
    with written(path / "record.json"):
        write_bytes(path / "record.json", (json.dumps(summed, indent=2) + "\n").encode())


def _sum_of(record: Mapping[str, Any]) -> str:
    """The sha256 of all but this sum itself, as JSON has it."""
    kept = {name: value for name, value in record.items() if name != _SUM}
    return hashlib.sha256(json.dumps(json.loads(json.dumps(kept))).encode()).hexdigest()


def write_metrics(path: Path, history: Mapping[str, list[float]]) -> None:
    """metrics.csv, replaced whole: one row an epoch."""
    epochs = enumerate(zip(*history.values(), strict=True), 1)
    rows = [("epoch", *history), *((epoch, *values) for epoch, values in epochs)]
    write_bytes(path / "metrics.csv", "".join(",".join(map(str, row)) + "\n" for row in rows).encode())


def write_samples(path: Path, epoch: int, samples: np.ndarray) -> None:
    """Keep what an app sampled after `epoch`, in half precision."""
    if is_chief():
        (path / "samples").mkdir(exist_ok=True)
    content = io.BytesIO()
    np.save(content, samples.astype(np.float16))
    write_bytes(path / "samples" / f"{epoch:06d}.npy", content.getvalue())


def read_samples(path: Path) -> dict[int, np.ndarray]:
    """Epoch -> what was sampled then, float32; a damaged file is passed over with a warning."""
    samples = {}
    for file in sorted((path / "samples").glob("[0-9]*.npy")):
        try:
            samples[int(file.stem)] = np.load(file).astype(np.float32)
        except (OSError, EOFError, ValueError) as error:
            warnings.warn(f"{file} is damaged: {error} It is left out of plots.", stacklevel=3)
    return samples


def read_preprocess(path: Path) -> Preprocess:
    """A run's preprocessing; raises CheckpointError."""
    try:
        preprocess = Preprocess.from_json(checked(path / "preprocess.json").decode())
        assert all(field.shape for field in preprocess.layout.inputs)
        return preprocess
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise CheckpointError(f"{path / 'preprocess.json'} is damaged: {error}") from error
