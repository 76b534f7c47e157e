"""What is no fault of a trial ends the search, and leaves no outcome."""

import errno
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
