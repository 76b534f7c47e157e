"""The rows of a run as its model gets them: in memory, or the training rows streamed."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from kerasapps.data import pipeline
from kerasapps.data.buckets import in_batches, read_lengths, row_lengths
from kerasapps.data.fingerprint import Fingerprint
from kerasapps.data.lengths import lengths
from kerasapps.data.missing import filled_note, mended, unseen_note
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.sources import notes_of
from kerasapps.data.sources._table import Table
from kerasapps.data.split import Rows

RESIDENT_BYTES = 2 << 30
_NAMED = 3
LABELLED = 10_000
"""Rows that are streamed are read anew for their labels: so many of them at most."""


@dataclass(frozen=True, eq=False)
class PreparedData:
    """The preprocessed rows of each split, as of pipeline.materialise.

    rows: the raw ones. train: None where they are streamed. fingerprints: of each split its rows and their hash, "" of
    streamed ones. texts: of the training rows how much is padding, and how many are cut; {} of streamed ones. buckets:
    of each training row that of its length, int [rows]; None where batches are not cut.
    """

    rows: Mapping[str, Rows]
    preprocess: Preprocess
    train: dict[str, Any] | None
    validation: dict[str, Any]
    test: dict[str, Any]
    fingerprints: dict[str, dict[str, Any]]
    texts: dict[str, dict[str, Any]]
    buckets: np.ndarray | None = None

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.rows["train"].source.name

    @property
    def training_rows(self) -> int:
        """Number of the rows that are trained on."""
        return len(self.rows["train"])

    @property
    def filled(self) -> list[str]:
        """What is said of a table's cells that are missing and were filled, and of classes without a training row."""
        table, preprocess = self.rows["train"].source, self.preprocess
        found = mended(table.columns, preprocess.spec, preprocess.statistics) if isinstance(table, Table) else {}
        return [note for note in (filled_note(found), unseen_note(found)) if note]

    @cached_property
    def notes(self) -> list[str]:
        """What is said of the data before training: what was taken for granted, left out, mended and filled."""
        return [*notes_of(self.rows["train"].source), *self.filled, *self.untrained]

    @property
    def untrained(self) -> list[str]:
        """What is said of classes of the target that no training row in memory has."""
        names = self.preprocess.layout.target.class_names
        if self.train is None or not names:
            return []
        missing = [names[i] for i in np.setdiff1d(np.arange(len(names)), self.train["labels"])]
        listed = ", ".join([*missing[:_NAMED], *["..."] * (len(missing) > _NAMED)])
        return [f"no row for training has the class{'es' * (len(missing) > 1)} {listed}"] if missing else []

    def training_labels(self) -> np.ndarray:
        """Labels of the training rows, as a batch has them; of streamed ones those of rows at equal distances."""
        if self.train is not None:
            return self.train["labels"]
        rows, step = self.rows["train"], -(-self.training_rows // LABELLED)
        return self.preprocess.labels(rows.take(np.arange(0, len(rows), step)).read())

    def order(self, batch_size: int, seed: int, epoch: int) -> np.ndarray:
        """The training rows of an epoch, batch after batch, int32 [rows]: a pure function of its arguments."""
        shuffled = pipeline.order(seed, epoch, self.training_rows)
        return shuffled if self.buckets is None else in_batches(shuffled, self.buckets, batch_size)

    def stream(
        self, batch_size: int, seed: int, epoch: int, first: int, own: Callable[[int], slice] = slice
    ) -> Iterator[dict[str, Any]]:
        """The training batches of an epoch from number `first` on; raises DataError for bad rows.

        own: rows of a batch -> which of them are to be read; the places of others have one of its longest rows.
        """
        index = self.order(batch_size, seed, epoch)[first * batch_size :]
        for start in range(0, len(index), batch_size):
            batch = index[start : start + batch_size]  # a view
            read = own(len(batch))
            other = batch[0 if self.buckets is None else np.argmax(self.buckets[batch])]
            batch[: read.start or 0] = batch[read.stop :] = other
        return pipeline.stream(self.rows["train"], self.preprocess, index, batch_size)


def prepare_data(rows: Mapping[str, Rows], preprocess: Preprocess, kind: str = "auto") -> PreparedData:
    """Read the rows of all splits, those of "train" where they are resident; raises DataError for bad ones.

    kind: resident, streaming, or auto: resident up to RESIDENT_BYTES of inputs.
    """
    fingerprints = {"train": {"rows": len(rows["train"]), "sha256": ""}}
    read = partial(_read, rows, preprocess, fingerprints)
    # Validation and test first, so that bad rows are met before training.
    validation, test = read("validation"), read("test")
    size = 4 * len(rows["train"]) * sum(math.prod(field.stored_shape) for field in preprocess.layout.inputs)
    resident = kind == "resident" or (kind == "auto" and size <= RESIDENT_BYTES)
    train = read("train") if resident else None
    buckets = _buckets(rows["train"], preprocess, train)
    texts = lengths(rows["train"], preprocess, train, buckets) if train is not None else {}
    return PreparedData(rows, preprocess, train, validation, test, fingerprints, texts, buckets)


def _buckets(rows: Rows, preprocess: Preprocess, train: Mapping[str, Any] | None) -> np.ndarray | None:
    """Of each training row that of its length; train: what is made of the rows, None = streamed."""
    layout = preprocess.layout
    if not layout.lengths:
        return None
    lengths = read_lengths(rows, preprocess) if train is None else row_lengths(layout, train).numpy()
    return np.searchsorted(layout.lengths, lengths)


def _read(
    rows: Mapping[str, Rows], preprocess: Preprocess, fingerprints: dict[str, dict[str, Any]], split: str
) -> dict[str, Any]:
    fingerprint = Fingerprint()
    data = pipeline.materialise(rows[split], preprocess, fingerprint=fingerprint)
    fingerprints[split] = fingerprint.summary()
    return data
