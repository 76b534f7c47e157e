"""What the workers of a run tell each other: small values, as sums over all of them."""

import itertools
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from kerasapps.distribute.cluster import this_cluster
from kerasapps.errors import ConfigError, TrainingError, shown

START_SECONDS = 300.0
"""How long a worker waits for the others to start, unless KERASAPPS_START_SECONDS says otherwise."""
LEAVE_SECONDS = 5
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
)
"""What TensorFlow raises once another worker does not answer."""


def start_seconds() -> float:
    """How long to wait for the other workers to start; raises ConfigError for what is no number of seconds."""
    text = os.environ.get("KERASAPPS_START_SECONDS") or str(START_SECONDS)
    try:
        if not 0 < (seconds := float(text)) < 1e6:
            raise ValueError
    except ValueError:
        raise ConfigError(f"KERASAPPS_START_SECONDS is {shown(text)}. Expected seconds, such as 300.") from None
    return seconds


@dataclass(frozen=True)
class Peers:
    """The `workers` processes that share a run, of which this is number `worker`.

    strategy: over all of them. runs: counts the runs that they have shared.
    """

    workers: int = 1
    worker: int = 0
    strategy: tf.distribute.Strategy | None = None
    runs: Iterator[int] = field(default_factory=itertools.count, compare=False, repr=False)

    def exchange(self, value: Any) -> list[Any]:
        """The value of each worker, by number, once all have called this; values are what JSON can hold.

        All workers have to call it in the same order. Raises what lost_workers_told tells of where one is lost.
        """
        text = np.frombuffer(json.dumps(value).encode(), np.uint8)
        sizes = self._gathered(np.array([len(text)])).astype(int).ravel()
        padded = self._gathered(np.pad(text, (0, sizes.max() - len(text)))).astype(np.uint8)
        return [json.loads(row[:size].tobytes()) for row, size in zip(padded, sizes, strict=True)]

    def _gathered(self, values: np.ndarray) -> np.ndarray:
        """The whole numbers [size] of each worker, [workers, size]: a sum over arrays that are 0 but for one's own row.

        A sum, as that is what TensorFlow gives up once a worker is lost.
        """
        own = np.zeros((self.workers, len(values)), np.float32)
        own[self.worker] = values
        if self.strategy is None:
            return own
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, tf.constant(own), axis=None).numpy()

    def leave(self) -> None:
        """Return once all workers have come here; raises what lost_workers_told tells of where one is lost before.

        One that ended at once would be missed by those that still receive this last message from it, and worker 0
        answers for all. So they wait for each other, but not for long: nothing of the run is at stake any more.
        """
        if self.workers > 1:
            self.exchange("done")
            # Nothing can interrupt a question to a worker 0 that was stopped, or is behind a dead network.
            leaving = threading.Thread(target=self._leave, args=(f"kerasapps/{next(self.runs)}",), daemon=True)
            leaving.start()
            leaving.join(LEAVE_SECONDS)

    def _leave(self, run: str) -> None:
        service, milliseconds = context.context(), 1000 * LEAVE_SECONDS
        with suppress(*_LOST):
            service.set_config_key_value(f"{run}/received/{self.worker}", "")
            for worker in range(self.workers):
                service.get_config_key_value(f"{run}/received/{worker}", milliseconds)
            if self.worker:
                service.set_config_key_value(f"{run}/left/{self.worker}", "")
            for worker in range(1, self.workers) if not self.worker else ():
                service.get_config_key_value(f"{run}/left/{worker}", milliseconds)


@contextmanager
def lost_workers_told() -> Iterator[None]:
    """Turns what TensorFlow says of a lost worker into a TrainingError; without other workers nothing changes."""
    try:
        yield
    except _LOST as error:
        if this_cluster().workers == 1:
            raise
        raise TrainingError(
            "Another worker has ended, does not answer, or did not start: see what it says itself. What was saved is "
            "intact: start all workers again, with --resume where the run directory is there."
        ) from error


def check_alike(answers: Sequence[Mapping[str, Any]]) -> None:
    """Raise ConfigError naming the first worker that differs from worker 0, and in what; answers: of each worker."""
    expected = _flat(answers[0])
    for worker, answer in enumerate(answers):
        found = _flat(answer)
        for name in sorted(expected.keys() | found.keys()):
            if found.get(name) != expected.get(name):
                raise ConfigError(
                    f"Worker {worker} has {name}={shown(found.get(name))}, but worker 0 has "
                    f"{shown(expected.get(name))}. Expected the same versions, arguments and data on all workers."
                )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """{"a": {"b": 1}} as {"a.b": 1}."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
