"""What is no fault of a trial ends the search, and leaves no outcome."""

import errno
import resource
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras_tuner
import pytest

from kerasapps.errors import CheckpointError, ConfigError, DataError, TrainingError
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.outcomes import read_outcomes
from kerasapps.tuning.search import Searcher
from kerasapps.tuning.tune import tune
from kerasapps.tuning.worker import halts


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (FULL, True),
        (caused(TrainingError("cannot be written"), FULL), True),
        (DataError("it has changed"), True),
        (CheckpointError("it is damaged"), True),
        (TrainingError("loss is not finite"), False),
        (ConfigError("heads do not divide the width"), False),
        (ValueError("of a layer"), False),
        (OSError(errno.ENOENT, "No such file"), False),
    ],
)
def test_faults_of_a_trial_are_told_from_others(error: Exception, wanted: bool) -> None:
    assert halts(error) == wanted


class Answering:
    """Workers of which the first trial gets an answer that is given."""

    has_room, busy = True, [0]

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def start(self, trial: int, request: Any) -> None:
        self.has_room = False

    def wait(self) -> Iterator[tuple[int, dict[str, Any]]]:
        yield 0, self.answer


@pytest.mark.parametrize(
    ("status", "kind"), [(3, DataError), (4, TrainingError), (5, CheckpointError), (1, TrainingError)]
)
def test_the_search_ends_with_the_error_and_keeps_nothing(status: int, kind: type, tmp_path: Path) -> None:
    space = keras_tuner.HyperParameters()
    space.Float("rate", 0.1, 0.9)
    trainable = SimpleNamespace(
        space=space,
        epochs=1,
        seed=0,
        direction="min",
        objective="val_loss",
        trainer="app",
        arguments=lambda values, directory: {},
        fields=lambda values: {},
    )
    (tmp_path / "trials").mkdir()
    workers = Answering({"halt": "no room.", "status": status})
    searcher = Searcher(trainable, SearchOptions(), tmp_path, workers, lambda outcome: None, {})
    with pytest.raises(kind, match=r"Trial 0 cannot be trained: no room. The same command then goes on") as raised:
        searcher.run()
    assert type(raised.value) is kind and not read_outcomes(tmp_path)


@pytest.mark.slow
def test_a_search_goes_on_once_there_is_room(tmp_path: Path) -> None:
    """Files of more than 100,000 bytes, such as the checkpoints, cannot be written at first; outcomes could."""
    given = {"data": "iris", "rows": 60, "epochs": 1, "execution": "eager", "hidden": (256, 256), "trials": 2}
    given |= {"search": ["learning_rate=log:1e-4:1e-1"], "directory": str(tmp_path)}
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))  # also of the processes of trials
    try:
        with pytest.raises(TrainingError, match="File too large.* The same command then goes on"):
            tune("mlp", **given)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not read_outcomes(tmp_path)
    assert [outcome.score is not None for outcome in tune("mlp", **given).outcomes.values()] == [True, True]
