"""What the plots of a run may look at: rows of each split, read when they are asked for, and what the model answers."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import Batch, View
from kerasapps.data.calendar import Calendar
from kerasapps.data.missing import MissingValues
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.sources import calendar_of
from kerasapps.data.spec import Columns
from kerasapps.data.thinning import KEPT_BYTES, Kept
from kerasapps.errors import MissingData
from kerasapps.noise import AUGMENT, Noise
from kerasapps.runs.directory import read_samples
from kerasapps.runs.run import Run

MOST_ROWS = 10_000
"""Rows of a split that plots look at."""
_SPLITS = ("train", "validation", "test")


def view_of(run: Run) -> View:
    """What the plots of a run may look at. Where its data are gone a warning says so, and asking for them raises."""
    columns = _Lazy(lambda split: _columns_of(run, split))
    return View(
        history=run.record["history"],
        spec=run.preprocess.spec,
        layout=run.layout,
        task=run.task,
        columns=columns,
        labels=_Lazy(lambda split: _labels_of(run, columns[split])),
        predict=_remembering(run, columns),
        apply=lambda columns: run.layout.given(run.preprocess.apply(columns)),
        samples=read_samples(run.directory),
        augment=_augment_of(run),
        kept_epoch=run.record.get("best_epoch"),
        calendar=_calendar_of(run),
    )


class _Lazy(Mapping[str, Any]):
    """What each split has, made when it is first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make, self.made = make, dict[str, Any]()

    def __getitem__(self, split: str) -> Any:
        if split not in self.made:
            self.made[split] = self._make(split)
        return self.made[split]

    def __iter__(self) -> Iterator[str]:
        return iter(_SPLITS)

    def __len__(self) -> int:
        return len(_SPLITS)


def _columns_of(run: Run, split: str) -> Columns:
    """At most MOST_ROWS raw rows of a split, from all over it: of all splits no more than KEPT_BYTES holds, with what a
    plot may make of them. A forecast needs rows that follow each other: those are the last."""
    wanted = {name: min(len(rows), MOST_ROWS) for name, rows in run.rows.items()}
    rows, number = run.rows[split], wanted[split]
    limit = KEPT_BYTES * number // sum(wanted.values())
    if number == len(rows):
        return run.read(split, limit, run.layout.row_bytes)
    places = np.arange(number) * len(rows) // number
    chosen = rows.take(len(rows) - number + np.arange(number) if run.layout.forecast else places)
    kept = Kept(number, limit, run.layout.row_bytes)
    for piece in chosen.pieces():
        kept.add(piece)
    return kept.whole()


def _labels_of(run: Run, columns: Columns) -> Any:
    """The labels of raw rows in the units of the data, or None."""
    labels = run.preprocess.answers(columns).get("labels")
    return labels if labels is None else run.layout.target.in_units(labels)


def _remembering(run: Run, columns: _Lazy) -> Callable[[Columns], Mapping[str, Any]]:
    """run.predict, which asks the model once for all rows of a split, however many plots do."""
    answers: dict[int, Mapping[str, Any]] = {}

    def predict(given: Columns) -> Mapping[str, Any]:
        if not any(given is whole for whole in columns.made.values()):
            return _answers(run, given)
        if id(given) not in answers:
            answers[id(given)] = _answers(run, given)
        return answers[id(given)]

    return predict


def _answers(run: Run, columns: Columns) -> Mapping[str, Any]:
    """Those to rows of the run's data, of whose missing values training told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingValues)
        return run.predict(columns)


def _calendar_of(run: Run) -> Calendar | None:
    """The dates of a series that has some; None also where the data are gone, which a warning says."""
    try:
        return calendar_of(run.rows["test"].source)
    except MissingData as error:
        warnings.warn(f"{error} Only plots that need no data are drawn.", stacklevel=4)
        return None


def _augment_of(run: Run) -> Callable[[Columns], Batch] | None:
    """What the run's first step would make of rows, or None."""
    function = run.task.augment
    if function is None:
        return None

    def augment(columns: Columns) -> Batch:
        inputs = run.preprocess.apply(columns)
        weights = np.ones(number_of_rows(inputs), np.float32)
        batch = {"inputs": inputs, "weights": weights, **run.preprocess.answers(columns)}
        return tf.nest.map_structure(np.asarray, dict(function(batch, Noise(run.options.seed, 0, AUGMENT))))

    return augment
