"""Where data comes from: one module per built-in source; modules that begin with _ read a format or help.

Adding a source = one file here with `load() -> Source` and a docstring that begins with its summary. One whose files
users may have anywhere has `load(data_dir)`.
"""

import importlib
import inspect
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from kerasapps.data import readers
from kerasapps.data.calendar import Calendar
from kerasapps.data.sources._class_folders import ClassFolders, load_folder
from kerasapps.data.spec import Columns, Source, Spec
from kerasapps.errors import ConfigError, DataError, unknown_name
from kerasapps.names import SOURCES, is_module, names_in

_FILES = {".tsv": "_pairs", **dict.fromkeys((".txt", ".md", ".py"), "_texts")}
"""Suffix of a file that is no table -> the module whose load_file reads it."""
_ARRAYS = ".npz"
"""Suffix of a file of arrays, of which one may be named as the target."""
_OTHER_TABLES = (".xlsx", ".xls", ".ods", ".parquet", ".feather")
"""Suffixes of tables that are not read."""
_OF_COLUMNS = ("target", "kind", "task")
"""Fields of Reading that say something of columns, which only a table has."""


def open_source(name: str, data_dir: str = "", **reading: Any) -> Source:
    """The source called `name`: a built-in one, tfds:NAME, a module elsewhere, or what lies at a path.

    These are a table in a .csv or .tsv file, arrays in an .npz file, pairs of sentences in a .tsv file, a text in a
    .txt, .md or .py file, and a folder of such texts, of IDX files, or of folders with the images or the sounds of one
    class each.

    data_dir: where a source's files lie; a relative path is looked up there. reading: how a table is read, as the
    fields of Reading say; an .npz file has a target and a task, too. Raises ConfigError for an unknown name or
    target, DataError for missing or damaged data.
    """
    path, columns = Path(data_dir) / name, {key: reading[key] for key in _OF_COLUMNS if reading.get(key)}
    if readers.is_table(path) and (columns or not _has_pairs(path)):
        from kerasapps.data.sources._reading import Reading
        from kerasapps.data.sources._table import load_table

        return load_table(path, Reading(**reading))
    if path.suffix.lower() == _ARRAYS and not columns.keys() - {"target", "task"}:
        from kerasapps.data.sources._arrays import load_file

        return load_file(path, columns.get("target", ""), columns.get("task", ""))
    _check_no_table(name, path, columns)
    # Before modules: to look for a module x.py, Python would run the file x.py as x.
    if path.suffix.lower() in _FILES and not os.path.isdir(path):
        return importlib.import_module(f"{__name__}.{_FILES[path.suffix.lower()]}").load_file(path)
    if (module := _module_of(name)) is not None:
        return module.load(data_dir) if _takes_data_dir(module) else module.load()
    if name.startswith("tfds:"):
        from kerasapps.data.sources._tfds import load_tfds

        return load_tfds(name.removeprefix("tfds:"), data_dir)
    return _open_path(name, path, reading.get("kinds"))


def _check_no_table(name: str, path: Path, columns: Mapping[str, Any]) -> None:
    """Raise DataError for a table of a format that is not read, ConfigError where `columns` say how one is."""
    if path.suffix.lower() in _OTHER_TABLES:
        raise DataError(
            f"{path}: {path.suffix} files are not read. Save it as .csv (Excel: CSV UTF-8; pandas: "
            "to_csv('NAME.csv', index=False)) and give that."
        )
    for key, value in columns.items():
        raise ConfigError(
            f"{key}={value} says something of a table, and the data {name} are none. Leave it out, or give a table as "
            "data, such as FILE.csv."
        )


def _module_of(name: str) -> ModuleType | None:
    """The module that a built-in source is, or one elsewhere."""
    module = name.replace("-", "_")
    if module in names_in(SOURCES):
        return importlib.import_module(f"{__name__}.{module}")
    return importlib.import_module(name) if is_module(name) else None


def _takes_data_dir(module: ModuleType) -> bool:
    return bool(inspect.signature(module.load).parameters)


def check_data_dir(name: str, data_dir: str) -> None:
    """Raise ConfigError where the source called `name` lies elsewhere, wherever data_dir is."""
    path = Path(data_dir) / name
    by_path = readers.is_table(path) or path.suffix.lower() in _FILES or os.path.exists(path)
    module = None if by_path else _module_of(name)
    if _takes_data_dir(module) if module else not os.path.isabs(name):
        return
    where = "comes with a package, or is generated" if module else "is a whole path"
    raise ConfigError(
        f"data_dir={data_dir} has no effect: the data {name} {where}. Leave it out; or, to use what lies there, "
        f"give data={data_dir}."
    )


def _has_pairs(path: Path) -> bool:
    """Whether a file of which the suffix does not tell it has pairs of sentences, and is no table."""
    from kerasapps.data.sources._pairs import are_pairs

    return path.suffix.lower() == ".tsv" and are_pairs(path)


def is_named(name: str) -> bool:
    """Whether a source is known by its name, and not by the path at which it lies."""
    return name.replace("-", "_") in names_in(SOURCES) or name.startswith("tfds:") or is_module(name)


def is_gone(name: str, data_dir: str = "") -> bool:
    """Whether nothing lies any more where a run read the source called `name`; runs keep absolute paths."""
    if data_dir and not os.path.isdir(data_dir):
        return True
    path = Path(data_dir) / name
    return path.is_absolute() and not is_named(name) and not os.path.exists(path)


def _open_path(name: str, path: Path, kinds: Collection[str] | None) -> Source:
    if name and os.path.isdir(path):
        return _open_folder(path, kinds)
    if name and os.path.exists(path):
        files = ", ".join([".csv", _ARRAYS, *_FILES])
        raise DataError(
            f"{path} is of no known kind. Expected a file of {files}, or a folder of texts, of IDX files, or with a "
            "folder of images or sounds for each class."
        )
    places = ["tfds:NAME", "FILE.csv", "FILE.npz", "FILE.tsv", "FILE.txt", "FOLDER", "MODULE.NAME"]
    raise unknown_name("data source", name, [*names_in(SOURCES), *places])


def _open_folder(path: Path, kinds: Collection[str] | None) -> Source:
    """What a folder has: IDX files, else images, sounds or texts, of whichever there are most.

    kinds: that its inputs may be of, None = all. Raises DataError where there is nothing of these.
    """
    from kerasapps.data.readers import idx
    from kerasapps.data.sources import _folder_files, _labelled, _texts

    if any(idx.find_file(path, name).is_file() for name in idx.FILES):
        return _labelled.load_folder(path, str(path))
    found, texts = _folder_files.find(path), len(_texts.find_files(path))
    if texts and (texts > len(found.files) if kinds is None else "text" in kinds):
        return _texts.load_folder(path)
    if not found.files:
        raise _folder_files.refused(found)
    return load_folder(found)


@runtime_checkable
class _Noted(Protocol):
    """A source that says what was chosen or left out."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences."""


def notes_of(source: Source) -> tuple[str, ...]:
    """What is to be said of a source before training, () where that is nothing."""
    return source.notes if isinstance(source, _Noted) else ()


@dataclass(frozen=True)
class _Selected:
    """A source of which only the columns of `spec` are read."""

    name: str
    spec: Spec
    sizes: Mapping[str, int]
    source: Source

    @property
    def notes(self) -> tuple[str, ...]:
        """Those on the source."""
        return notes_of(self.source)

    def read(self, split: str, rows: np.ndarray) -> Columns:
        columns = self.source.read(split, rows)
        return {column.name: columns[column.name] for column in self.spec.columns}


def select_features(source: Source, names: Sequence[str]) -> Source:
    """`source` with only the input columns `names`, in that order; raises ConfigError for an unknown one."""
    from kerasapps.data.sources._series import SeriesSource

    inputs = {column.name: column for column in source.spec.inputs}
    for name in names:
        if name not in inputs and isinstance(source, SeriesSource):
            raise ConfigError(
                f"features={' '.join(names)}: the series {source.label or source.column} is forecast from itself "
                "alone. Leave features out. To forecast another column of a table, name it with --target."
            )
        if name not in inputs:
            raise unknown_name("feature", name, inputs)
    spec = Spec(tuple(inputs[name] for name in dict.fromkeys(names)), source.spec.target)
    return _Selected(source.name, spec, source.sizes, source)


def open_series(name: str, data_dir: str, history: int | None, horizon: int | None, target: str = "") -> Source:
    """The series called `name`, or in a .csv file, in windows of `history` steps and `horizon` that follow.

    None = as many as a built-in source has by itself. target: the column of a .csv file that is the series. Raises as
    open_source, and ConfigError for what is no series.
    """
    from kerasapps.data.sources import _series

    path = Path(data_dir) / name
    if readers.is_table(path):
        return _series.load_series(path, history, horizon, target)
    return _series.with_window(open_source(name, data_dir, target=target), history, horizon)


def calendar_of(source: Source) -> Calendar | None:
    """The dates of a series, where it has some."""
    from kerasapps.data.sources._series import SeriesSource

    source = source.source if isinstance(source, _Selected) else source
    return source.calendar if isinstance(source, SeriesSource) else None


def with_passages(source: Source, length: int) -> Source:
    """The documents of `source` in passages of `length` characters; raises ConfigError where it has no passages."""
    from kerasapps.data.sources._passages import Passages

    if not isinstance(source, Passages):
        raise ConfigError(
            f"passage_length={length}: {source.name} is not cut into passages. Leave it out, or give text files, a "
            "folder of them, python_source or python_packages."
        )
    return source.with_length(length)


def with_images(source: Source, image_size: Sequence[int] | None, channels: int | None) -> Source:
    """The image files of `source` in another size, of both sides or height and width, or with other channels.

    None = as the files have it. Raises ConfigError where it is no folder of image files.
    """
    if not isinstance(source, ClassFolders) or source.kind != "image":
        raise ConfigError(
            f"image_size={image_size}, channels={channels}: {source.name} is no folder of image files. Leave both out, "
            "or give a folder that has a folder of images for each class."
        )
    return replace(source, image_size=image_size, channels=channels)


def as_trained(source: Source, expected: Spec) -> Source:
    """`source` with files that become what they became in training, whatever would suit them now."""
    return replace(source, wanted=expected.inputs[0]) if isinstance(source, ClassFolders) else source
