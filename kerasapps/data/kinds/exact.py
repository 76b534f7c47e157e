"""Numbers that need float64, such as seconds since 1970: float64 [rows], also in exported files.

They are standardised as all numbers are, but in float64, and only then become float32. As a target they are refused:
answers are float32.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import Fitter, Part, number
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Form
from kerasapps.data.tokenizers import TextOptions

if TYPE_CHECKING:
    import keras

dtype = "float64"
wrong, hold, of_texts, field = number.wrong, number.hold, number.of_texts, number.field
answers, target, understood = number.answers, number.target, number.understood
mended = partial(number.mended, kept=np.float64)


def fitter(column: Column, form: Form | None, texts: TextOptions) -> Fitter:
    """Mean and variance; of a target they are found only where float32 holds the numbers."""
    if form is None:
        return number.fitter(column, form, texts)
    return number.Filled(number.Moments()) if column.fill else number.Moments()


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """All of them together, float64 -> float32 [batch, numbers]."""
    import keras

    return [keras.ops.cast(number.standardised(parts, inputs, np.float64), "float32")]


def of_cells(cells: Cells) -> tuple[Column, np.ndarray] | None:
    """Where all filled cells are numbers, but not as float32; raises DataError for one that is none where most are."""
    found = number.numbers_of(cells)
    if found is None or number.is_narrow(found[1][np.isfinite(found[1])]):
        return None
    return replace(found[0], kind="exact"), found[1]


def collect(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """float64 [rows]."""
    return np.stack(values).astype(np.float64)
