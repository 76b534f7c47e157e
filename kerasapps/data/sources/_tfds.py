"""Data sets of TensorFlow Datasets, read by row number."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from kerasapps.data.sources._features import Field, fields
from kerasapps.data.sources._network import unreachable
from kerasapps.data.spec import Columns, Spec
from kerasapps.errors import ConfigError, DataError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.data_sources.base import BaseDataSource


@dataclass(frozen=True, eq=False)
class TfdsSource:
    """A prepared set; `tables` maps a split to its examples by row number."""

    name: str
    spec: Spec
    sizes: Mapping[str, int]
    tables: "Mapping[str, BaseDataSource]"
    fields: tuple[Field, ...]

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """Columns of `rows` of `split`; raises DataError where the files are damaged."""
        try:
            examples = self.tables[split].__getitems__([int(row) for row in rows])
        except Exception as error:
            raise DataError(f"{self.name}, {split}: rows {rows[:3]}... cannot be read: {error}") from error
        return {field.column.name: field.values(examples) for field in self.fields}


def load_tfds(name: str, data_dir: str) -> TfdsSource:
    """The TFDS set `name` (as tfds.load takes it) in `data_dir`, by default where TFDS keeps its sets.

    What is not prepared is downloaded and prepared there, once. A set prepared as TFRecord gets a copy in array_record
    beside it, once; the network is not used. Raises ConfigError for an unknown set, DataError for what cannot be had.
    """
    builder = _builder(name, data_dir)
    if not builder.is_prepared():
        _prepare(builder, name)
    _make_random_access(builder, name)
    columns = fields(builder.info, f"tfds:{name}")
    names = _splits(builder, name)
    tables = {split: builder.as_data_source(original) for split, original in names.items()}
    *inputs, target = (field.column for field in columns)
    sizes = {split: len(table) for split, table in tables.items()}
    return TfdsSource(f"tfds:{name}", Spec(tuple(inputs), target), sizes, tables, columns)


def _builder(name: str, data_dir: str) -> "tfds.core.DatasetBuilder":
    import tensorflow_datasets as tfds

    try:
        return tfds.builder(name, data_dir=data_dir or None, try_gcs=False)
    except tfds.core.DatasetNotFoundError as error:
        raise ConfigError(
            f"Unknown data source 'tfds:{name}'. Expected a set of the catalogue at "
            f"tensorflow.org/datasets/catalog, or one prepared in {data_dir or tfds.core.constants.DATA_DIR}."
        ) from error
    except Exception as error:
        raise DataError(f"tfds:{name} cannot be opened: {error}") from error


def _check_network(builder: "tfds.core.DatasetBuilder", name: str) -> None:
    """Raise DataError where nothing of the set has been downloaded and none of its hosts can be reached.

    TFDS by itself tries again for more than three minutes.
    """
    urls = {url for url in builder.url_infos or () if urlsplit(url).scheme in ("http", "https", "ftp")}
    records = Path(builder.data_dir_root, "downloads").rglob("*.INFO")
    if any(url in record.read_text(encoding="utf-8", errors="replace") for record in records for url in urls):
        return
    problem = unreachable(urls)
    if problem:
        raise DataError(
            f"tfds:{name} is not prepared in {builder.data_dir}, and it cannot be downloaded: {problem}. "
            f"{_prepared_elsewhere(builder, name)}"
        )


def _prepared_elsewhere(builder: "tfds.core.DatasetBuilder", name: str) -> str:
    """How a set comes to a machine without a network."""
    root = Path(builder.data_dir_root)
    folder = Path(builder.data_dir).relative_to(root).parts[0]
    code = f"import tensorflow_datasets as tfds; tfds.builder({name!r}, data_dir='sets').download_and_prepare()"
    return (
        "Give --data-dir where it is prepared. To prepare it on a machine with a network, run\n"
        f'    python -c "{code}"\n'
        f"there, or tfds build {name} --data_dir sets, and copy the folder sets/{folder} into {root} here. It may also "
        f"lie in another folder: give that with --data-dir, such as --data-dir sets for sets/{folder}."
    )


def _prepare(builder: "tfds.core.DatasetBuilder", name: str) -> None:
    import tensorflow_datasets as tfds

    _check_network(builder, name)
    settings = tfds.download.DownloadConfig(try_download_gcs=False)
    try:
        builder.download_and_prepare(download_config=settings, file_format="array_record")
    except Exception as error:
        raise DataError(
            f"tfds:{name} is not prepared in {builder.data_dir}, and downloading and preparing it failed: "
            f"{type(error).__name__}: {error}. {_prepared_elsewhere(builder, name)}"
        ) from error


def _make_random_access(builder: "tfds.core.DatasetBuilder", name: str) -> None:
    """See to it that the set can be read by row number, copying TFRecord files to array_record where needed."""
    from tensorflow_datasets.core.file_adapters import FileFormat

    info = builder.info
    if info.available_file_formats() & set(FileFormat.with_random_access()):
        return
    if info.file_format != FileFormat.TFRECORD:
        raise DataError(f"tfds:{name} is prepared as {info.file_format.value}. Expected array_record or tfrecord.")
    before = {split: part.filepaths for split, part in info.splits.items()}
    info.set_file_format(FileFormat.ARRAY_RECORD, override=True, override_if_initialized=True)
    for split, sources in before.items():
        for source, copy in zip(sources, info.splits[split].filepaths, strict=True):
            _copy(Path(source), Path(copy))


def _copy(source: Path, copy: Path) -> None:
    """Write the records of a TFRecord file as array_record; it appears whole or not at all."""
    import tensorflow as tf
    from array_record.python.array_record_module import ArrayRecordWriter

    if copy.exists():
        return
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        writer = ArrayRecordWriter(str(temporary), "group_size:1")
        for record in tf.data.TFRecordDataset(str(source)).as_numpy_iterator():
            writer.write(record)
        writer.close()
        temporary.rename(copy)
    except Exception as error:
        temporary.unlink(missing_ok=True)
        raise DataError(f"{source} cannot be copied to {copy} in the format array_record: {error}") from error


def _splits(builder: "tfds.core.DatasetBuilder", name: str) -> dict[str, str]:
    """Our split names -> those of the set."""
    own = {split for split, part in builder.info.splits.items() if part.num_examples}
    names = {split: split for split in ("train", "validation", "test") if split in own}
    if "train" not in names:
        if len(own) != 1:
            raise DataError(f"tfds:{name} has the splits {sorted(own)}. Expected train among them, or only one.")
        names = {"train": own.pop()}
    return names
