"""What kinds do alike: not all can be fitted, predicted or recognised in a table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from kerasapps.data.readers import Cells, read_rows
from kerasapps.data.spec import Column, Form, Spec
from kerasapps.errors import ConfigError


def nothing_to_fit(column: Column, is_target: bool, words: int) -> None:
    """Of a kind without statistics."""


def no_classes(column: Column) -> tuple[str, ...]:
    """Of a kind that is no class as a target."""
    return ()


def no_target(spec: Spec, statistics: dict[str, list], tokens: int) -> NoReturn:
    """Of a kind that no model answers; raises ConfigError."""
    raise ConfigError(
        f"The target, column {spec.target.name}, is of kind {spec.target.kind}, which nothing here predicts. Expected "
        "a number, a category, a boolean, a series or a text."
    )


def not_in_tables(cells: Cells) -> None:
    """Of a kind that no cells are taken for."""


def words(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """Strings [rows] as they are: what they may be is checked with all other columns."""
    return np.array(texts)


def read_files(column: Column, given: Sequence[str], where: Callable[[int], str] | None = None) -> np.ndarray:
    """The rows of files, one file behind the other."""
    return np.concatenate([read_rows(Path(path), column) for path in given])


def stacked(column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
    """Values of one shape, as they are."""
    return np.stack(values)


def grid_shape(form: Form, height: int, width: int, channels: int) -> tuple[int, ...]:
    """Shape of a grid: as it is, with rows as steps, or flat."""
    shapes = {"image": (height, width, channels), "sequence": (height, width * channels)}
    return shapes.get(form, (height * width * channels,))
