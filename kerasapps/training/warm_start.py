"""Warm start: the weights of another run's parts of the same names, and its preprocessing where the data fits it.

The other run may be of another application. Weights are matched by part and by their path inside it.
"""

import dataclasses
import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from kerasapps.app import App, Parts, accepts
from kerasapps.data.fingerprint import check_same, row_hashes
from kerasapps.data.kinds import kind_of
from kerasapps.data.options import FieldOptions
from kerasapps.data.prepared import PreparedData
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.rows import open_rows
from kerasapps.data.spec import Spec
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import SPECIAL_TOKENS, TextOptions
from kerasapps.errors import ConfigError, DataError, MissingData
from kerasapps.layers.paths import weight_paths
from kerasapps.printable import printable
from kerasapps.runs import directory
from kerasapps.runs.config import moved
from kerasapps.runs.options import Options
from kerasapps.runs.run import Run
from kerasapps.settings import settings
from kerasapps.streams import lenient

_COPIED = 0.01
"""Share of the rows for test that another run may have been trained on: such as short texts that recur anywhere."""
_FIELDS = [field.name for field in dataclasses.fields(FieldOptions)]
_TEXTS = [field.name for field in dataclasses.fields(TextOptions) if field.name in _FIELDS]
_LISTED = 8
"""Weights of a kind that are named on stderr and in errors."""


def prepare_from(
    other: Run, app: App, options: Options, given: Mapping[str, Any]
) -> tuple[Options, dict[str, Rows], Preprocess | None]:
    """Options, rows and preprocessing of a run of `app` that starts from `other`; None: to be fitted to the new data.

    The preprocessing of `other` is taken over where the source has its columns, see _for_rows, and the app takes what
    it makes. With it, and wherever the data are the same, all FieldOptions that were not given are those of `other`.
    Raises ConfigError for another split of the same data, and for options that the preprocessing has otherwise.
    """
    same_data, own = other.options.data == options.data, other.preprocess
    if same_data and other.options.split_seed != options.split_seed:
        raise ConfigError(
            f"The run {options.from_run} was trained on rows that split_seed={options.split_seed} has for test. Give "
            f"split_seed={other.options.split_seed}, which is its own."
        )
    own_fields = {name: getattr(other.options, name) for name in _FIELDS if given.get(name) is None}
    shaped = dataclasses.replace(options, **own_fields)
    try:
        rows = open_rows(shaped)
        fitting = _for_rows(own, rows["train"])
    except ConfigError:  # other data, which have no such columns, windows or passages
        if same_data:
            raise
        fitting = None
    fits = fitting is not None and accepts(app, fitting.forms, fitting.layout.target)
    if not (fits or same_data):
        return options, open_rows(options), None
    # Other data that fit have the same columns and windows; how long their passages are does not matter.
    _refuse_others(other, options, given, _FIELDS if same_data else _TEXTS)
    return shaped, rows, fitting if fits else None


def _for_rows(own: Preprocess, rows: Rows) -> Preprocess | None:
    """Preprocessing of rows that have the columns of `own`, or None.

    One of a single column without a target, as of text files, also suits a single column that becomes the same field,
    and has a target. Only the target is fitted then: the words that a model was pretrained on keep their numbers.
    """
    spec = rows.source.spec
    if own.spec == spec:
        return own
    if own.spec.target or not spec.target or not len(own.spec.inputs) == len(spec.inputs) == 1:
        return None
    (old,), (new,) = own.spec.inputs, spec.inputs
    if kind_of(old) is not kind_of(new):
        return None
    kept = {new.name: own.statistics[old.name]} if old.name in own.statistics else {}
    statistics = {**kept, **fit(Spec((), spec.target), rows.pieces(), own.texts, ())}
    made = Preprocess(spec, own.forms, statistics, own.texts)
    field, own_field = made.layout.only, own.layout.only
    return made if dataclasses.replace(field, name=own_field.name, columns=own_field.columns) == own_field else None


def _refuse_others(other: Run, options: Options, given: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise ConfigError where an option was given that `other` has otherwise."""
    windows = {}
    if other.layout.forecast:
        windows = {"history": other.preprocess.spec.inputs[0].shape[0], "horizon": other.layout.target.size}
    for name in names:
        own = windows.get(name, getattr(other.options, name))
        if given.get(name) is not None and own is not None and getattr(options, name) != own:
            raise ConfigError(
                f"{_spelled(name, given[name])} was given, but {other.directory}, whose preprocessing is taken over, "
                f"was trained with {_spelled(name, own)}. Give {_spelled(name, own)}, or train without starting from "
                "that run."
            )


def _spelled(name: str, value: object) -> str:
    """An option as it is given on the command line, without its dashes."""
    return f"{name}={dataclasses.replace(settings(Options)[name], default=value).default_text}"


def take_over(other: Run, options: Options, data: PreparedData, parts: Parts) -> dict[str, Any]:
    """Take the weights of `other` and report on it, see take_weights.

    Raises ConfigError where the same data have other rows for test than when `other` was trained: rows that were added
    since then move others from one split to another. Or where `other` was trained on rows that are for test here, as of
    a copy of the data under another name.
    """
    if other.options.data == options.data:
        _check_test_rows(other, options, data)
    else:
        _check_copied_rows(other, options, data.rows)
    return take_weights(other, data.preprocess, parts)


def _check_test_rows(other: Run, options: Options, data: PreparedData) -> None:
    try:
        expected = directory.read_fingerprints(other.directory)["test"]
        check_same(other.options.source, "test", data.fingerprints["test"], expected)
    except DataError as error:
        cause, shaped = str(error), [name for name in _FIELDS if getattr(other.options, name) != getattr(options, name)]
        if shaped:
            own = ", ".join(_spelled(name, getattr(other.options, name)) for name in shaped)
            cause = f"rows cannot be compared, as it was trained with {own}. Give these."
        raise ConfigError(
            f"{other.directory} cannot be started from: {cause} Rows of the test split may have been trained on."
        ) from error


def _check_copied_rows(other: Run, options: Options, rows: Mapping[str, Rows]) -> None:
    """Compare inputs row by row; warns where the data of `other` cannot be read any more.

    Where they are gone, the new data may be the same ones at another place.
    """
    if [c.shape for c in other.preprocess.spec.inputs] != [c.shape for c in rows["train"].source.spec.inputs]:
        return
    try:
        trained = _trained(other, options)
    except (ConfigError, DataError) as error:
        warnings.warn(f"Whether {other.directory} was trained on rows for test is not known: {error}", stacklevel=4)
        return
    common = trained & _hashes(rows["test"])
    # Rows that are in both splits of the new data anyway tell nothing.
    copied = common - _hashes(rows["train"]) if common else common
    if len(copied) > _COPIED * len(rows["test"]):
        raise ConfigError(
            f"{other.directory} was trained on {len(copied)} of the {len(rows['test'])} rows that "
            f"{rows['test'].source.name} has for test. Give split_seed={other.options.split_seed}, which is its own, "
            "if these are the same data, or train without starting from that run."
        )


def _trained(other: Run, options: Options) -> set[bytes]:
    """Hashes of the rows that `other` was trained on; raises ConfigError or DataError where they cannot be read."""
    try:
        return _hashes(other.rows["train"])
    except MissingData as gone:
        try:
            found = dataclasses.replace(other, options=moved(other.options, dataclasses.asdict(options)))
            for split in ("train", "test"):
                found.read(split)  # which raises DataError for others
        except (ConfigError, DataError):
            raise gone from None
        return _hashes(found.rows["train"])


def _hashes(rows: Rows) -> set[bytes]:
    """Of the inputs of all rows."""
    names = [column.name for column in rows.source.spec.inputs]
    return {row for piece in rows.pieces() for row in row_hashes({name: piece[name] for name in names})}


def take_weights(other: Run, preprocess: Preprocess, parts: Parts) -> dict[str, Any]:
    """Copy the weights of `other` to parts on inputs of `preprocess`, and report on stderr and in the result.

    taken: of the same part, path and shape. resized: embeddings of words, each row from that of the same word, where
    the vocabularies differ; rows of further words stay new. left_new: all others, also of the same path, since nothing
    tells which rows or columns of another shape mean the same; and with one weight of a layer all of that layer. Raises
    ConfigError where nothing fits.
    """
    preprocessing = "taken over" if _same_inputs(preprocess, other.preprocess) else "fitted to the new data"
    own, theirs = _weights(parts), _weights(other.parts)
    words, their_words = _words(preprocess), _words(other.preprocess)
    fitting = {path: _fitting(path, weight, theirs.get(path), words, their_words) for path, weight in own.items()}
    new_layers = {path.rpartition("/")[0] for path, (kind, _) in fitting.items() if kind == "left_new"}
    report: dict[str, list[str]] = {"taken": [], "resized": [], "left_new": []}
    for path, (kind, values) in fitting.items():
        if path.rpartition("/")[0] in new_layers:
            report["left_new"].append(path)
        else:
            own[path].assign(values)
            report[kind].append(path)
    if len(report["left_new"]) == len(own):
        raise ConfigError(
            f"No layer of {other.directory} fits: it has {_listed(_shapes(theirs))}; the new model has "
            f"{_listed(_shapes(own))}. Expected parts of the same names with weights of the same paths and shapes: "
            "give the same layers, or train without starting from that run."
        )
    shown = lenient(sys.stderr)
    print(printable(f"warm start from {other.directory}: its preprocessing is {preprocessing}"), file=shown)
    for kind, paths in report.items():
        print(f"  {kind.replace('_', ' ')}: {_listed(paths)}", file=shown)
    return {"run": str(other.directory), "preprocessing": preprocessing, **report}


def _same_inputs(own: Preprocess, other: Preprocess) -> bool:
    """Whether the numbers that `own` converts inputs with are those that were fitted for `other`."""
    fitted, theirs = ([each.statistics.get(column.name) for column in each.spec.inputs] for each in (own, other))
    return own.statistics is other.statistics or any(a is b for a, b in zip(fitted, theirs, strict=False) if a)


def _weights(parts: Parts) -> dict[str, keras.Variable]:
    """part/path -> variable; seeds of noise are not weights."""
    return {f"{name}/{path}": weight for name, part in parts.items() for path, weight in weight_paths(part)}


def _words(preprocess: Preprocess) -> list:
    """What the rows of an embedding of words stand for: special tokens, then words; [] without a text."""
    tokenizers = [field.tokenizer for field in preprocess.layout.inputs if field.tokenizer]
    tokens = tokenizers[0].tokens if tokenizers else ()
    return [*enumerate(tokens[:SPECIAL_TOKENS]), *tokens[SPECIAL_TOKENS:]]


def _fitting(
    path: str, weight: keras.Variable, other: keras.Variable | None, words: list, their_words: list
) -> tuple[str, np.ndarray | list[np.ndarray] | None]:
    """What becomes of `weight`, taken, resized or left_new, and its values from `other` (None = there is none)."""
    if other is None:
        return "left_new", None
    of_words = path.endswith("/embeddings") and weight.shape[1:] == other.shape[1:]
    if of_words and (weight.shape[0], other.shape[0]) == (len(words), len(their_words)) and words != their_words:
        rows = dict(zip(their_words, other.numpy(), strict=True))
        return "resized", [rows.get(word, new) for word, new in zip(words, weight.numpy(), strict=True)]
    return ("taken", other.numpy()) if weight.shape == other.shape else ("left_new", None)


def _shapes(weights: Mapping[str, keras.Variable]) -> list[str]:
    return [f"{path} {list(weight.shape)}" for path, weight in weights.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + f" and {more} more" * (more > 0) if names else "nothing"
