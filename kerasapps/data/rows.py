"""The rows of each split of a source, opened as the data options say."""

from dataclasses import fields
from pathlib import Path

from kerasapps.data.kinds import kind_of
from kerasapps.data.options import DataOptions
from kerasapps.data.sources import (
    as_trained,
    is_gone,
    open_series,
    open_source,
    select_features,
    with_images,
    with_passages,
)
from kerasapps.data.sources._reading import Reading
from kerasapps.data.sources._table import Table
from kerasapps.data.spec import Column, Source, Spec
from kerasapps.data.split import Fold, Rows, split_rows
from kerasapps.errors import DataError, MissingData


def open_rows(options: DataOptions, expected: Spec | None = None, by_row: bool = False) -> dict[str, Rows]:
    """The rows of each split of the options' source; raises DataError where it is not as `expected` any more.

    by_row: as earlier versions divided them, see split_rows.

    Where nothing is expected yet, it raises DataError for a table's column of words that are no categories, too.
    """
    source = _open(options, expected)
    if options.passage_length is not None:
        source = with_passages(source, options.passage_length)
    if options.image_size is not None or options.channels is not None:
        source = with_images(source, options.image_size, options.channels)
    if expected is not None:
        source = as_trained(source, expected)
    is_table = isinstance(source, Table)
    if options.features is not None and not is_table:
        source = select_features(source, options.features)
    if expected is None and is_table:
        said = [text.rpartition("=")[0] for text in options.kind or ()]
        for column in source.spec.columns:
            if not {column.name, column.title} & {*said} and not (options.task and column is source.spec.target):
                kind_of(column).check_table(column, source)
    if expected is not None and source.spec != expected:
        raise DataError(
            f"{source.name} is not, or no longer, what the model was trained on: it has {_summary(source.spec)}. "
            f"Expected {_summary(expected)}. Give that data, or train anew."
        )
    fold = Fold.read(options.fold) if options.fold else None
    return split_rows(source, options.split_seed, options.rows, by_row, fold)


def check_there(options: DataOptions) -> None:
    """Raise MissingData where the source of a run is not at its place any more."""
    place = options.data_dir or ""
    if is_gone(options.source, place):
        raise MissingData(
            f"{Path(place) / options.source}, the data of this run, is not there. If they were moved, give their new "
            "place with --data or --data-dir (data, data_dir in Python)."
        )


def _open(options: DataOptions, expected: Spec | None) -> Source:
    """The options' source; where they give its windows, it must be a series.

    The columns of a table are of no other kinds than those `expected`: earlier versions knew fewer.
    """
    if options.history is None and options.horizon is None:
        given = {field.name: getattr(options, field.name, None) for field in fields(Reading)}
        given["kinds"] = None if expected is None else frozenset(column.kind for column in expected.inputs)
        return open_source(options.source, options.data_dir or "", **given)
    return open_series(options.source, options.data_dir or "", options.history, options.horizon, options.target or "")


def _summary(spec: Spec) -> str:
    """ "x (number), colour (2 classes) -> y (number)"; of many columns the first ones."""
    inputs = ", ".join([*map(_described, spec.inputs[:6]), *["..."] * (len(spec.inputs) > 6)])
    return f"{len(spec.inputs)} inputs, {inputs} -> {_described(spec.target) if spec.target else 'no target'}"


def _described(column: Column) -> str:
    size = " x ".join(map(str, column.shape))
    classes = f"{len(column.classes)} classes: {', '.join(column.classes[:6])}" + ", ..." * (len(column.classes) > 6)
    return f"{column.name} ({classes if column.classes else f'{size} {column.kind}'.strip()})"
