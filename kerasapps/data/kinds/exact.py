"""Numbers that float32 cannot tell apart, such as seconds since 1970: float64 [rows], also in exported files.

They are standardised as all numbers are, but in float64, and only then become float32. As a target they are refused:
answers are float32.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Part, number
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras

dtype = "float64"
wrong, hold, of_texts, field = number.wrong, number.hold, number.of_texts, number.field
answers, target = number.answers, number.target


def fitter(column: Column, form: Form | None, texts: TextOptions) -> number.Narrow | number.Moments:
    """Mean and variance; of a target they are found only where float32 holds the numbers."""
    return number.fitter(column, form, texts) if form is None else number.Moments()


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """All of them together, float64 -> float32 [batch, numbers]."""
    import keras

    mean, variance = np.array([part.fitted for part in parts]).T
    return [keras.ops.cast((keras.ops.stack(list(inputs), axis=-1) - mean) / variance**0.5, "float32")]


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """Where all filled cells are numbers, but not as float32; raises DataError for one that is none where most are."""
    if not number.are_numbers(cells):
        return None
    values = number.parsed(cells)
    return None if number.is_narrow(values[np.isfinite(values)]) else (Column(cells.name, "exact"), values)


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """float64 [rows]."""
    return np.stack(values).astype(np.float64)
