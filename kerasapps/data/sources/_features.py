"""Which features of a TFDS set become columns, and how."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import TARGET_NAMES, Column, is_argument
from kerasapps.errors import DataError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

_WANTED = (
    "Expected one image of a fixed shape, one sound of integers with its sample_rate, numbers and classes, or one "
    "text; and one ClassLabel or one real number to predict, named label or target where there are several. Or a "
    "Translation of two languages."
)


@dataclass(frozen=True)
class Field:
    """A column and where it lies in an example: keys, then the position in a vector (-1: not a vector)."""

    column: Column
    path: tuple[str, ...]
    position: int = -1
    is_target: bool = False

    def values(self, examples: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """The column of these examples [rows, *column.shape]."""
        values = [self._value(example) for example in examples]
        return kind_of(self.column).collect(self.column, values, self.is_target)

    def _value(self, example: Mapping[str, Any]) -> np.ndarray:
        for key in self.path:
            example = example[key]
        return np.asarray(example if self.position < 0 else np.asarray(example)[self.position])


def fields(info: "tfds.core.DatasetInfo", name: str) -> tuple[Field, ...]:
    """The columns of a TFDS set, the target last; raises DataError where kerasapps knows no inputs or target in it.

    Of a translation one language is the input and the other the target: by the supervised keys, else by the alphabet.
    With supervised keys these are the inputs and the target. Else the target is the feature named label or target, or
    the only ClassLabel; all else that is understood is input, or the image alone where there is one; a text is where
    nothing else is.
    """
    leaves = _leaves(info.features)
    if type(info.features).__name__ == "Translation" and len(leaves) == 2:
        spoken, translated = (field for path in _languages(info) for field in _fields(path, leaves[path]))
        return spoken, replace(translated, is_target=True)
    target = _target(info, leaves, name)
    given = _supervised(info)[0]
    candidates = {path: leaf for path, leaf in leaves.items() if path != target and given in ("", path[0])}
    inputs = [field for path, feature in candidates.items() for field in _fields(path, feature)]
    pictured = [field for field in inputs if "image" in kind_of(field.column).forms]
    inputs = pictured or [field for field in inputs if not kind_of(field.column).forms] or inputs
    kept = {field.path for field in inputs}
    unknown = {path: feature for path, feature in candidates.items() if path not in kept}
    if unknown and inputs and not pictured:
        warnings.warn(f"{name}: left out, as neither numbers nor classes: {_shown(unknown)}.", stacklevel=2)
    _check_different([field.column.name for field in inputs], name)
    found = _fields(target, leaves[target])
    whole = [field for field in inputs if kind_of(field.column).forms]
    if not inputs or len(whole) > 1 or len(found) != 1 or kind_of(found[0].column).forms:
        raise DataError(f"{name} has the features {_shown(leaves)}, which kerasapps cannot use. {_WANTED}")
    return (*inputs, replace(found[0], is_target=True))


def _check_different(columns: Sequence[str], name: str) -> None:
    """Raise DataError where two columns have one name, or names that an exported model takes for one."""
    lower = [column.lower() for column in columns]
    alike = [column for column in columns if lower.count(column.lower()) > 1]
    if alike:
        raise DataError(
            f"{name} has features that become columns of one name: {', '.join(alike)}. Expected features that "
            "differ in more than signs and upper and lower case."
        )


def _supervised(info: "tfds.core.DatasetInfo") -> tuple[str, str]:
    """Names of the input and of the target as the set gives them; empty where they are not single names."""
    keys = info.supervised_keys or ("", "")
    given, target = (key if isinstance(key, str) else "" for key in keys[:2])
    return given, target


def _languages(info: "tfds.core.DatasetInfo") -> list[tuple[str, ...]]:
    """Paths of the two languages of a translation, the one to translate from first."""
    given, target = _supervised(info)
    languages = sorted(info.features.keys())
    return [(name,) for name in ((given, target) if {given, target} == {*languages} else languages)]


def _leaves(
    features: "tfds.features.FeatureConnector", path: tuple[str, ...] = ()
) -> "dict[tuple[str, ...], tfds.features.FeatureConnector]":
    """Path of keys -> feature, of a FeaturesDict and those inside it."""
    # Asked of the class, since a Sequence passes for what it is a sequence of.
    if not hasattr(type(features), "items"):
        return {path: features}
    return {key: leaf for name, inner in features.items() for key, leaf in _leaves(inner, (*path, name)).items()}


def _shown(leaves: "Mapping[tuple[str, ...], tfds.features.FeatureConnector]") -> str:
    return ", ".join(f"{'/'.join(path)}: {type(feature).__name__}{feature.shape}" for path, feature in leaves.items())


def _target(
    info: "tfds.core.DatasetInfo", leaves: "Mapping[tuple[str, ...], tfds.features.FeatureConnector]", name: str
) -> tuple[str, ...]:
    named = [path for path in leaves if path[-1] in TARGET_NAMES]
    classes = [path for path, feature in leaves.items() if hasattr(type(feature), "num_classes")]
    if (_supervised(info)[1],) in leaves:
        return (_supervised(info)[1],)
    for paths in (named, classes):
        if len(paths) == 1:
            return paths[0]
    raise DataError(f"{name} has the features {_shown(leaves)}, of which none is clearly the target. {_WANTED}")


def _fields(path: tuple[str, ...], feature: "tfds.features.FeatureConnector") -> list[Field]:
    """The columns that a feature becomes; none for what is not understood, such as sequences of texts."""
    name, shape = re.sub(r"\W", "_", "_".join(path), flags=re.ASCII), feature.shape
    # Whoever made the set cannot be asked to rename a feature that no exported model can take, as for a CSV file.
    name = name if is_argument(name) else f"feature_{name}"
    if hasattr(type(feature), "num_classes"):
        return [Field(Column(name, "category", classes=tuple(feature.names)), path)]
    if type(feature).__name__ == "Text" and shape == ():
        return [Field(Column(name, "text"), path)]
    if not isinstance(shape, tuple):  # a sequence of several things
        return []
    kind = np.dtype(feature.np_dtype).kind
    if hasattr(type(feature), "sample_rate"):
        rate = feature.sample_rate or 0
        return [Field(Column(name, "audio", (rate,), rate=rate), path)] if rate and kind in "iu" else []
    if len(shape) == 3 and None not in shape and feature.np_dtype == np.uint8:
        return [Field(Column(name, "image", tuple(shape)), path)]
    if kind not in "fiub" or None in shape or len(shape) > 1:
        return []
    if shape:
        return [Field(Column(f"{name}_{i}", "number"), path, i) for i in range(shape[0])]
    return [Field(Column(name, "number"), path)]
