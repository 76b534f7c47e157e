"""Which rows train, which select the best epoch, which are the final test."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kerasapps.data.check import check_columns
from kerasapps.data.fingerprint import row_hashes
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Columns, Source
from kerasapps.errors import DataError

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.1
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
        """Their columns, checked; raises DataError naming source, row and column."""
        columns = self.source.read(self.split, self.rows)
        check_columns(columns, self.source.spec, f"{self.source.name}, {self.split}", self.rows)
        return columns

    def pieces(self, size: int = READ_ROWS) -> Iterator[Columns]:
        """Their columns, checked, `size` rows at a time; a piece is read when it is asked for. Raises DataError."""
        for first in range(0, len(self), size):
            yield Rows(self.source, self.split, self.rows[first : first + size]).read()


def split_rows(source: Source, seed: int, limit: int | None = None, by_row: bool = False) -> dict[str, Rows]:
    """The rows of "train", "validation" and "test": disjoint, and together everything where limit is None.

    A split that the source has is taken as it is. Else 20% of its training rows are for test, then 10% of the rest for
    validation, at least one row each; with the same share of every class, where the target is a class. Where it is a
    text, these are shares of the different inputs, and rows with equal inputs lie in one split. A pure function of
    sizes, labels, such inputs and seed. limit: most training rows to keep, chosen in the same way. by_row: rows with
    equal inputs are divided, too, as earlier versions did. Raises DataError.
    """
    parts = {split: np.arange(size, dtype=np.int64) for split, size in source.sizes.items()}
    origin = {split: split for split in parts}
    classes = functools.cache(lambda: _classes(source))
    groups = functools.cache(lambda: np.arange(source.sizes["train"]) if by_row else _groups(source))
    for purpose, fraction in (("test", TEST_FRACTION), ("validation", VALIDATION_FRACTION)):
        if purpose not in parts:
            own = groups()[parts["train"]]
            different = np.unique(own)
            count = max(1, round(fraction * len(different)))
            if count >= len(different):
                equal = f" (different inputs: {len(set(groups()))})" if len(different) < len(own) else ""
                raise DataError(
                    f"{source.name} has {source.sizes} rows{equal}: too few to set some aside for {purpose}."
                )
            taken = np.isin(own, _part(different, classes(), count, _generator(seed, purpose))[0])
            parts[purpose], parts["train"] = parts["train"][taken], parts["train"][~taken]
            origin[purpose] = "train"
    if limit is not None and limit < len(parts["train"]):
        parts["train"], _ = _part(parts["train"], classes(), limit, _generator(seed, "limit"))
    return {split: Rows(source, origin[split], parts[split]) for split in ("train", "validation", "test")}


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Noise of its own for each purpose, so that one choice does not shift the others."""
    stage = ("test", "validation", "limit").index(purpose)
    return np.random.Generator(np.random.Philox(key=np.array([seed, stage], np.uint64)))


def _classes(source: Source) -> np.ndarray:
    """Class number of every training row [rows]; all 0 where the target is no class."""
    rows, target = source.sizes["train"], source.spec.target
    if target is None or not kind_of(target).classes(target):
        return np.zeros(rows, np.int64)
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
    shuffled = generator.permutation(rows)
    shuffled = shuffled[np.argsort(classes[shuffled], kind="stable")]
    offset = generator.integers(len(rows))
    taken = (np.arange(count) * len(rows) + offset) // count
    return np.sort(shuffled[taken]), np.sort(np.delete(shuffled, taken))
