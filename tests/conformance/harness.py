"""Tiny sessions of any app, and what the laws do with them."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from toys.few import in_random_order

from kerasapps.app import App, load_app
from kerasapps.data import rows as data_rows
from kerasapps.data.kinds import load_kind
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Batch
from kerasapps.data.split import Rows
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.names import APPS, names_in
from kerasapps.runs.config import resolve
from kerasapps.settings import settings
from kerasapps.training.prepare import open_session

ROWS, BATCH = 70, 32
"""Two whole batches and a partial one of six rows."""
SHORT = {"rows": 38}
"""One whole batch and a partial one of six rows, for what is asked of every step alike."""

EVALUATED = 40
"""Rows for validation, and for test, at most: what a session of the laws evaluates is no question of theirs."""

OTHER_DATA = {
    ("tokens", "classes"): "reviews",
    ("image", "classes"): "mnist_5k",
    ("sequence", "reals"): "sunspots",
    ("vector", "binary"): "reviews",
    ("vector", "classes"): "reviews",
}
"""Layout and target that take other ways through an app than its default data, and a source that has them."""


TOYS = ("toys.tagger",)
"""Applications that live in tests, in modules outside the package."""


def every_app(only: str = "") -> list[App]:
    """All applications, or `only` one, each once more for every source of OTHER_DATA that it takes, as its default."""
    return [asked for name in ([only] if only else [*names_in(APPS), *TOYS]) for asked in _on_all_data(load_app(name))]


def _on_all_data(app: App) -> list[App]:
    possible = [(kind, target) for kind, targets in app.accepts.items() for target in targets]
    # What an app takes first its default data have, but for vectors, which of texts are packed.
    new = [what for what in possible if what != possible[0] or what[0] == "vector"]
    others = [source for what, source in OTHER_DATA.items() if what in new]
    return [app, *(dataclasses.replace(app, default_data=data) for data in others if data != app.default_data)]


def label(app: App) -> str:
    """What tests call it: its name, with that of the source where it is not the default one."""
    return app.name if app.default_data == load_app(app.name).default_data else f"{app.name}-{app.default_data}"


def labelled(name: str) -> App:
    """The application with this label."""
    own, _, data = name.partition("-")
    return dataclasses.replace(load_app(own), default_data=data) if data else load_app(own)


def family(app: App) -> tuple:
    """What the engine trains: an application's kind of task, and its first kind of target, which decides the loss.

    Those that predict the tokens of texts are one family, whatever makes them up.
    """
    form, targets = next(iter(app.accepts.items()))
    if form == "tokens" and targets[0] in ("any", "tokens"):
        return form, "tokens"
    task = app.task.func if isinstance(app.task, functools.partial) else app.task
    return task, targets[0]


def first_of_each_family(apps: Iterable[App]) -> set[str]:
    """The names of the applications that come first in their families."""
    first: dict[tuple, str] = {}
    for app in apps:
        first.setdefault(family(app), app.name)
    return set(first.values())


def arguments(app: App, **changes: Any) -> dict[str, Any]:
    """The app's tiny arguments on its default data, on sizes that do not divide; texts are of few tokens."""
    data = changes.get("data", app.default_data)
    return {
        **({"sequence_length": 12} if _has_texts(data) else {}),
        **app.tiny,
        "data": data,
        "rows": ROWS,
        "global_batch_size": BATCH,
        **changes,
    }


@functools.cache
def _has_texts(data: str) -> bool:
    return any(load_kind(column.kind).options("tokens") for column in open_source(data).spec.columns)


def without_noise(app: App) -> dict[str, Any]:
    """Dropout and augmentation off, where the app has them: defaults of what its Hparams take from kerasapps.data."""
    taken = [kind for kind in app.hparams.__mro__ if kind.__module__.startswith("kerasapps.data.")]
    off = {name: field.default for kind in taken for name, field in settings(kind).items()}
    return off | ({"dropout": 0.0} if "dropout" in settings(app.hparams) else {})


def session(app: App, **changes: Any) -> Session:
    """A tiny session in memory, nothing on disk; few rows are evaluated."""
    options, hparams = resolve(app, arguments(app, **changes))
    rows = {split: own if split == "train" else few(own) for split, own in data_rows.open_rows(options).items()}
    return open_session(app, options, hparams, rows)


def few(rows: Rows) -> Rows:
    """At most EVALUATED of the rows, chosen at random, always the same."""
    return rows.take(np.sort(in_random_order(len(rows))[:EVALUATED]))


def run_epochs(session: Session, epochs: int, done: int = 0) -> np.ndarray:
    """Metrics [epochs, metrics] of whole epochs after those that are done, as few calls as the plan allows."""
    program = session.program
    tail, most = int(program.tail_rows > 0), program.epochs_a_call
    calls = [(done + first, min(most, epochs - first)) for first in range(0, epochs, most)]
    return np.concatenate([program.run(Segment(first, 0, count, program.full, tail, 1)) for first, count in calls])


def batch_of(data: Mapping[str, Any], rows: int = 8) -> Batch:
    """The first of the rows of a split as a batch."""
    return {"weights": tf.ones([rows]), **tf.nest.map_structure(lambda values: tf.constant(values[:rows]), dict(data))}
