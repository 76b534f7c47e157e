"""Series: float32 [rows, steps] or [rows, steps, features], evenly spaced; as a target the steps that follow.

All steps are standardised alike; a target, as float32 [rows, steps], in the units of the first input.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data import readers
from kerasapps.data.cells import write_csv
from kerasapps.data.kinds import Part, image, number
from kerasapps.data.kinds._series import Series, read_series
from kerasapps.data.spec import Column, Field, Forecast, Form, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError, DataError

if TYPE_CHECKING:
    import keras

dtype, forms = "float32", ("sequence", "vector")
wrong, hold, answers = number.wrong, number.hold, number.answers


def _units(fitted: list) -> tuple[float, float]:
    """Mean and standard deviation as float32 holds them, so that a step is one number whether it is given or to be
    forecast."""
    mean, variance = fitted
    return float(np.float32(mean)), float(np.float32(variance**0.5))


def _steps(column: Column) -> tuple[str, ...]:
    """Names of the numbers, one step after the other: "sold[1]", or of several features "sold[1,1]"."""
    return tuple(f"{column.title}[{','.join(str(i + 1) for i in place)}]" for place in np.ndindex(column.shape))


def fitter(column: Column, form: Form | None, texts: TextOptions) -> number.Narrow | None:
    """Mean and variance of all steps; none of a target, which has the units of the first input."""
    return None if form is None else number.Narrow(column, "")


def field(column: Column, form: Form, fitted: list, texts: TextOptions) -> Field:
    """The steps as a sequence, or as entries of a vector, which have names and units."""
    height, width, *_ = (*column.shape, 1)
    shape = image.grid_shape(form, height, width, 1)
    named = len(shape) == 1
    units = (_units(fitted),) * shape[0] if named else ()
    return Field(column.name, form, shape, (column.name,), _steps(column) if named else (), units=units)


def convert(parts: Sequence[Part], inputs: Sequence["keras.KerasTensor"]) -> list["keras.KerasTensor"]:
    """[batch, steps] or [batch, steps, features], standardised."""
    mean, scale = _units(parts[0].fitted)
    return [(inputs[0] - np.float32(mean)) / np.float32(scale)]


def target(spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
    """The steps that follow, in the units of the first input, and the season to compare a forecast with."""
    mean, scale = _units(statistics[spec.inputs[0].name])
    column = spec.required_target
    steps = column.shape[0]
    reals = Target("reals", steps, _steps(column), (mean,) * steps, (scale,) * steps)
    return reals, Forecast(spec.inputs[0].season)


def read(column: Column, given: Sequence[str], fitted: list) -> np.ndarray:
    """The last steps of the series in each file, or one row of these values."""
    several, wanted = len(column.shape) > 1, math.prod(column.shape)
    if not several and all(readers.is_table(Path(path)) for path in given):
        return np.stack([_last_steps(column, Path(path)) for path in given])
    if len(given) != wanted:
        order = f"{wanted} numbers of {column.shape[0]} steps" if several else f"{wanted} last steps of a series"
        files = "step by step" if several else "or .csv files that hold at least as many"
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}. Expected the {order}, the oldest first, {files}."
        )
    return number.of_texts(column, given, lambda _: "the input").reshape(1, *column.shape)


def save(column: Column, value: np.ndarray, path: Path) -> str:
    """A CSV file with a step on each line; "" for several features, which have no such file."""
    if len(column.shape) > 1 and column.shape[1] > 1:
        return ""
    return write_csv(path.with_suffix(".csv"), [[column.name], *([float(step)] for step in value.ravel())]).name


def of_texts(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """Each text is a row: its numbers with blanks between them."""
    rows = [re.split(r"[\s;]+", text.strip()) for text in texts]
    for i, row in enumerate(rows):
        if len(row) != math.prod(column.shape):
            raise DataError(f"{where(i)}, column {column.name}: {len(row)} numbers. Expected {column.shape}.")
    numbers = [number.of_texts(column, row, _always(where, i)) for i, row in enumerate(rows)]
    return np.stack(numbers).reshape(-1, *column.shape)


def _always(where: Callable[[int], str], row: int) -> Callable[[int], str]:
    """The place of this row, whichever of its numbers is asked for."""
    return lambda _: where(row)


def following(column: Column, given: Sequence[str], steps: int) -> tuple[str, ...]:
    """The dates of the steps that follow the series in each file; () where the files have none, or different ones."""
    if not all(readers.is_table(Path(path)) for path in given):
        return ()
    calendars = [_series_of(column, Path(path)).calendar for path in given]
    names = {calendar.names(calendar.ahead(steps)) if calendar else () for calendar in calendars}
    return names.pop() if len(names) == 1 else ()


def _series_of(column: Column, path: Path) -> Series:
    """The series in a file, its dates in the order of those in training."""
    return read_series(path, (column.title, column.name), column.written)


def _last_steps(column: Column, path: Path) -> np.ndarray:
    """The end of the series in a file, float64 [steps]."""
    values, steps = _series_of(column, path).values, column.shape[0]
    if len(values) < steps:
        raise DataError(f"{path} has {len(values)} steps. Expected at least {steps}, which the model forecasts from.")
    return values[-steps:]
