"""Documents cut into passages: the rows of a source of texts, alone or with a class of each document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import DataError

LENGTH = 128
"""Characters of a passage where nothing else is said."""


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages of `length` characters, one behind the other, of the documents of each split.

    labels: of each document of a split the number of its class, where `spec` has a target; its passages have the same.

    The last passage of a document may be shorter. One of blanks alone is left out. Raises DataError where a split has
    no passage.
    """

    name: str
    documents: Mapping[str, Sequence[str]]
    length: int = LENGTH
    spec: Spec = Spec((Column("text", "text"),), None)
    labels: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for split, rows in self.sizes.items():
            if not rows:
                raise DataError(
                    f"{self.name} is too short: it has nothing but blanks for {split}. Expected more text, of which a "
                    "twentieth validates and another tests."
                )

    @property
    def sizes(self) -> Mapping[str, int]:
        """Passages of each split."""
        return {split: len(places) for split, places in self._places.items()}

    @cached_property
    def _places(self) -> dict[str, np.ndarray]:
        """Split -> document and first character of each passage, int64 [rows, 2]."""
        return {split: self._places_in(documents) for split, documents in self.documents.items()}

    def _places_in(self, documents: Sequence[str]) -> np.ndarray:
        places = [
            (number, start)
            for number, text in enumerate(documents)
            for start in range(0, len(text), self.length)
            if not text[start : start + self.length].isspace()
        ]
        return np.array(places, np.int64).reshape(-1, 2)

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """The texts of these rows, and their classes where they have some."""
        documents, places = self.documents[split], self._places[split][rows]
        texts = [documents[number][start : start + self.length] for number, start in places.tolist()]
        columns = {"text": np.array(texts, object)}
        if self.spec.target is not None:
            columns[self.spec.target.name] = np.array(self.labels[split], np.int32)[places[:, 0]]
        return columns

    def with_length(self, length: int) -> "Passages":
        """The same documents in passages of another length."""
        return replace(self, length=length)
