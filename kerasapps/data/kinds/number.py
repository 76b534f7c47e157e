"""Numbers: float32 [rows], standardised by the mean and the standard deviation of the training rows.

A missing one is NaN. The median of the training rows takes its place before they are standardised, as in scikit-learn's
SimpleImputer; where training rows had such, a second entry is 1 for them. A target has one real.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._filled import Mended, fits, is_missing
from kerasapps.data.kinds._moments import Moments
from kerasapps.data.kinds._written import plain, point_of
from kerasapps.data.readers import Cells
from kerasapps.data.spec import LARGEST, NUMBER, Column, Field, Forecast, Form, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_OTHER_KINDS = ", as in most cells of this column. Mend the cell, leave the row out, or name another kind with --kind."
_WANTED = f"a finite number, at most {LARGEST:.0e} in size"
dtype = "float32"


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of the rows that are not all finite."""
    if values.dtype.kind not in "fiub":
        return None, "numbers"
    exact = values.astype(np.float64)
    good = (np.abs(exact) <= LARGEST) | (np.isnan(exact) & column.fill)
    return np.flatnonzero(~good.all(axis=tuple(range(1, values.ndim)))), _WANTED


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Those that are finite, of the shape of `values`."""
    held = abs(values) <= LARGEST
    return held | (values != values) if column.fill else held, _WANTED


def answers(values: np.ndarray, target: Target) -> dict[str, np.ndarray]:
    """Labels float32 [rows, H]."""
    exact = np.asarray(values, np.float64).reshape(-1, target.size)
    return {"labels": ((exact - target.mean) / target.scale).astype(np.float32)}


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """float64 [rows]: what float32 cannot hold is found later, and then shown as it was given."""
    found = [understood(column, text) for text in texts]
    for i, text in enumerate(found):
        if not NUMBER.fullmatch(text):
            raise DataError(f"{where(i)}, column {column.title}: {text!r}. Expected a number.")
    return np.array([float(text) for text in found])


def understood(column: Column, text: str) -> str:
    """The number as Python writes it, nan for a missing one; what is no number as it is."""
    if not column.fill:
        return text
    return "nan" if is_missing(text) else plain(text, column.written or ".") or text


def numbers_of(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A column float64 [rows] of numbers, missing ones NaN; None for another. Raises DataError as of_cells does."""
    if not cells.fill:
        return (Column(cells.name, "number"), parsed(cells)) if are_numbers(cells) else None
    filled = [row for row, text in enumerate(cells.texts) if not is_missing(text)]
    point, wrong = point_of([cells.texts[row] for row in filled], cells.point)
    if not fits(cells, [filled[i] for i in wrong], f"a number{_OTHER_KINDS}"):
        return None
    column = Column(cells.name, "number", fill=True, written="," if point == "," else "")
    texts = [""] * len(cells.texts)
    for row in filled:
        texts[row] = plain(cells.texts[row], point) or ""
    return column, parsed(cells._replace(texts=texts))


def are_numbers(cells: Cells) -> bool:
    """Whether every filled cell is a number; raises DataError for a cell that is none where most are.

    Such as NA or ?, or 1_000, which only Python takes for a number.
    """
    filled = [text for text in cells.texts if text]
    try:
        [float(text) for text in filled]
    except ValueError:
        if 2 * sum(NUMBER.fullmatch(text) is not None for text in filled) <= len(filled):
            return False
    for row, text in enumerate(cells.texts):
        if text and not NUMBER.fullmatch(text):
            raise cells.refused(
                row,
                "a number such as -1.5e3 in this column. Mend or leave out the row; if these are names, begin each "
                "with a letter.",
            )
    return True


def parsed(cells: Cells) -> np.ndarray:
    """float64 [rows], empty cells NaN; raises DataError for a number that is too large (infinity is met later)."""
    values = np.array([float(text) if text else np.nan for text in cells.texts])
    for row in np.flatnonzero(np.isfinite(values) & (np.abs(values) > LARGEST))[:1]:
        raise cells.refused(row, f"a number of at most {LARGEST:.0e} in size.")
    return values


def is_narrow(values: np.ndarray) -> bool:
    """Whether float32 holds finite `values`, but for a rounding that is far below what they vary by."""
    moments = Moments()
    if values.size:
        moments.add(values)
    return not values.size or moments.narrow


class Narrow:
    """Mean and variance of numbers that float32 holds; raises DataError for others."""

    def __init__(self, column: Column, wanted: str) -> None:
        """wanted: what the message advises."""
        self._moments, self._column, self._wanted = Moments(), column, wanted

    def add(self, values: np.ndarray) -> None:
        """Take in a piece."""
        self._moments.add(values)

    def result(self) -> list[float]:
        """[mean, variance]."""
        if not self._moments.narrow:
            raise DataError(
                f"Column {self._column.name}: the numbers differ by less than float32 can hold beside their size. "
                f"Expected {self._wanted}numbers nearer to 0: subtract a constant, such as the first, from all of them."
            )
        return self._moments.result()


class Filled:
    """[mean, variance, median, 1 or 0] of numbers: the median takes the place of missing ones; 1 where some are."""

    def __init__(self, moments: Narrow | Moments) -> None:
        """moments: what fits mean and variance, of all numbers once none is missing."""
        self._moments, self._pieces = moments, list[np.ndarray]()

    def add(self, values: np.ndarray) -> None:
        """Take in a piece."""
        self._pieces.append(np.asarray(values, np.float64))

    def result(self) -> list[float]:
        """The median of no number is 0."""
        values = np.concatenate(self._pieces)
        missing = np.isnan(values)
        median = 0.0 if missing.all() else float(np.median(values[~missing]))
        self._moments.add(np.where(missing, median, values))
        return [*self._moments.result(), median, int(missing.any())]


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Narrow | Filled:
    """Mean and variance, and of a column that is filled its median."""
    narrow = Narrow(column, "" if form is None else "a column of the kind exact, or ")
    return Filled(narrow) if column.fill else narrow


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector, with its units; behind it maybe one that says whether the number is missing."""
    mean, variance, *filled = fitted
    marked = len(filled) == 2 and bool(filled[1])
    features = (column.title, f"{column.title}[missing]")[: 1 + marked]
    units = ((mean, variance**0.5), (0.0, 1.0))[: 1 + marked]
    return Field(column.name, form, (1 + marked,), (column.name,), features, units=units)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """All numbers together, [batch, entries]."""
    return [standardised(parts, inputs, np.float32)]


def standardised(
    parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"], dtype: type[np.floating]
) -> "keras.KerasTensor":
    """[batch, entries] of `dtype`, in which mean and deviation are subtracted and divided by."""
    import keras

    mean, variance = np.array([part.fitted[:2] for part in parts]).T
    values = keras.ops.stack(list(inputs), axis=-1)
    if not any(part.column.fill for part in parts):
        return _scaled(values, mean, variance, dtype)
    medians, marked = np.array([[*part.fitted[2:], np.nan, 0][:2] for part in parts]).T
    missing = keras.ops.isnan(values)
    filled = _scaled(keras.ops.where(missing, medians.astype(dtype), values), mean, variance, dtype)
    if not marked.any():
        return filled
    both = keras.ops.concatenate([filled, keras.ops.cast(missing, filled.dtype)], axis=-1)
    order = [place for i in range(len(parts)) for place in (i, len(parts) + i)[: 1 + int(marked[i])]]
    return keras.ops.take(both, order, axis=-1)


def _scaled(
    values: "keras.KerasTensor", mean: np.ndarray, variance: np.ndarray, dtype: type[np.floating]
) -> "keras.KerasTensor":
    # Not keras.layers.Normalization: it holds the variance in float32, where deviations over 1.8e19 overflow, and
    # none below 1e-7 is taken as it is.
    return (values - mean.astype(dtype)) / (variance**0.5).astype(dtype)


def mended(column: Column, fitted: list, values: np.ndarray, kept: type[np.floating] = np.float32) -> Mended:
    """Missing numbers, and their median with all digits that the type `kept` has of it."""
    median = str(kept(fitted[2])).removesuffix(".0")
    return Mended(int(np.isnan(np.asarray(values, np.float64)).sum()), f"the median {median}")


def target(spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
    """One real, standardised by its own mean and standard deviation."""
    name = spec.required_target.name
    mean, variance = statistics[name]
    return Target("reals", 1, (spec.required_target.title,), (mean,), (variance**0.5,)), None


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A number where all filled cells are numbers; raises DataError for one that is none where most are."""
    found = numbers_of(cells)
    return found and (found[0], found[1].astype(np.float32))


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """float32 [rows]."""
    return np.stack(values).astype(np.float32)
