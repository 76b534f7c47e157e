"""A side's process: it reads commands from stdin and answers on stdout, a line of JSON each.

Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


class Side:
    """What every side can be told to do; `train` and `reach` are its own."""

    compile_seconds = 0.0

    def train(self, epochs: int) -> None:
        """Train so many epochs, from where it is."""
        raise NotImplementedError

    def reach(self, metric: str, value: float, limit: int, turn: int) -> dict[str, float] | None:
        """Seconds and epochs from the first weights until a validation metric is as good as `value`.

        None where it is not after `limit` epochs. turn: each has another order of rows.
        """
        raise NotImplementedError

    def seconds(self, epochs: int) -> float:
        """Wall time of training so many epochs."""
        started = time.perf_counter()
        self.train(epochs)
        return time.perf_counter() - started

    def warm(self, seconds: float) -> dict[str, float]:
        """Train until nothing is left to compile.

        first: seconds until the first epoch is done, with what was compiled for it. epochs: so many take `seconds`.
        """
        first, epochs = self.compile_seconds + self.seconds(1), 1
        while (spent := self.seconds(epochs)) < seconds / 4:
            epochs *= 4
        return {"first": first, "epochs": max(1, round(epochs * seconds / spent))}

    def turn(self, epochs: int) -> float:
        """Wall time of an epoch, of so many."""
        return self.seconds(epochs) / epochs

    def about(self) -> dict[str, Any]:
        """What else is to be recorded of this side."""
        return {}

    def memory(self) -> float:
        """Most memory that this process ever had, MiB."""
        try:
            # Not ru_maxrss where there is better: it begins with the memory of the process that started this one.
            lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
        except (OSError, StopIteration):
            import resource

            unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


TOLERANCES = {"float32": 1e-3, "mixed_bfloat16": 5e-2, "mixed_float16": 1e-2}


def check_outputs(outputs: Any, expected: Any, precision: str) -> None:
    """Raise ValueError where a model's outputs are not those of the model that it should be."""
    import numpy as np

    outputs = np.reshape(np.asarray(outputs, np.float32), np.shape(expected))
    off = float(np.abs(outputs - expected).max() / np.abs(expected).max())
    if not off <= TOLERANCES[precision]:
        raise ValueError(
            f"Not the same model: its outputs are off by {off:.3g} of the largest, expected {TOLERANCES[precision]:g}."
        )


def serve(open_side: Callable[[Path, list[str]], Any]) -> None:
    """Open the side of the folder and the words on the command line, then do as told until stdin ends."""
    answers = _own_stdout()
    side = open_side(Path(sys.argv[1]), sys.argv[2:])
    _answer(answers, "ready")
    for line in sys.stdin:
        command = json.loads(line)
        _answer(answers, getattr(side, command.pop("do"))(**command))


def _own_stdout() -> TextIO:
    """The real stdout; whatever else is printed goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: TextIO, value: Any) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()
