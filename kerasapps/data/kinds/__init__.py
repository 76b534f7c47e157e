"""What the project knows of each kind of column: one module per kind; modules that begin with _ help them.

Adding a kind = one file here that has some members of Kind at its top level: `wrong`, `field` and `convert` at least,
and `hold`, by which exported files refuse, unless type and shape say it all.
Keras and TensorFlow are imported by the functions that need them.
"""

import functools
import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from kerasapps.data.kinds._filled import Mended
from kerasapps.data.readers import Cells
from kerasapps.data.spec import Column, Field, Forecast, Form, Source, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class Part(NamedTuple):
    """A column, the field that it becomes alone, and what was fitted of it."""

    column: Column
    field: Field
    fitted: list


class Fitter(Protocol):
    """What fits the statistics of a column, piece by piece."""

    def add(self, values: np.ndarray) -> None:
        """Take in the raw values of a piece."""

    def result(self) -> list:
        """What is kept, as JSON has it."""


class Kind:
    """A kind of column: its raw values, what they become, how they are read, and what a model can learn of them.

    These are the members of `module`, and where it has none of a name, the ones below.
    """

    def __init__(self, module: ModuleType) -> None:
        members = {*Kind.__annotations__, *vars(Kind)}
        vars(self).update({name: given for name, given in vars(module).items() if name in members and name[0] != "_"})

    dtype: str = "string"
    """Of the raw values of an input, by its name in NumPy (of strings in TensorFlow)."""

    forms: tuple[Form, ...] = ()
    """What a column can become as a field of its own; () where it becomes entries of the vector of a table."""

    several_answers: bool = False
    """Whether equal inputs may well have different targets of this kind; such rows then lie in one split."""

    def options(self, form: Form | None) -> tuple[str, ...]:
        """Names of run options that decide what a column becomes; form as for `fitter`."""
        return ()

    wrong: Callable[[Column, np.ndarray, bool], tuple[np.ndarray | None, str]]
    """(column, values, is_target) -> positions of the rows that are not what they must be, None where the whole type is
    not, and what must be."""

    def hold(self, column: Column, values: "tf.Tensor") -> "tuple[tf.Tensor | None, str]":
        """What `wrong` says of an input, in a graph: which of its raw values [batch, ...] may be, bool of this shape or
        [batch], and what must be; None where the type and the shape say it all."""
        return None, ""

    field: Callable[[Column, Form, list, TextOptions], Field]
    """(column, form, fitted, options of texts) -> what it becomes. Without forms: its own entries of the vector."""

    convert: Callable[[Sequence[Part], Sequence["keras.KerasTensor"]], list["keras.KerasTensor"]]
    """(parts, Keras tensors of raw columns) -> float32 or int32 [batch, ...], which lie one behind the other in the
    field. There are several parts only where the kind has no forms."""

    read: Callable[[Column, Sequence[str], list], np.ndarray] | None = None
    """(column, given, fitted) -> rows of a column that is the only input, from files or values on the command line;
    None: as any table is."""

    rows_to_fit: float = math.inf
    """Of how many training rows `fitter` takes no more."""

    def remark(self, column: Column, values: np.ndarray, field: Field, converted: np.ndarray) -> str:
        """What users are told of raw values [rows, ...] that they ask a model with, once these became `converted`
        [rows, *field.stored_shape] of the field of this column; "" = nothing."""
        return ""

    def following(self, column: Column, given: Sequence[str], steps: int) -> tuple[str, ...]:
        """Names of the `steps` that follow what was given on the command line, such as dates; () where it says none."""
        return ()

    def save(self, column: Column, value: np.ndarray, path: Path) -> str:
        """Write a row's raw value to a file that `read` reads, `path` with a suffix, and its name; "" = there is none.

        Raises OSError.
        """
        return ""

    def fitter(self, column: Column, form: Form | None, texts: TextOptions) -> Fitter | None:
        """What fits the statistics of a column; None without such.

        form: of the field that it becomes, or lies in; None of a target.
        """

    def classes(self, column: Column) -> tuple[str, ...]:
        """Names of the classes that a target has; () where it has none."""
        return column.classes

    def target(self, spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
        """What a model has to answer where spec.target is of this kind; raises ConfigError where it cannot be."""
        column = spec.required_target
        classes = self.classes(column)
        if not classes:
            raise ConfigError(
                f"The target, column {column.name}, is of kind {column.kind}, which nothing here predicts. "
                "Expected a number, a category, a boolean, a series or a text."
            )
        return Target("classes", len(classes), classes), None

    def answers(self, values: np.ndarray, target: Target) -> dict[str, np.ndarray]:
        """What a batch has of a target's values: "labels"."""
        return {"labels": np.asarray(values, np.int32)}

    def of_cells(self, cells: Cells) -> tuple[Column, np.ndarray] | None:
        """The input that a column of a table is by its looks, or None; empty cells are refused later.

        Kinds are asked in the order of their names; what none takes is a category. Raises DataError, also where the
        kind is `cells.forced` and a cell does not fit.
        """

    def understood(self, column: Column, text: str) -> str:
        """What a cell that may be written in several ways is taken for."""
        return text

    def mended(self, column: Column, fitted: list, values: np.ndarray) -> Mended:
        """Which of an input's raw values are missing or unseen, and what takes their place."""
        return Mended()

    def doubt(self, column: Column, values: np.ndarray) -> str:
        """Why a column of a table, of which nobody says that it is of this kind, is left out where there are others."""
        return ""

    def check_table(self, column: Column, source: Source) -> None:
        """Raise DataError for a column of a table that `of_cells` takes for this kind, but that is hardly meant so."""

    def of_texts(self, column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
        """Raw values [rows, ...] of cells or of values that were typed; raises DataError for what cannot be one.

        where: row -> what messages call its place.
        """
        return np.array(texts)

    def collect(self, column: Column, values: Sequence[np.ndarray], is_target: bool) -> np.ndarray:
        """Raw values [rows, ...] of the examples of a TFDS set; raises DataError."""
        return np.stack(values)


def kind_names() -> list[str]:
    """Names of all kinds, without importing them."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


@functools.cache
def load_kind(name: str) -> Kind:
    """The kind of this name; raises ValueError for an unknown one."""
    if name not in kind_names():
        raise ValueError(f"Unknown kind of column {name!r}. Expected one of: {', '.join(kind_names())}.")
    return Kind(importlib.import_module(f"{__name__}.{name}"))


def options_of_kinds() -> set[str]:
    """The run options that some kind reads."""
    kinds = map(load_kind, kind_names())
    return {name for kind in kinds for form in (*kind.forms, None) for name in kind.options(form)}


def kind_of(column: Column) -> Kind:
    """The kind of a column."""
    return load_kind(column.kind)
