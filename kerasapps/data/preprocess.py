"""From raw columns to what a model gets: fitted on training rows, then part of the run and of every export."""

import itertools
import json
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.data.kinds import Part, kind_of
from kerasapps.data.spec import Column, Columns, Field, Forecast, Form, Layout, Spec, Target
from kerasapps.data.tokenizers import USUAL, TextOptions
from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

VECTOR = "features"
"""Name of the input into which numbers, categories and the like are joined."""


def layouts(spec: Spec) -> tuple[tuple[Form, ...], ...]:
    """The forms that a source's inputs can be brought into, field by field.

    Each image, text, sound or series is a field of its own; all other columns together are the last one, a vector.
    """
    own = [kind_of(column).forms for column in spec.inputs]
    joined = [("vector",)] if () in own else []
    return tuple(itertools.product(*filter(None, own), *joined))


def check_alone(spec: Spec, data: str, takes: Collection[Form]) -> None:
    """Raise ConfigError where the inputs are several fields, naming what can be chosen of them.

    takes: forms, of which an app takes one. Where no choice would be of these, nothing is raised.
    """
    whole = [column for column in spec.inputs if kind_of(column).forms]
    if not whole or len(spec.inputs) == 1:
        return
    inputs = ", ".join(f"{column.title} ({column.kind})" for column in spec.inputs)
    chosen = next((column for column in whole if {*takes} & {*kind_of(column).forms}), None)
    others = shlex.join(column.title for column in spec.inputs if column not in whole) if "vector" in takes else ""
    ways = [f"choose it with --features {shlex.quote(chosen.title)}"] if chosen else []
    ways += [f"leave it out with --features {others}"] * bool(others)
    if not ways:
        return
    way = ", or ".join(ways)
    raise ConfigError(
        f"{data} has the inputs {inputs}, but a column of kind {(chosen or whole[0]).kind} can only be an input by "
        f"itself. {way[0].upper()}{way[1:]}."
    )


def _form_of_each(spec: Spec, forms: Sequence[Form]) -> dict[str, Form]:
    """Input column -> the form of the field that it becomes, or lies in."""
    own = iter(forms)
    return {column.name: next(own) if kind_of(column).forms else "vector" for column in spec.inputs}


def fit(
    spec: Spec,
    columns: Columns | Iterable[Columns],
    texts: TextOptions = USUAL,
    forms: Sequence[Form] | None = None,
) -> dict[str, list]:
    """What is fitted of each of `columns`, the training rows, in one piece or in several: name -> statistics.

    [mean, variance] of a number, or of all steps of a series; the vocabulary of a text; and so on, as the kinds say.
    forms: that the inputs are to be brought into, None = the first that are possible. No more is read than is fitted.
    """
    chosen = _form_of_each(spec, layouts(spec)[0] if forms is None else forms)
    found = {column.name: kind_of(column).fitter(column, chosen[column.name], texts) for column in spec.inputs}
    if spec.target is not None:
        found[spec.target.name] = kind_of(spec.target).fitter(spec.target, None, texts)
    fitters = {name: fitter for name, fitter in found.items() if fitter is not None}
    pieces = [columns] if isinstance(columns, Mapping) else columns
    wanted, read = max((kind_of(column).rows_to_fit for column in spec.columns if column.name in fitters), default=0), 0
    for piece in pieces if fitters else ():
        for name, fitter in fitters.items():
            fitter.add(piece[name])
        read += len(next(iter(piece.values())))
        if read >= wanted:
            break
    return {name: fitter.result() for name, fitter in fitters.items()}


def target_of(spec: Spec, statistics: Mapping[str, list], texts: TextOptions) -> tuple[Target, Forecast | None]:
    """What a model of such data has to answer; statistics: of the target, and where it is a forecast of the inputs."""
    return kind_of(spec.target).target(spec, statistics, texts) if spec.target else (Target("none"), None)


@dataclass(frozen=True)
class Preprocess:
    """Preprocessing with its fitted numbers; equal where it does the same.

    forms: of each field. A column that is a field of its own becomes what its kind says. The others lie one behind the
    other in the vector: first those with units, numbers and dates, then booleans and categories. texts: how they
    become tokens. lengths: that tokens of training batches are cut to, ascending; () = they are not cut.
    """

    spec: Spec
    forms: tuple[Form, ...]
    statistics: Mapping[str, list]
    texts: TextOptions = USUAL
    lengths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.forms) > 1 and any(column.name == VECTOR for column in self.spec.inputs):
            raise ConfigError(f"A column is called {VECTOR!r}, as the vector of all others is. Expected another name.")

    @cached_property
    def layout(self) -> Layout:
        """What the model gets."""
        fields, target = (field for field, _ in self._fields), target_of(self.spec, self.statistics, self.texts)
        return Layout(tuple(fields), *target, self.lengths)

    @cached_property
    def _fields(self) -> list[tuple[Field, list[Part]]]:
        """Each field, and the columns that lie in it, one behind the other."""
        whole: list[Part] = []
        joined: list[Part] = []
        forms = _form_of_each(self.spec, self.forms)
        for column in self.spec.inputs:
            kind, fitted = kind_of(column), self.statistics.get(column.name, [])
            own = kind.field(column, forms[column.name], fitted, self.texts)
            part = Part(column, own, fitted)
            (whole if kind.forms else joined).append(part)
        fields = [(part.field, [part]) for part in whole]
        if joined:
            columns = tuple(part.column.name for part in joined)
            joined.sort(key=lambda part: not part.field.units)
            features = sum((part.field.features for part in joined), ())
            units = sum((part.field.units for part in joined), ())
            fields.append((Field(VECTOR, "vector", (len(features),), columns, features, units=units), joined))
        return fields

    @property
    def options(self) -> set[str]:
        """Names of the run options that decide what its columns become."""
        chosen: dict[str, Form | None] = {**_form_of_each(self.spec, self.forms)}
        return {name for c in self.spec.columns for name in kind_of(c).options(chosen.get(c.name))}

    @cached_property
    def model(self) -> "keras.Model":
        """{column: [batch, *shape] of its dtype} -> {field: [batch, *stored_shape] of its dtype}."""
        import keras

        inputs = {c.name: keras.Input(c.shape, name=c.name, dtype=kind_of(c).dtype) for c in self.spec.inputs}
        outputs = {field.name: _converted(field, parts, inputs) for field, parts in self._fields}
        return keras.Model(inputs, outputs, name="preprocess")

    @cached_property
    def traced(self) -> "Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]":
        """`model` as a function that is traced once for all pipelines of batches of one size."""
        import tensorflow as tf

        return tf.function(self.model, autograph=False)

    def apply(self, columns: Columns) -> dict[str, np.ndarray]:
        """Field name -> [rows, *stored_shape] of raw columns in memory."""
        return {name: values.numpy() for name, values in self.model(self.tensors(columns)).items()}

    def remarks(self, columns: Columns, converted: Mapping[str, np.ndarray]) -> list[str]:
        """What users are told of the raw columns that they ask a model with; converted: what `apply` made of them."""
        fields = {field.name: field for field in self.layout.inputs}
        own = [column for column in self.spec.inputs if column.name in fields]
        said = (kind_of(c).remark(c, columns[c.name], fields[c.name], converted[c.name]) for c in own)
        return list(filter(None, said))

    def tensors(self, columns: Columns) -> "dict[str, tf.Tensor]":
        """The input columns as model() takes them."""
        import tensorflow as tf

        return {c.name: tf.constant(raw(c, columns[c.name])) for c in self.spec.inputs}

    def answers(self, columns: Columns) -> dict[str, np.ndarray]:
        """The labels as layout.target.arrays says; {} for none.

        Classes int32 [rows], standardised numbers float32 [rows, H], or tokens int32 [rows, T].
        """
        column = self.spec.target
        if column is None:
            return {}
        return kind_of(column).answers(columns[column.name], self.layout.target)

    def labels(self, columns: Columns) -> np.ndarray:
        """The labels alone; raises ConfigError without a target."""
        if self.spec.target is None:
            raise ConfigError("This data has no target, so it has no labels.")
        return self.answers(columns)["labels"]

    def to_json(self) -> str:
        """Text from which from_json makes the same preprocessing, exactly."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Preprocess":
        """The preprocessing that to_json wrote; raises ValueError, KeyError or TypeError for other text.

        Runs of earlier versions have one field, whose form they call "kind", no options of texts, and no lengths.
        """
        content = json.loads(text)
        inputs = tuple(_column(column) for column in content["spec"]["inputs"])
        target = content["spec"]["target"]
        spec = Spec(inputs, target and _column(target))
        forms = tuple(content["forms"] if "forms" in content else [content["kind"]])
        return cls(spec, forms, content["statistics"], _text_options(content), tuple(content.get("lengths", ())))


def _text_options(content: Mapping[str, Any]) -> TextOptions:
    """Earlier versions have the tokens of a row and the normal form by themselves, or no normal form at all."""
    if "texts" in content:
        return TextOptions(**content["texts"])
    length, normal_form = content.get("tokens", USUAL.sequence_length), content.get("normal_form", "none")
    return TextOptions(sequence_length=length, normal_form=normal_form)


def _converted(field: Field, parts: Sequence[Part], inputs: "Mapping[str, keras.KerasTensor]") -> "keras.KerasTensor":
    """A field as it lies in memory; columns of one kind that stand together are converted at once."""
    import keras

    converted = []
    for kind, group in itertools.groupby(parts, lambda part: kind_of(part.column)):
        given = list(group)
        converted += kind.convert(given, [inputs[part.column.name] for part in given])
    outputs = converted[0] if len(converted) == 1 else keras.layers.Concatenate()(converted)
    shape = field.stored_shape
    return outputs if outputs.shape[1:] == shape else keras.layers.Reshape(shape)(outputs)


def raw(column: Column, values: np.ndarray) -> np.ndarray:
    """An input's values as TensorFlow takes them: [rows, *shape] of its dtype, strings as UTF-8."""
    dtype = kind_of(column).dtype
    # UTF-8, because TensorFlow by itself takes ASCII only where it is asked for a NumPy function.
    encoded = dtype == "string"
    return np.array([str(value).encode() for value in values], object) if encoded else np.asarray(values, dtype)


def _column(content: Mapping[str, Any]) -> Column:
    return Column(**{**content, "shape": tuple(content["shape"]), "classes": tuple(content["classes"])})
