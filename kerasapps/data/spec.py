"""What data looks like: before preprocessing (Column, Spec, Source) and after it (Layout)."""

import keyword
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    from kerasapps.data.tokenizers import Tokenizer
    from kerasapps.tensors import Values

ColumnKind = str
"""A module of kerasapps.data.kinds, which says what its raw values are."""
Form = Literal["vector", "image", "sequence", "tokens"]
TargetKind = Literal["classes", "reals", "tokens", "none"]

Columns = dict[str, np.ndarray]

Batch = Mapping[str, Any]
"""inputs {field name: [batch, ...]}, labels [batch] int32, [batch, H] float32 or [batch, time] int32, and weights of
the rows [batch] float32: 0 for rows that only fill a batch.

Where rows were mixed (mixup, cutmix) also other_labels, like labels, and mix [batch] float32: the weight of labels.
"""

TARGET_NAMES = ("target", "label")
"""Names by which a source that does not say it otherwise marks its target."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
"""A number as tables write it; Python alone would read 1_000 too."""
LARGEST = float(np.float32(1e30))
"""No number of the data may be larger: errors of this size, summed over rows in float32, still are numbers."""


def is_argument(name: str) -> bool:
    """Whether an exported model can have an input of this name, as TensorFlow and Python allow it."""
    plain = name.isascii() and name.isidentifier() and name[0] != "_"
    return plain and name != "self" and not keyword.iskeyword(name)


@dataclass(frozen=True)
class Column:
    """One named column of a source.

    shape: of a row's values. classes: names of a category's. rate: samples a second of a sound. season: steps after
    which a series may repeat itself, 0 = none. label: what a file calls it, "" = its name, which TensorFlow can take.
    fill: whether cells may be missing, and classes unseen. written: how numbers or dates are written, as the kind says.
    """

    name: str
    kind: ColumnKind
    shape: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    rate: int = 0
    season: int = 0
    label: str = field(default="", compare=False)
    fill: bool = False
    written: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or self.name


@dataclass(frozen=True)
class Spec:
    """The columns of a source: what is given to a model and what it has to answer."""

    inputs: tuple[Column, ...]
    target: Column | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The inputs, then the target where there is one."""
        return self.inputs if self.target is None else (*self.inputs, self.target)

    @property
    def required_target(self) -> Column:
        """The target; raises ConfigError where there is none."""
        if self.target is None:
            raise ConfigError("These data have no target. Expected data that have one.")
        return self.target

    def inputs_of(self, kind: ColumnKind) -> list[Column]:
        """The inputs of this kind."""
        return [column for column in self.inputs if column.kind == kind]


class Source(Protocol):
    """A data set that is read by row number. What is a property here may be a plain attribute."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def spec(self) -> Spec:
        """Its columns."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Rows of each split it has by itself: {"train": n}, or with "test", or with "validation" too."""

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """The named columns of `rows` (int array) of `split`, in that order; raises DataError."""


@dataclass(frozen=True)
class Arrays:
    """A source in memory. splits: name -> columns. notes: what `train` says of the data."""

    name: str
    spec: Spec
    splits: Mapping[str, Columns]
    notes: tuple[str, ...] = ()

    @property
    def sizes(self) -> Mapping[str, int]:
        """Rows per split."""
        return {split: len(next(iter(columns.values()))) for split, columns in self.splits.items()}

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """Columns of `rows` of `split`."""
        return {name: values[rows] for name, values in self.splits[split].items()}


@dataclass(frozen=True, eq=False)
class Generated:
    """A source whose splits are made when they are first read: make(split) -> its columns."""

    name: str
    spec: Spec
    sizes: Mapping[str, int]
    make: Callable[[str], Columns]
    _made: dict[str, Columns] = field(default_factory=dict)

    @property
    def splits(self) -> Mapping[str, Columns]:
        """All of them, made."""
        return {split: self._whole(split) for split in self.sizes}

    def _whole(self, split: str) -> Columns:
        if split not in self._made:
            self._made[split] = self.make(split)
        return self._made[split]

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """Columns of `rows` of `split`."""
        return {name: values[rows] for name, values in self._whole(split).items()}


@dataclass(frozen=True)
class Target:
    """The target of a model: one of K classes (size K), H numbers (size H), tokens, or nothing (0).

    names: of the classes or numbers. mean, scale: numbers are learned as (y - mean) / scale. Of tokens, size is
    the vocabulary and length is that of a row [time]; 0 is padding, which has the weight 0. tokenizer: of a text.
    """

    kind: TargetKind
    size: int = 0
    names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    length: int = 0
    tokenizer: "Tokenizer | None" = None

    @property
    def arrays(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """What the data has of it: name -> dtype, and shape of a row."""
        arrays: dict[TargetKind, dict[str, tuple[str, tuple[int, ...]]]] = {
            "classes": {"labels": ("int32", ())},
            "reals": {"labels": ("float32", (self.size,))},
            "tokens": {"labels": ("int32", (self.length,))},
            "none": {},
        }
        return arrays[self.kind]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; () where the target is none."""
        return self.names if self.kind == "classes" else ()

    def in_units(self, labels: "Values") -> "Values":
        """Labels in the units of the data: standardised numbers [rows, H] put back, others as they are."""
        return labels * np.asarray(self.scale) + np.asarray(self.mean) if self.scale else labels


@dataclass(frozen=True)
class Forecast:
    """That the target continues the inputs; season: steps after which they may repeat themselves, 0 = none."""

    season: int = 0


@dataclass(frozen=True)
class Field:
    """One input of a model, by name.

    vector: float32 [batch, D], shape (D,). image: float32 [batch, H, W, C] in [0, 1], shape (H, W, C).
    sequence: float32 [batch, T, D], shape (T, D). tokens: int32 [batch, T], shape (T,), of a `vocabulary` of so many,
    of which 0 is padding, always behind, as the tokenizer makes them. columns: of the source, from which it is made.
    features: names of a vector's D entries: of numbers, of classes such as "colour=red", of steps such as "sold[1]".
    units: mean and standard deviation of each number, which are a vector's first features, or of each step of a series.
    packed: of a vector that is mostly zeros, how many entries of a row lie in memory, [batch, 2, packed]: numbers of
    features, then their values. 0 = all do.
    """

    name: str
    form: Form
    shape: tuple[int, ...]
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    vocabulary: int = 0
    units: tuple[tuple[float, float], ...] = ()
    packed: int = 0
    tokenizer: "Tokenizer | None" = None

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """Shape of a row as preprocessing makes it and as it lies in memory."""
        return (2, self.packed) if self.packed else self.shape

    def unpacked(self, values: "Values") -> "Values":
        """Values [rows, *stored_shape] -> [rows, *shape]; values of one feature add up."""
        if not self.packed:
            return values
        import tensorflow as tf

        features, entries = tf.unstack(tf.convert_to_tensor(values), axis=1)
        rows, width = tf.shape(features, tf.int64)[0], self.shape[0]
        places = tf.range(rows)[:, None] * width + tf.cast(features, tf.int64)
        # One dimension: scattering into two takes twice as long.
        whole = tf.math.unsorted_segment_sum(tf.reshape(entries, [-1]), tf.reshape(places, [-1]), rows * width)
        return tf.reshape(whole, [-1, width])

    @property
    def dtype(self) -> str:
        """Of its values."""
        return "int32" if self.form == "tokens" else "float32"

    def in_units(self, values: "Values") -> "Values":
        """Values [rows, *shape] in the units of the data: standardised numbers of a vector are put back."""
        if self.form != "vector":
            return values
        mean, scale = np.zeros(self.shape, np.float32), np.ones(self.shape, np.float32)
        for i, (middle, deviation) in enumerate(self.units):
            mean[i], scale[i] = middle, deviation
        return values * scale + mean


@dataclass(frozen=True)
class Layout:
    """What a model gets after preprocessing, and what it has to answer.

    forecast: where the only input is a sequence [T, 1] whose next steps, in the same units, are the target.
    lengths: that tokens of training batches are cut to, ascending; () = they are not cut.
    """

    inputs: tuple[Field, ...]
    target: Target
    forecast: Forecast | None = None
    lengths: tuple[int, ...] = ()

    @property
    def only(self) -> Field:
        """The single input field; raises ConfigError where there are several."""
        if len(self.inputs) != 1:
            names = ", ".join(field.name for field in self.inputs)
            raise ConfigError(f"The model takes one input, but the data has {len(self.inputs)}: {names}.")
        return self.inputs[0]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the source that the inputs are made of."""
        return tuple(name for field in self.inputs for name in field.columns)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the entries of all vectors."""
        return tuple(name for field in self.inputs for name in field.features)

    @property
    def row_bytes(self) -> int:
        """What a row takes as the model gets it, with its labels in the units of the data, which may be float64."""
        inputs = sum(np.dtype(field.dtype).itemsize * math.prod(field.shape) for field in self.inputs)
        return inputs + 8 * sum(math.prod(shape) for _, shape in self.target.arrays.values())

    def given(self, inputs: Mapping[str, Any]) -> Any:
        """What a model is called with, of rows as they lie in memory: the dict of all fields, or of one its tensor."""
        whole = {field.name: field.unpacked(inputs[field.name]) for field in self.inputs}
        return whole if len(self.inputs) > 1 else whole[self.inputs[0].name]
