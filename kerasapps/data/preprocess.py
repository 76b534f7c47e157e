"""From raw columns to what a model gets: fitted on training rows, then part of the run and of every export."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kerasapps.data.moments import moments
from kerasapps.data.spec import Column, Columns, Field, Forecast, Form, Layout, Spec, Target
from kerasapps.data.text import SPECIAL_TOKENS, USUAL_SIZE, TextSize, tokens_layer, vocabularies
from kerasapps.errors import ConfigError

_LAYOUTS: dict[str, tuple[Form, ...]] = {
    "image": ("image", "sequence", "vector"),
    "audio": ("image", "sequence"),
    "text": ("tokens",),
    "series": ("sequence", "vector"),
}
"""Of a column that is a whole input by itself."""


VECTOR = "features"
"""Name of the input into which numbers and categories are joined."""


def layouts(spec: Spec) -> tuple[Form, ...]:
    """The layouts that a source's inputs can be brought into; none where an image or the like is not the only one."""
    whole = [column for column in spec.inputs if column.kind in _LAYOUTS]
    if whole:
        return _LAYOUTS[whole[0].kind] if len(spec.inputs) == 1 else ()
    return ("vector",)


def check_alone(spec: Spec, data: str) -> None:
    """Raise ConfigError where an image, a text or the like is not the only input, naming what can be chosen."""
    if layouts(spec):
        return
    inputs = ", ".join(f"{column.name} ({column.kind})" for column in spec.inputs)
    whole = next(column for column in spec.inputs if column.kind in _LAYOUTS)
    others = " ".join(column.name for column in spec.inputs if column.kind not in _LAYOUTS)
    raise ConfigError(
        f"{data} has the inputs {inputs}, but a column of kind {whole.kind} can only be an input by itself. "
        f"Choose it with --features {whole.name}" + (f", or leave it out with --features {others}." if others else ".")
    )


def fit(spec: Spec, columns: Columns | Iterable[Columns], words: int = TextSize.words) -> dict[str, list]:
    """What is fitted of each of `columns`, the training rows, in one piece or in several.

    name -> [mean, variance] of a number, or of all steps of a series: population variance in float64, as
    scikit-learn's StandardScaler has it. name -> the `words` most frequent words of a text. Nothing is read where there
    is neither. The target of a forecast has the moments of its input.
    """
    expected = [*spec.inputs, *([spec.target] if spec.target else [])]
    pieces = [columns] if isinstance(columns, Mapping) else columns
    texts = [column.name for column in expected if column.kind == "text"]
    own = [c.name for c in expected if c.kind == "number" or (c.kind == "series" and c is not spec.target)]
    if not texts:
        return moments(pieces, own)
    numbers: list[Columns] = []
    found = vocabularies(_noting(pieces, own, numbers), texts, words)
    return {**found, **moments(numbers, own)}


def _noting(pieces: Iterable[Columns], names: Sequence[str], noted: list[Columns]) -> Iterator[Columns]:
    """The pieces, which can be met only once, while their columns `names` are kept in `noted`."""
    for columns in pieces:
        noted.append({name: columns[name] for name in names})
        yield columns


def adapt(spec: Spec, kind: Form, columns: Columns | Iterable[Columns], size: TextSize = USUAL_SIZE) -> "Preprocess":
    """The preprocessing into `kind`, fitted on `columns`; raises ConfigError where inputs cannot be laid out so."""
    check_alone(spec, "This data")
    if kind not in layouts(spec):
        raise ConfigError(f"The inputs cannot become a {kind}. Expected one of: {', '.join(layouts(spec))}.")
    return Preprocess(spec, kind, fit(spec, columns, size.words), size.tokens)


@dataclass(frozen=True)
class Preprocess:
    """Preprocessing with its fitted numbers; equal where it does the same.

    A vector holds the standardised numbers, then for each category one entry per class but the first (1 where the row
    is of it). An unknown category looks like the first class: all zeros. Images become [0, 1]; as a sequence, rows are
    steps [height, width * channels]; as a vector they are flattened. Sounds become log-mel spectrograms, texts the
    numbers of their first `tokens` words; the steps of a series are standardised as those that follow.
    """

    spec: Spec
    kind: Form
    statistics: Mapping[str, list]
    tokens: int = TextSize.tokens

    @property
    def layout(self) -> Layout:
        """What the model gets."""
        column = self._whole
        if column is None:
            features = [column.name for column in self._numbers]
            features += [f"{column.name}={name}" for column in self._categories for name in column.classes[1:]]
            units = tuple((mean, variance**0.5) for mean, variance in (self.statistics[c.name] for c in self._numbers))
            columns = tuple(column.name for column in self.spec.inputs)
            field = Field(VECTOR, "vector", (len(features),), columns, tuple(features), units=units)
            return Layout((field,), self._target)
        vocabulary = SPECIAL_TOKENS + len(self.statistics[column.name]) if column.kind == "text" else 0
        target = self.spec.target
        forecast = Forecast(column.season) if target is not None and target.kind == "series" else None
        shape, steps = self._shape(column), column.kind == "series" and self.kind == "vector"
        units = (self._series_units(column.name),) * shape[0] if steps else ()
        features = _steps(column) if steps else ()
        field = Field(column.name, self.kind, shape, (column.name,), features, vocabulary, units)
        return Layout((field,), self._target, forecast)

    def _shape(self, column: Column) -> tuple[int, ...]:
        """Of what the only input becomes."""
        if column.kind == "text":
            return (self.tokens,)
        height, width, channels = self._pixels(column)
        shapes = {"image": (height, width, channels), "sequence": (height, width * channels)}
        return shapes.get(self.kind, (height * width * channels,))

    def _pixels(self, column: Column) -> tuple[int, int, int]:
        """Height, width and channels: of a sound those of its spectrogram, of a series one row a step."""
        if column.kind == "audio":
            from kerasapps.data.spectrogram import BANDS, frames

            return frames(column.shape[0], column.rate), BANDS, 1
        height, width, channels, *_ = (*column.shape, 1, 1)
        return height, width, channels

    @property
    def _target(self) -> Target:
        column = self.spec.target
        if column is None:
            return Target("none")
        if column.kind == "category":
            return Target("classes", len(column.classes), column.classes)
        if column.kind == "series":
            mean, scale = self._series_units(self.spec.inputs[0].name)
            steps = column.shape[0]
            return Target("reals", steps, _steps(column), (mean,) * steps, (scale,) * steps)
        mean, variance = self.statistics[column.name]
        return Target("reals", 1, (column.name,), (mean,), (variance**0.5,))

    def _series_units(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation of a series as float32 holds them, so that a step is one number whether it is
        given or to be forecast."""
        mean, variance = self.statistics[name]
        return float(np.float32(mean)), float(np.float32(variance**0.5))

    @property
    def _whole(self) -> Column | None:
        """The only input, where it is an image, a text, a sound or a series."""
        return next((column for column in self.spec.inputs if column.kind in _LAYOUTS), None)

    @property
    def _numbers(self) -> list[Column]:
        return [column for column in self.spec.inputs if column.kind == "number"]

    @property
    def _categories(self) -> list[Column]:
        return [column for column in self.spec.inputs if column.kind == "category"]

    def model(self) -> Any:
        """keras.Model: {column: [batch, *shape] of its dtype} -> {field: [batch, *shape] of its dtype}."""
        return self._model

    @cached_property
    def _model(self) -> Any:
        import keras

        inputs = {c.name: keras.Input(c.shape, name=c.name, dtype=c.dtype) for c in self.spec.inputs}
        if self._whole:
            outputs = self._converted(self._whole, inputs[self._whole.name])
        else:
            parts = self._standardised(inputs) + self._one_hot(inputs)
            outputs = parts[0] if len(parts) == 1 else keras.layers.Concatenate()(parts)
        return keras.Model(inputs, {self.layout.only.name: outputs}, name="preprocess")

    def _converted(self, column: Column, values: Any) -> Any:
        """The only input as the model takes it."""
        import keras

        if column.kind == "text":
            return keras.ops.cast(tokens_layer(self.statistics[column.name], self.tokens)(values), "int32")
        if column.kind == "image":
            outputs = keras.ops.cast(values, "float32") / 255.0
        elif column.kind == "audio":
            from kerasapps.data.spectrogram import LogMelSpectrogram

            outputs = LogMelSpectrogram(column.rate)(values)
        else:
            mean, scale = self._series_units(column.name)
            outputs = (values - np.float32(mean)) / np.float32(scale)
        return (
            outputs
            if outputs.shape[1:] == self.layout.only.shape
            else keras.layers.Reshape(self.layout.only.shape)(outputs)
        )

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

    def apply(self, columns: Columns) -> dict[str, np.ndarray]:
        """Field name -> [rows, *shape] of raw columns in memory."""
        return {name: values.numpy() for name, values in self.model()(self.tensors(columns)).items()}

    def tensors(self, columns: Columns) -> dict[str, Any]:
        """The input columns as model() takes them."""
        import tensorflow as tf

        return {c.name: tf.constant(raw(c, columns[c.name])) for c in self.spec.inputs}

    def labels(self, columns: Columns) -> np.ndarray:
        """int32 [rows] class numbers, or float32 [rows, H] standardised reals; raises ConfigError without a target."""
        column = self.spec.target
        if column is None:
            raise ConfigError("This data has no target, so it has no labels.")
        if column.kind == "category":
            return np.asarray(columns[column.name], np.int32)
        target = self.layout.target
        exact = np.asarray(columns[column.name], np.float64).reshape(-1, target.size)
        return ((exact - target.mean) / target.scale).astype(np.float32)

    def to_json(self) -> str:
        """Text from which from_json makes the same preprocessing, exactly."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Preprocess":
        """The preprocessing that to_json wrote; raises ValueError, KeyError or TypeError for other text."""
        content = json.loads(text)
        inputs = tuple(_column(column) for column in content["spec"]["inputs"])
        target = content["spec"]["target"]
        spec = Spec(inputs, target and _column(target))
        return cls(spec, content["kind"], content["statistics"], content.get("tokens", TextSize.tokens))


def raw(column: Column, values: Any) -> np.ndarray:
    """An input's values as TensorFlow takes them: [rows, *shape] of its dtype, strings as objects."""
    if column.dtype == "string":
        return np.array([str(value) for value in values], object)
    return np.asarray(values, column.dtype)


def _steps(column: Column) -> tuple[str, ...]:
    """Names of a series' numbers, one step after the other: "sold[1]", or of several features "sold[1,1]"."""
    return tuple(f"{column.name}[{','.join(str(i + 1) for i in place)}]" for place in np.ndindex(column.shape))


def _column(content: Mapping[str, Any]) -> Column:
    return Column(**{**content, "shape": tuple(content["shape"]), "classes": tuple(content["classes"])})
