"""Numbers: float32 [rows], standardised by the mean and the standard deviation of the training rows.

A target has one real.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part
from kerasapps.data.kinds._moments import Moments
from kerasapps.data.readers import Cells
from kerasapps.data.spec import LARGEST, NUMBER, Column, Field, Forecast, Form, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_WANTED = f"a finite number, at most {LARGEST:.0e} in size"
dtype = "float32"


def wrong(column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
    """Positions of the rows that are not all finite."""
    if values.dtype.kind not in "fiub":
        return None, "numbers"
    good = (np.abs(values.astype(np.float64)) <= LARGEST).all(axis=tuple(range(1, values.ndim)))
    return np.flatnonzero(~good), _WANTED


def hold(column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor, str]":
    """Those that are finite, of the shape of `values`."""
    return abs(values) <= LARGEST, _WANTED


def answers(values: np.ndarray, target: Target) -> dict[str, np.ndarray]:
    """Labels float32 [rows, H]."""
    exact = np.asarray(values, np.float64).reshape(-1, target.size)
    return {"labels": ((exact - target.mean) / target.scale).astype(np.float32)}


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """float64 [rows]: what float32 cannot hold is found later, and then shown as it was given."""
    for i, text in enumerate(texts):
        if not NUMBER.fullmatch(text):
            raise DataError(f"{where(i)}, column {column.name}: {text!r}. Expected a number.")
    return np.array([float(text) for text in texts])


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


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Narrow:
    """Mean and variance."""
    return Narrow(column, "" if form is None else "a column of the kind exact, or ")


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """One entry of the vector, with its units."""
    mean, variance = fitted
    return Field(column.name, form, (1,), (column.name,), (column.name,), units=((mean, variance**0.5),))


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """All numbers together, [batch, numbers]."""
    import keras

    mean, variance = np.array([part.fitted for part in parts]).T
    # Not keras.layers.Normalization: it holds the variance in float32, where deviations over 1.8e19 overflow, and
    # none below 1e-7 is taken as it is.
    return [(keras.ops.stack(list(inputs), axis=-1) - np.float32(mean)) / np.float32(variance**0.5)]


def target(spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
    """One real, standardised by its own mean and standard deviation."""
    name = spec.required_target.name
    mean, variance = statistics[name]
    return Target("reals", 1, (name,), (mean,), (variance**0.5,)), None


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """A number where all filled cells are numbers; raises DataError for one that is none where most are."""
    return (Column(cells.name, "number"), parsed(cells).astype(np.float32)) if are_numbers(cells) else None


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """float32 [rows]."""
    return np.stack(values).astype(np.float32)
