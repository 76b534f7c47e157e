"""From raw columns to what a model gets: fitted on training rows, then part of the run and of every export."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kerasapps.data.moments import moments
from kerasapps.data.spec import Column, Columns, Layout, LayoutKind, Spec, Target
from kerasapps.errors import ConfigError


def layouts(spec: Spec) -> tuple[LayoutKind, ...]:
    """The layouts that a source's inputs can be brought into; none where an image stands beside other columns."""
    if any(column.kind == "image" for column in spec.inputs):
        return ("image", "sequence", "vector") if len(spec.inputs) == 1 else ()
    return ("vector",)


def fit(spec: Spec, columns: Columns | Iterable[Columns]) -> dict[str, list[float]]:
    """name -> [mean, variance] of each number in `columns`, the training rows, in one piece or in several.

    Population variance in float64, as scikit-learn's StandardScaler has it. Nothing is read where no column is a
    number.
    """
    expected = [*spec.inputs, *([spec.target] if spec.target else [])]
    pieces = [columns] if isinstance(columns, Mapping) else columns
    return moments(pieces, [column.name for column in expected if column.kind == "number"])


def adapt(spec: Spec, kind: LayoutKind, columns: Columns | Iterable[Columns]) -> "Preprocess":
    """The preprocessing into `kind`, fitted on `columns`; raises ConfigError where inputs cannot be laid out so."""
    if kind not in layouts(spec):
        raise ConfigError(f"The inputs cannot become a {kind}. Expected one of: {', '.join(layouts(spec)) or 'none'}.")
    return Preprocess(spec, kind, fit(spec, columns))


@dataclass(frozen=True)
class Preprocess:
    """Preprocessing with its fitted numbers; equal where it does the same.

    A vector holds the standardised numbers, then for each category one entry per class but the first (1 where the row
    is of it). An unknown category looks like the first class: all zeros. Images become [0, 1]; as a sequence, rows are
    steps [height, width * channels]; as a vector they are flattened.
    """

    spec: Spec
    kind: LayoutKind
    statistics: Mapping[str, list[float]]

    @property
    def layout(self) -> Layout:
        """What the model gets."""
        if not self._image:
            features = [column.name for column in self._numbers]
            features += [f"{column.name}_{name}" for column in self._categories for name in column.classes[1:]]
            return Layout(self.kind, (len(features),), self._target, tuple(features))
        height, width, channels = self._image.shape
        shapes = {"image": (height, width, channels), "sequence": (height, width * channels)}
        return Layout(self.kind, shapes.get(self.kind, (height * width * channels,)), self._target)

    @property
    def _target(self) -> Target:
        column = self.spec.target
        if column is None:
            return Target("none")
        if column.kind == "category":
            return Target("classes", len(column.classes), column.classes)
        mean, variance = self.statistics[column.name]
        return Target("reals", 1, (column.name,), (mean,), (variance**0.5,))

    @property
    def _image(self) -> Column | None:
        return next((column for column in self.spec.inputs if column.kind == "image"), None)

    @property
    def _numbers(self) -> list[Column]:
        return [column for column in self.spec.inputs if column.kind == "number"]

    @property
    def _categories(self) -> list[Column]:
        return [column for column in self.spec.inputs if column.kind == "category"]

    def model(self) -> Any:
        """keras.Model: {name: float32 [batch] | string [batch] | uint8 [batch, H, W, C]} -> float32 [batch, *shape]."""
        return self._model

    @cached_property
    def _model(self) -> Any:
        import keras

        kinds = {"number": "float32", "category": "string", "image": "uint8"}
        inputs = {c.name: keras.Input(c.shape, name=c.name, dtype=kinds[c.kind]) for c in self.spec.inputs}
        if self._image:
            pixels = keras.ops.cast(inputs[self._image.name], "float32") / 255.0
            outputs = pixels if self.kind == "image" else keras.layers.Reshape(self.layout.shape)(pixels)
        else:
            parts = self._standardised(inputs) + self._one_hot(inputs)
            outputs = parts[0] if len(parts) == 1 else keras.layers.Concatenate()(parts)
        return keras.Model(inputs, outputs, name="preprocess")

    def _standardised(self, inputs: Mapping[str, Any]) -> list[Any]:
        """All numbers together, [batch, numbers]."""
        import keras

        if not self._numbers:
            return []
        mean, variance = np.array([self.statistics[column.name] for column in self._numbers]).T
        numbers = keras.ops.stack([inputs[column.name] for column in self._numbers], axis=-1)
        # Not keras.layers.Normalization: it holds the variance in float32, where deviations over 1.8e19 overflow, and
        # none below 1e-7 is taken as it is.
        return [(numbers - np.float32(mean)) / np.float32(variance**0.5)]

    def _one_hot(self, inputs: Mapping[str, Any]) -> list[Any]:
        """[batch, classes - 1] of each category. The first class and all that is unknown share column 0, dropped."""
        import keras

        parts = []
        for column in self._categories:
            if len(column.classes) > 1:
                lookup = keras.layers.StringLookup(vocabulary=list(column.classes[1:]), output_mode="one_hot")
                parts.append(keras.ops.cast(lookup(inputs[column.name]), "float32")[:, 1:])
        return parts

    def apply(self, columns: Columns) -> np.ndarray:
        """float32 [rows, *layout.shape] of raw columns in memory."""
        return self.model()(self.tensors(columns)).numpy()

    def tensors(self, columns: Columns) -> dict[str, Any]:
        """The input columns as model() takes them."""
        import tensorflow as tf

        kinds = {"number": np.float32, "category": str, "image": np.uint8}
        return {c.name: tf.constant(np.asarray(columns[c.name], kinds[c.kind])) for c in self.spec.inputs}

    def labels(self, columns: Columns) -> np.ndarray:
        """int32 [rows] class numbers, or float32 [rows, 1] standardised reals; raises ConfigError without a target."""
        column = self.spec.target
        if column is None:
            raise ConfigError("This data has no target, so it has no labels.")
        if column.kind == "category":
            return np.asarray(columns[column.name], np.int32)
        mean, variance = self.statistics[column.name]
        exact = np.asarray(columns[column.name], np.float64)
        return ((exact - mean) / variance**0.5).astype(np.float32)[:, None]

    def to_json(self) -> str:
        """Text from which from_json makes the same preprocessing, exactly."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Preprocess":
        """The preprocessing that to_json wrote; raises ValueError, KeyError or TypeError for other text."""
        content = json.loads(text)
        inputs = tuple(_column(column) for column in content["spec"]["inputs"])
        target = content["spec"]["target"]
        return cls(Spec(inputs, target and _column(target)), content["kind"], content["statistics"])


def _column(content: Mapping[str, Any]) -> Column:
    return Column(content["name"], content["kind"], tuple(content["shape"]), tuple(content["classes"]))
