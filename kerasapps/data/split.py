"""Which rows train, which select the best epoch, which are the final test."""

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from kerasapps.data.check import check_columns
from kerasapps.data.fingerprint import row_hashes
from kerasapps.data.kinds import kind_of
from kerasapps.data.sources._table import Table
from kerasapps.data.spec import Columns, Source
from kerasapps.errors import ConfigError, DataError, shown

FRACTIONS = {"test": 0.2, "validation": 0.1}
READ_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a source: numbers `rows` (int64) of its own split `split`."""

    source: Source
    split: str
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Columns]:
        return self.pieces()

    def take(self, index: np.ndarray) -> "Rows":
        """The rows at these positions, in that order."""
        return Rows(self.source, self.split, self.rows[index])

    def read(self) -> Columns:
        """Their columns, checked; raises DataError naming source, row or line, and column."""
        source = self.source
        columns = source.read(self.split, self.rows)
        if isinstance(source, Table):
            check_columns(columns, source.spec, source.name, source.lines[self.rows], "line {}")
        else:
            check_columns(columns, source.spec, f"{source.name}, {self.split}", self.rows)
        return columns

    def pieces(self, size: int = READ_ROWS) -> Iterator[Columns]:
        """Their columns, checked, `size` rows at a time; a piece is read when it is asked for. Raises DataError."""
        for first in range(0, len(self), size):
            yield Rows(self.source, self.split, self.rows[first : first + size]).read()


class Fold(NamedTuple):
    """One of `folds` parts of the rows that are not for test, which validates; number: from 1."""

    number: int
    folds: int

    @classmethod
    def read(cls, text: str) -> "Fold":
        """Of a text such as "2/5"; raises ConfigError for another."""
        parts = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        number, folds = map(int, parts.groups()) if parts else (0, 0)
        if not 1 <= number <= folds or folds < 2:
            raise ConfigError(f"fold={shown(text)}: expected a part and the number of parts, from 1/2, such as 2/5.")
        return cls(number, folds)


@runtime_checkable
class Labelled(Protocol):
    """A source that knows the classes of its rows without reading them."""

    def classes_of(self, split: str) -> np.ndarray:
        """The class number of each row of a split, int [rows]."""


def split_rows(
    source: Source, seed: int, limit: int | None = None, by_row: bool = False, fold: Fold | None = None
) -> dict[str, Rows]:
    """The rows of "train", "validation" and "test": disjoint, and together everything where limit is None.

    A split that the source has is taken as it is. Else 20% of its training rows are for test, then 10% of the rest for
    validation, at least one row each; with the same share of every class, where the target is a class. Where it is a
    text, these are shares of the different inputs, and rows with equal inputs lie in one split. A pure function of
    sizes, labels, such inputs and seed. limit: most training rows to keep, chosen in the same way. by_row: rows with
    equal inputs are divided, too, as earlier versions did. fold: the part of what is not for test that validates
    instead. Raises DataError, also for a fold where the source has validation rows of its own.
    """
    if fold and "validation" in source.sizes:
        raise DataError(
            f"{source.name} has validation rows of its own, which its training rows may be too close to for folds: "
            f"fold={fold.number}/{fold.folds} was given. Leave folds out."
        )
    parts = {split: np.arange(size, dtype=np.int64) for split, size in source.sizes.items()}
    origin = {split: split for split in parts}
    classes = functools.cache(lambda: _classes(source))
    groups = functools.cache(lambda: np.arange(source.sizes["train"]) if by_row else _groups(source))
    for purpose in ("test", "validation"):
        if purpose not in parts:
            own = groups()[parts["train"]]
            different = np.unique(own)
            taken = np.isin(own, _set_aside(different, classes(), purpose, seed, fold))
            if not taken.any() or taken.all():
                equal = f" (different inputs: {len(set(groups()))})" if len(different) < len(own) else ""
                raise DataError(
                    f"{source.name} has {source.sizes} rows{equal}: too few to set some aside for {purpose}."
                )
            parts[purpose], parts["train"] = parts["train"][taken], parts["train"][~taken]
            origin[purpose] = "train"
    if limit is not None and limit < len(parts["train"]):
        parts["train"], _ = _part(parts["train"], classes(), limit, _generator(seed, "limit"))
    return {split: Rows(source, origin[split], parts[split]) for split in ("train", "validation", "test")}


def _set_aside(rows: np.ndarray, classes: np.ndarray, purpose: str, seed: int, fold: Fold | None) -> np.ndarray:
    """Those of `rows` that are for "test" or "validation"."""
    generator = _generator(seed, purpose)
    if fold and purpose == "validation":
        return _by_class(rows, classes, generator)[fold.number - 1 :: fold.folds]
    return _part(rows, classes, max(1, round(FRACTIONS[purpose] * len(rows))), generator)[0]


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Noise of its own for each purpose, so that one choice does not shift the others."""
    stage = ("test", "validation", "limit").index(purpose)
    return np.random.Generator(np.random.Philox(key=np.array([seed, stage], np.uint64)))


def _classes(source: Source) -> np.ndarray:
    """Class number of every training row [rows]; all 0 where the target is no class."""
    rows, target = source.sizes["train"], source.spec.target
    if target is None or not kind_of(target).classes(target):
        return np.zeros(rows, np.int64)
    if isinstance(source, Labelled):
        return source.classes_of("train")
    return np.concatenate([np.asarray(piece[target.name]) for piece in _pieces(source)])


def _groups(source: Source) -> np.ndarray:
    """Of every training row [rows] the first one with equal inputs, where these may have several answers.

    Else the row itself. A model that has learnt one translation of a sentence has seen the sentence.
    """
    rows, target, first = source.sizes["train"], source.spec.target, dict[bytes, int]()
    if target is None or not kind_of(target).several_answers:
        return np.arange(rows, dtype=np.int64)
    names = [column.name for column in source.spec.inputs]
    inputs = (row_hashes({name: piece[name] for name in names}) for piece in _pieces(source))
    return np.array([first.setdefault(row, i) for i, row in enumerate(itertools.chain(*inputs))], np.int64)


def _pieces(source: Source) -> Iterator[Columns]:
    """The columns of all training rows."""
    rows = source.sizes["train"]
    return (source.read("train", np.arange(i, min(i + READ_ROWS, rows))) for i in range(0, rows, READ_ROWS))


def _part(
    rows: np.ndarray, classes: np.ndarray, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`count` of `rows` and the others, both sorted.

    Systematic sampling: of the shuffled rows, sorted by class, every (rows / count)-th is taken, so that each class
    gives its share, rounded up or down, however small it is.
    """
    shuffled = _by_class(rows, classes, generator)
    offset = generator.integers(len(rows))
    taken = (np.arange(count) * len(rows) + offset) // count
    return np.sort(shuffled[taken]), np.sort(np.delete(shuffled, taken))


def _by_class(rows: np.ndarray, classes: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The rows, shuffled, but sorted by class."""
    shuffled = generator.permutation(rows)
    return shuffled[np.argsort(classes[shuffled], kind="stable")]
