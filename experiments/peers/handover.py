"""What all sides share, in a folder: task.json from who measures; shared.json and rows.npz from prepare.py.

Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.peers.cases import Case, Target


@dataclass(frozen=True)
class Task:
    """A case, the plan of execution that is asked for, and the most training rows, None = all."""

    case: Case
    execution: str
    rows: int | None


def write_task(folder: Path, task: Task) -> None:
    """The inverse of read_task."""
    (folder / "task.json").write_text(json.dumps(dataclasses.asdict(task)), encoding="utf-8")


def read_task(folder: Path) -> Task:
    """The task of a folder."""
    given = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    target, sides = (given["case"].pop(name) for name in ("target", "sides"))
    case = Case(**given["case"], target=target and Target(**target), sides=tuple(sides))
    return Task(**{**given, "case": case})


@dataclass(frozen=True)
class Shared:
    """What a peer needs: rows [rows, ...] of train and validation, the model, its first weights, hyperparameters.

    kind: loss: "reals" (mean squared error), "binary" (one logit), "classes" (logits) or "none" (there are no labels;
    the application says what is learned). units: outputs.
    vocabulary: words of tokens, else 0. steps: steps an epoch. models, by the names of their parts, and optimizers, by
    those of the updates: as Keras serialises them. outputs: of the first validation rows, by which a peer shows that it
    has the same model. precision: the name of a Keras dtype policy.
    """

    app: str
    kind: str
    shape: tuple[int, ...]
    units: int
    vocabulary: int
    batch_size: int
    evaluation_batch: int
    steps: int
    hparams: dict[str, Any]
    precision: str
    models: dict[str, str]
    optimizers: dict[str, dict[str, Any]]
    arrays: dict[str, Any]

    def weights(self, part: str = "model") -> list[Any]:
        """The first weights of a part, in the order of the Keras model's."""
        names = sorted(name for name in self.arrays if name.startswith(f"weight_{part}_"))
        return [self.arrays[name] for name in names]


def write_shared(folder: Path, shared: Shared) -> None:
    """The inverse of read_shared."""
    import numpy as np

    np.savez(folder / "rows.npz", **shared.arrays)
    fields = {field.name: getattr(shared, field.name) for field in dataclasses.fields(shared) if field.name != "arrays"}
    (folder / "shared.json").write_text(json.dumps(fields), encoding="utf-8")


def read_shared(folder: Path) -> Shared:
    """What prepare.py left."""
    import numpy as np

    fields = json.loads((folder / "shared.json").read_text(encoding="utf-8"))
    with np.load(folder / "rows.npz") as arrays:
        return Shared(**fields, arrays=dict(arrays))
